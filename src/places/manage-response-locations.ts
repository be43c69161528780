import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import { createFieldFaults } from '../domain/field-faults.ts';
import type { Scope } from '../domain/scope.ts';
import type { Shape } from '../domain/shape.ts';
import { keepRemoval } from '../storage/kept-removals.ts';
import { recordRemovals } from '../storage/removed-resources.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import { selectBuildings } from './building-records.ts';
import { changePlaces, type PlacesDeps, readWindow } from './change-places.ts';
import { checkElins } from './check-elins.ts';
import { derivePlaces } from './derive-places.ts';
import type { ElinColumn } from './elin-records.ts';
import { replaceElins, selectElins, selectElinsOf } from './elin-records.ts';
import { keptPlace, REMOVED_ROWS } from './kept-place.ts';
import { selectLocations } from './location-records.ts';
import type { Elin, Page, PageRequest, ResponseLocation } from './place.ts';
import { checkShape, civicElements, elinList, emailList, nameKey, requiredText } from './place-fields.ts';
import { readResponseLocation, requireBuildingOf, requireResponseLocation } from './require-response-location.ts';
import type { ResponseLocationColumn } from './response-location-records.ts';
import {
  deleteResponseLocation,
  insertResponseLocation,
  type ResponseLocationQuery,
  type ResponseLocationRow,
  selectMergedInto,
  selectResponseLocationForUpdate,
  selectResponseLocationIds,
  selectResponseLocations,
  updateResponseLocationRow,
} from './response-location-records.ts';

/** So many are read at a time. */
const PAGE = 1_000;

export type NewResponseLocation = {
  /** The location in whose building this is. */
  locationId: string;
  name: string;
  /** Elements inside the building: FLR, ROOM, UNIT, SEAT, LMK, LOC, NAM, BLD, PLC, PN, MP, ADDCODE. */
  detail: CivicAddress;
  shape?: Shape | undefined;
  alertEmails?: readonly string[] | undefined;
  /** E.164; each leads to one response location only. */
  elins?: readonly string[] | undefined;
};

/** Absent = stays. */
export type ResponseLocationChanges = {
  name?: string | undefined;
  detail?: CivicAddress | undefined;
  shape?: Shape | null | undefined;
  alertEmails?: readonly string[] | undefined;
  elins?: readonly string[] | undefined;
};

export type ResponseLocationFilter = PageRequest & {
  locationId?: string | undefined;
  buildingId?: string | undefined;
  /** `FLR`, in any case; empty: those that name none. */
  floor?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
  /** Part of the name, of an element inside the building or of an ELIN, in any case. */
  text?: string | undefined;
  /** `name` unless told. */
  sort?: SortWord<ResponseLocationColumn> | undefined;
};

export type ElinFilter = PageRequest & {
  responseLocationId?: string | undefined;
  /** Part of the number. */
  number?: string | undefined;
  /** `number` unless told. */
  sort?: SortWord<ElinColumn> | undefined;
};

/** Elements that lie inside a building (RFC 4119 §2.2.1, RFC 5139 §3.1, RFC 6848 §5). */
export const INDOOR: ReadonlySet<CivicElement> = new Set([
  'LMK',
  'LOC',
  'FLR',
  'NAM',
  'BLD',
  'UNIT',
  'ROOM',
  'SEAT',
  'PLC',
  'ADDCODE',
  'PN',
  'MP',
]);

export const MAX_NAME = 128;

export const nameTaken = (name: string | undefined) => ({
  path: 'name',
  detail: `the building already has an emergency response location named ${name ?? 'so'}`,
});

/** What the trail shows of a response location. */
export function trailOf({ name, detail, shape, alertEmails, elins }: ResponseLocation): object {
  return { name, detail, ...(shape && { shape }), alertEmails, elins };
}

/** Emergency response locations of an organization. */
export function createResponseLocationManagement(deps: PlacesDeps) {
  const { addresses } = deps;

  /** What is asked of the database: no more than the scope may see. */
  async function narrowed(scope: Scope, filter: ResponseLocationFilter): Promise<ResponseLocationQuery> {
    let locationIds = scope.locationIds === undefined ? undefined : [...scope.locationIds];
    if (filter.locationId !== undefined) {
      const wanted = filter.locationId;
      const allowed = isUuid(wanted) && (locationIds === undefined || locationIds.includes(wanted));
      locationIds = allowed ? [wanted] : [];
    }
    let buildingIds =
      locationIds === undefined
        ? undefined
        : (await selectBuildings(deps.database.db, scope.organizationId, { locationIds })).rows.map((row) => row.id);
    if (filter.buildingId !== undefined) {
      const wanted = filter.buildingId;
      const allowed = isUuid(wanted) && (buildingIds === undefined || buildingIds.includes(wanted));
      buildingIds = allowed ? [wanted] : [];
    }
    return {
      namePart: filter.name === undefined ? undefined : nameKey(filter.name),
      buildingIds,
      floor: filter.floor,
      textPart: filter.text === undefined ? undefined : nameKey(filter.text),
      sort: filter.sort,
    };
  }

  async function shown({ organizationId }: Scope, rows: readonly ResponseLocationRow[]): Promise<ResponseLocation[]> {
    const { db } = deps.database;
    const buildings = await selectBuildings(db, organizationId, { ids: rows.map((row) => row.buildingId) });
    const locations = await selectLocations(
      db,
      organizationId,
      buildings.rows.map((row) => row.locationId),
    );
    const ids = rows.map(({ id }) => id);
    const places = derivePlaces(addresses, {
      locations,
      buildings: buildings.rows,
      responseLocations: [...rows, ...(await selectMergedInto(db, organizationId, ids))],
      elins: await selectElinsOf(db, organizationId, ids),
      mergedBuildings: [],
    });
    return [...(places.get(organizationId)?.responseLocations ?? [])];
  }

  return {
    async createResponseLocation(scope: Scope, input: NewResponseLocation): Promise<ResponseLocation> {
      return changePlaces(deps, scope, 'places', nameTaken(input.name), async (tx, now) => {
        const faults = createFieldFaults();
        const name = requiredText(input.name, 'name', MAX_NAME, faults);
        const detail = civicElements(input.detail, INDOOR, 'detail', faults);
        const alertEmails = emailList(input.alertEmails ?? [], 'alertEmails', faults);
        const elins = elinList(input.elins ?? [], 'elins', faults);
        if (input.shape !== undefined) checkShape(input.shape, 'shape', faults);
        faults.throwIfAny();
        const building = await requireBuildingOf(deps, tx, scope, input.locationId);
        const row: ResponseLocationRow = {
          id: newId(),
          organizationId: scope.organizationId,
          buildingId: building.id,
          name,
          nameKey: nameKey(name),
          detail,
          shape: input.shape ?? null,
          alertEmails,
          mergedInto: null,
          createdAt: now,
          updatedAt: now,
        };
        await insertResponseLocation(tx, row);
        const owner = { organizationId: scope.organizationId, responseLocationId: row.id };
        await checkElins(deps, tx, owner, elins);
        await replaceElins(tx, owner, elins, now);
        const made = await readResponseLocation(tx, row, building);
        return {
          result: made,
          touched: [row.id],
          entry: {
            action: 'response-location.created',
            subject: `response location ${row.id}`,
            after: { locationId: building.locationId, ...trailOf(made) },
          },
        };
      });
    },

    async listResponseLocations(scope: Scope, filter: ResponseLocationFilter): Promise<Page<ResponseLocation>> {
      const window = readWindow(filter);
      const query = await narrowed(scope, filter);
      const { rows, total } = await selectResponseLocations(deps.database.db, scope.organizationId, query, window);
      return { items: await shown(scope, rows), total };
    },

    /**
     * All that the filter finds, some hundred at a time, in the order that they have now: none that is there all the while is left out
     * or told twice, whatever is renamed, added or removed meanwhile.
     */
    async *responseLocationPages(
      scope: Scope,
      filter: ResponseLocationFilter,
    ): AsyncGenerator<readonly ResponseLocation[]> {
      const { organizationId } = scope;
      const { db } = deps.database;
      const query = await narrowed(scope, filter);
      const ids = await selectResponseLocationIds(db, organizationId, query);
      // Whoever sees some locations alone does not see what has left them since.
      const buildingIds = scope.locationIds === undefined ? undefined : query.buildingIds;
      for (let start = 0; start < ids.length; start += PAGE) {
        const wanted = ids.slice(start, start + PAGE);
        const { rows } = await selectResponseLocations(db, organizationId, { ids: wanted, buildingIds });
        const found = new Map((await shown(scope, rows)).map((one) => [one.id, one]));
        yield wanted.flatMap((id) => found.get(id) ?? []);
      }
    },

    async getResponseLocation(scope: Scope, id: string): Promise<ResponseLocation> {
      const { row, building } = await requireResponseLocation(deps, deps.database.db, scope, id);
      return readResponseLocation(deps.database.db, row, building);
    },

    async updateResponseLocation(
      scope: Scope,
      id: string,
      changes: ResponseLocationChanges,
    ): Promise<ResponseLocation> {
      return changePlaces(deps, scope, 'places', nameTaken(changes.name), async (tx, now) => {
        const { row, building } = await requireResponseLocation(deps, tx, scope, id, selectResponseLocationForUpdate);
        const before = await readResponseLocation(tx, row, building);
        const faults = createFieldFaults();
        const next: ResponseLocationRow = { ...row, updatedAt: now };
        if (changes.name !== undefined) {
          next.name = requiredText(changes.name, 'name', MAX_NAME, faults);
          next.nameKey = nameKey(next.name);
        }
        if (changes.detail !== undefined) next.detail = civicElements(changes.detail, INDOOR, 'detail', faults);
        if (changes.shape !== undefined) {
          if (changes.shape !== null) checkShape(changes.shape, 'shape', faults);
          next.shape = changes.shape;
        }
        if (changes.alertEmails !== undefined) {
          next.alertEmails = emailList(changes.alertEmails, 'alertEmails', faults);
        }
        const elins = changes.elins === undefined ? undefined : elinList(changes.elins, 'elins', faults);
        faults.throwIfAny();
        await updateResponseLocationRow(tx, scope.organizationId, row.id, next);
        if (elins !== undefined) {
          const owner = { organizationId: scope.organizationId, responseLocationId: row.id };
          await checkElins(deps, tx, owner, elins);
          await replaceElins(tx, owner, elins, now);
        }
        const after = await readResponseLocation(tx, next, building);
        return {
          result: after,
          touched: [row.id],
          entry: {
            action: 'response-location.updated',
            subject: `response location ${row.id}`,
            before: trailOf(before),
            after: trailOf(after),
          },
        };
      });
    },

    /** A conflict while the wire map names it: a phone there would lose its location. */
    async removeResponseLocation(scope: Scope, id: string): Promise<void> {
      await changePlaces(deps, scope, 'places', nameTaken(undefined), async (tx, now) => {
        const { row, building } = await requireResponseLocation(deps, tx, scope, id, selectResponseLocationForUpdate);
        const before = await readResponseLocation(tx, row, building);
        const { locationId } = building;
        const summary = trailOf(before);
        const place = { kind: 'response-location', id: row.id, name: row.name, locationId, summary } as const;
        await keepRemoval(tx, keptPlace(scope, place, now), REMOVED_ROWS['response-location']);
        await deleteResponseLocation(tx, scope.organizationId, row.id);
        const ids = [row.id, ...before.mergedIds];
        await recordRemovals(tx, { organizationId: scope.organizationId, kind: 'response-location', ids });
        return {
          result: undefined,
          touched: [row.id],
          entry: {
            action: 'response-location.removed',
            subject: `response location ${row.id}`,
            before: summary,
          },
        };
      });
    },

    async listElins(scope: Scope, filter: ElinFilter): Promise<Page<Elin>> {
      const { responseLocationId, number } = filter;
      if (responseLocationId !== undefined && !isUuid(responseLocationId)) return { items: [], total: 0 };
      const { rows, total } = await selectElins(
        deps.database.db,
        scope.organizationId,
        {
          responseLocationId,
          locationIds: scope.locationIds === undefined ? undefined : [...scope.locationIds],
          numberPart: number?.replace(/[^0-9+]/g, ''),
          sort: filter.sort,
        },
        readWindow(filter),
      );
      return {
        items: rows.map((row) => ({
          number: row.number,
          responseLocationId: row.responseLocationId,
          responseLocationName: row.name,
          locationId: row.locationId,
          createdAt: row.createdAt.toISOString(),
        })),
        total,
      };
    },
  };
}
