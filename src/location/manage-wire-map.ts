import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import type { Window } from '../storage/window.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import { readHardwareAddress } from '../wire/held/held.ts';
import { readWindow, reviseWireMap, type WireMapDeps } from './change-wire-map.ts';
import { createElementSearch } from './search-elements.ts';
import { selectCandidates } from './search-records.ts';
import { isElementKind, readElementKey, type WireMapElement } from './wire-map-element.ts';
import {
  deleteElement,
  type ElementColumn,
  type ElementQuery,
  type ElementRow,
  insertElement,
  insertHistory,
  NO_END,
  selectElement,
  selectElements,
  updateElementRow,
} from './wire-map-records.ts';

export type NewWireMapElement = {
  /** `switch-port`, `switch-chassis`, `bssid`, `mac` or `ip-range`. */
  kind: string;
  /** MAC in any spelling; address, CIDR block or `from-to`; chassis of a switch. */
  value: string;
  /** Only for a switch-port, and there required. */
  port?: string | undefined;
  responseLocationId: string;
  description?: string | undefined;
};

/** Absent = stays; the kind of an element does not change. */
export type WireMapElementChanges = {
  value?: string | undefined;
  port?: string | undefined;
  responseLocationId?: string | undefined;
  description?: string | undefined;
};

export type WireMapFilter = {
  kind?: string | undefined;
  responseLocationId?: string | undefined;
  locationId?: string | undefined;
  buildingId?: string | undefined;
  /** Part of value, port or description, in any case. */
  text?: string | undefined;
  /** Only elements that have located nobody for so many days, and are as old. */
  unseenForDays?: number | undefined;
  /** `kind` unless told. */
  sort?: SortWord<ElementColumn> | undefined;
  start?: number | undefined;
  max?: number | undefined;
};

const DAY_MS = 86_400_000;
const MAX_DESCRIPTION = 256;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Free text of one line; fault under `path`. */
export function readDescription(text: string | undefined, path: string, faults: FieldFaults): string {
  const description = text?.trim() ?? '';
  if (description.length > MAX_DESCRIPTION) faults.add(path, `is longer than ${MAX_DESCRIPTION} characters`);
  if (CONTROL_CHARACTER.test(description)) faults.add(path, 'holds a control character');
  return description;
}

/** An element whose place was merged into another stands in that one. */
export function elementOf(places: WireMapDeps['places'], row: ElementRow): WireMapElement {
  if (!isElementKind(row.kind)) throw new Error(`wire map element ${row.id} has the unknown kind ${row.kind}`);
  const place = places.responseLocation(row.organizationId, row.responseLocationId);
  return {
    id: row.id,
    organizationId: row.organizationId,
    kind: row.kind,
    value: row.value,
    port: row.port,
    responseLocationId: place?.id ?? row.responseLocationId,
    responseLocationName: place?.name ?? null,
    locationId: place?.locationId ?? null,
    locationName: place ? (places.location(row.organizationId, place.locationId)?.name ?? null) : null,
    description: row.description,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

const PLACES_PAGE = 1_000;

/** The response locations that a filter leaves, with those that were merged into them; undefined: all. */
async function placesOf(
  deps: Pick<WireMapDeps, 'places'>,
  scope: Scope,
  { responseLocationId, locationId, buildingId }: WireMapFilter,
): Promise<string[] | undefined> {
  if (responseLocationId !== undefined) {
    if (!isUuid(responseLocationId)) return [];
    const place = deps.places.responseLocation(scope.organizationId, responseLocationId);
    if (place === undefined) return [responseLocationId];
    const isThere =
      (locationId ?? place.locationId) === place.locationId && (buildingId ?? place.buildingId) === place.buildingId;
    return isThere ? [place.id, ...place.mergedIds] : [];
  }
  if (locationId === undefined && buildingId === undefined) return undefined;
  const ids: string[] = [];
  for (let start = 0, all = 1; start < all; start += PLACES_PAGE) {
    const page = { locationId, buildingId, start, max: PLACES_PAGE };
    const { items, total } = await deps.places.listResponseLocations(scope, page);
    for (const { id, mergedIds } of items) ids.push(id, ...mergedIds);
    all = total;
  }
  return ids;
}

/** Which rows a filter means; null: none can be meant. Throws `invalid` for a kind that does not exist. */
export async function elementQuery(
  deps: Pick<WireMapDeps, 'places' | 'clock'>,
  scope: Scope,
  filter: WireMapFilter,
): Promise<ElementQuery | null> {
  const { kind, text, unseenForDays, sort } = filter;
  if (kind !== undefined && !isElementKind(kind)) {
    throw new ProblemError('invalid', `kind ${kind} does not exist`, {
      fields: [{ path: 'kind', message: 'is not a kind of element' }],
    });
  }
  const unseenSince = unseenForDays === undefined ? undefined : new Date(deps.clock.nowMs() - unseenForDays * DAY_MS);
  const responseLocationIds = await placesOf(deps, scope, filter);
  if (responseLocationIds?.length === 0) return null;
  return { kind, responseLocationIds, text, unseenSince, sort };
}

/** Throws `invalid` (`responseLocationId`). Asked before the transaction opens: the embedded engine has one session. */
export async function requireResponseLocation(
  deps: Pick<WireMapDeps, 'places'>,
  scope: Scope,
  id: string,
): Promise<void> {
  try {
    await deps.places.getResponseLocation(scope, id);
  } catch (error) {
    if (!(error instanceof ProblemError) || (error.kind !== 'not-found' && error.kind !== 'gone')) throw error;
    throw new ProblemError('invalid', error.message, {
      cause: error,
      fields: [{ path: 'responseLocationId', message: 'is not an emergency response location of this organization' }],
    });
  }
}

/** What ties network elements to emergency response locations. */
export function createWireMapManagement(deps: WireMapDeps) {
  const { db } = deps.database;
  const search = createElementSearch(deps);

  /** Parts of texts where the search says; everything else by the indexes of the database. */
  async function findElements(organizationId: string, query: ElementQuery, window: Window) {
    const { text } = query;
    if (text !== undefined && readHardwareAddress(text.trim()) === undefined) {
      const candidates = await search.find(organizationId, { ...query, text }, window.start + window.max + 1);
      if (candidates !== undefined) return selectCandidates(db, organizationId, query, candidates, window);
    }
    const found = await selectElements(db, organizationId, query, window);
    // Whoever looks at a large wire map is likely to search in it.
    if (found.hasMore) search.prepare(organizationId);
    return found;
  }

  async function requireElement(db: Queryable, { organizationId }: Scope, id: string): Promise<ElementRow> {
    const row = isUuid(id) ? await selectElement(db, organizationId, id) : undefined;
    if (row) return row;
    throw missing(await wasRemoved(db, { organizationId, kind: 'wire-map-element', id }), `wire map element ${id}`);
  }

  return {
    /** Ends the thread that searches. */
    stopSearch: () => search.stop(),

    async createElement(scope: Scope, input: NewWireMapElement): Promise<WireMapElement> {
      const faults = createFieldFaults();
      const key = readElementKey(input, '', faults);
      const description = readDescription(input.description, 'description', faults);
      faults.throwIfAny();
      if (key === undefined) throw new ProblemError('invalid', 'the element cannot be read');
      await requireResponseLocation(deps, scope, input.responseLocationId);
      return reviseWireMap(deps, scope, async (tx, { now, revision }) => {
        const row: ElementRow = {
          id: newId(),
          organizationId: scope.organizationId,
          ...key,
          responseLocationId: input.responseLocationId,
          description,
          createdAt: now,
          updatedAt: now,
          revision,
          endedRevision: NO_END,
        };
        await insertElement(tx, row);
        return {
          result: elementOf(deps.places, row),
          counts: { added: 1, changed: 0, removed: 0 },
          entry: {
            action: 'wire-map.element-created',
            subject: `wire map element ${row.id}`,
            after: { ...key, responseLocationId: row.responseLocationId },
          },
        };
      });
    },

    async listElements(scope: Scope, filter: WireMapFilter): Promise<{ items: WireMapElement[]; hasMore: boolean }> {
      const query = await elementQuery(deps, scope, filter);
      const window = readWindow(filter);
      if (query === null) return { items: [], hasMore: false };
      const { rows, hasMore } = await findElements(scope.organizationId, query, window);
      return { items: rows.map((row) => elementOf(deps.places, row)), hasMore };
    },

    async getElement(scope: Scope, id: string): Promise<WireMapElement> {
      return elementOf(deps.places, await requireElement(deps.database.db, scope, id));
    },

    async updateElement(scope: Scope, id: string, changes: WireMapElementChanges): Promise<WireMapElement> {
      if (changes.responseLocationId !== undefined)
        await requireResponseLocation(deps, scope, changes.responseLocationId);
      return reviseWireMap(deps, scope, async (tx, { now, revision }) => {
        const row = await requireElement(tx, scope, id);
        const faults = createFieldFaults();
        const key = readElementKey(
          { kind: row.kind, value: changes.value ?? row.value, port: changes.port ?? row.port },
          '',
          faults,
        );
        const description = readDescription(changes.description ?? row.description, 'description', faults);
        faults.throwIfAny();
        if (key === undefined) throw new ProblemError('invalid', 'the element cannot be read');
        const responseLocationId = changes.responseLocationId ?? row.responseLocationId;
        const next = { ...key, responseLocationId, description, updatedAt: now, revision };
        await insertHistory(tx, row, revision);
        await updateElementRow(tx, scope.organizationId, row.id, next);
        return {
          result: elementOf(deps.places, { ...row, ...next }),
          counts: { added: 0, changed: 1, removed: 0 },
          entry: {
            action: 'wire-map.element-updated',
            subject: `wire map element ${row.id}`,
            before: { value: row.value, port: row.port, responseLocationId: row.responseLocationId },
            after: { value: key.value, port: key.port, responseLocationId },
          },
        };
      });
    },

    async removeElement(scope: Scope, id: string): Promise<void> {
      await reviseWireMap(deps, scope, async (tx, { revision }) => {
        const row = await requireElement(tx, scope, id);
        await insertHistory(tx, row, revision);
        await deleteElement(tx, scope.organizationId, row.id);
        await recordRemoval(tx, { organizationId: scope.organizationId, kind: 'wire-map-element', id: row.id });
        return {
          result: undefined,
          counts: { added: 0, changed: 0, removed: 1 },
          entry: {
            action: 'wire-map.element-removed',
            subject: `wire map element ${row.id}`,
            before: { kind: row.kind, value: row.value, port: row.port, responseLocationId: row.responseLocationId },
          },
        };
      });
    },
  };
}
