import { createFieldFaults } from '../domain/field-faults.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { recordRemovals } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { reviseWireMap, type WireMapDeps } from './change-wire-map.ts';
import {
  elementOf,
  elementQuery,
  readDescription,
  requireResponseLocation,
  type WireMapFilter,
} from './manage-wire-map.ts';
import type { WireMapElement } from './wire-map-element.ts';
import {
  deleteElements,
  type ElementRow,
  insertHistoryOf,
  selectSomeElements,
  selectStillLedTo,
  updateElementRows,
} from './wire-map-records.ts';

/** Elements by their ids or by what finds them, and what becomes of them. */
export type ElementsChange = {
  ids?: readonly string[] | undefined;
  filter?: Omit<WireMapFilter, 'start' | 'max'> | undefined;
  /** Absent = stays. */
  responseLocationId?: string | undefined;
  description?: string | undefined;
  /** Instead of changing them. */
  remove?: boolean | undefined;
};

export type ChangedElements = {
  applied: boolean;
  counts: { changed: number; removed: number; unchanged: number };
  /** The first hundred that change, as they were. */
  before: WireMapElement[];
  /** Names of response locations to which no element leads any more, the first hundred. */
  leftWithout: string[];
  /** The revision that says so; null where nothing changes, or would change only. */
  revision: number | null;
};

const MOST_AT_ONCE = 2_000;
const LISTED = 100;

/** One change of many elements in one revision: all or none, at most 2,000. */
export function createChangeElements(deps: WireMapDeps) {
  return async function changeElements(
    scope: Scope,
    wanted: ElementsChange,
    { dryRun = false }: { dryRun?: boolean | undefined } = {},
  ): Promise<ChangedElements> {
    const { organizationId } = scope;
    const remove = wanted.remove === true;
    const values = await readValues(wanted, remove);
    const which = await readWhich(wanted);

    async function requireRows(db: Queryable): Promise<ElementRow[]> {
      const rows = which === null ? [] : await selectSomeElements(db, organizationId, which, MOST_AT_ONCE + 1);
      if (rows.length > MOST_AT_ONCE) {
        throw new ProblemError('too-large', `more than ${MOST_AT_ONCE} elements; narrow the filter, or import a file`);
      }
      const missing = wanted.ids && new Set(wanted.ids).size - rows.length;
      if (missing) throw new ProblemError('conflict', `${missing} of the elements are not there any more; look again`);
      return rows;
    }

    async function readValues(
      { responseLocationId, description }: ElementsChange,
      isRemoval: boolean,
    ): Promise<{ responseLocationId?: string; description?: string }> {
      if (isRemoval !== (responseLocationId === undefined && description === undefined)) {
        throw new ProblemError('invalid', 'either say what changes, or remove the elements');
      }
      const faults = createFieldFaults();
      const read = description === undefined ? undefined : readDescription(description, 'description', faults);
      faults.throwIfAny();
      if (responseLocationId !== undefined) await requireResponseLocation(deps, scope, responseLocationId);
      return {
        ...(responseLocationId !== undefined && { responseLocationId }),
        ...(read !== undefined && { description: read }),
      };
    }

    async function readWhich({ ids, filter }: ElementsChange) {
      if ((ids === undefined) === (filter === undefined)) {
        throw new ProblemError('invalid', 'name the elements either by ids or by a filter');
      }
      if (ids === undefined) return elementQuery(deps, scope, filter ?? {});
      if (!ids.every(isUuid)) throw invalidField('ids', 'is not an id');
      return { ids };
    }

    function isChanged(row: ElementRow): boolean {
      if (remove) return true;
      const { responseLocationId = row.responseLocationId, description = row.description } = values;
      return responseLocationId !== row.responseLocationId || description !== row.description;
    }

    /** Response locations that the elements lead to now and that nothing else leads to. */
    async function leftWithout(db: Queryable, changing: readonly ElementRow[]): Promise<string[]> {
      if (!remove && values.responseLocationId === undefined) return [];
      const places = new Map(
        changing.map((row) => {
          const place = deps.places.responseLocation(organizationId, row.responseLocationId);
          return [place?.id ?? row.responseLocationId, place] as const;
        }),
      );
      places.delete(values.responseLocationId ?? '');
      const ids = [...places].flatMap(([id, place]) => [id, ...(place?.mergedIds ?? [])]);
      const others = await selectStillLedTo(
        db,
        organizationId,
        ids,
        changing.map(({ id }) => id),
      );
      const ledTo = new Set(others.map((id) => deps.places.responseLocation(organizationId, id)?.id ?? id));
      return [...places]
        .filter(([id]) => !ledTo.has(id))
        .map(([id, place]) => place?.name ?? id)
        .slice(0, LISTED);
    }

    async function look(db: Queryable): Promise<{ ids: string[]; changing: ElementRow[]; found: ChangedElements }> {
      const rows = await requireRows(db);
      const changing = rows.filter(isChanged);
      const ids = changing.map(({ id }) => id);
      const counts = { changed: remove ? 0 : ids.length, removed: remove ? ids.length : 0 };
      const found: ChangedElements = {
        applied: false,
        counts: { ...counts, unchanged: rows.length - ids.length },
        before: changing.slice(0, LISTED).map((row) => elementOf(deps.places, row)),
        leftWithout: await leftWithout(db, changing),
        revision: null,
      };
      return { ids, changing, found };
    }

    const seen = await look(deps.database.db);
    // What changes nothing makes no revision.
    if (dryRun || seen.ids.length === 0) return { ...seen.found, applied: !dryRun };
    return reviseWireMap(deps, scope, async (tx, { now, revision }) => {
      const { ids, changing, found } = await look(tx);
      await insertHistoryOf(tx, organizationId, ids, revision);
      if (remove) {
        await deleteElements(tx, organizationId, ids);
        await recordRemovals(tx, { organizationId, kind: 'wire-map-element', ids });
      } else await updateElementRows(tx, organizationId, ids, { ...values, updatedAt: now, revision });
      return {
        result: { ...found, applied: true, revision },
        counts: { added: 0, changed: found.counts.changed, removed: found.counts.removed },
        entry: {
          action: remove ? 'wire-map.elements-removed' : 'wire-map.elements-updated',
          subject: 'wire map',
          before: changing.slice(0, LISTED).map(trailOf),
          ...(!remove && { after: values }),
          detail: found.counts,
        },
      };
    });
  };
}

function trailOf({ id, kind, value, port, responseLocationId }: ElementRow): object {
  return { id, kind, value, port, responseLocationId };
}
