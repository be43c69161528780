import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import { createFieldFaults } from '../domain/field-faults.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Shape } from '../domain/shape.ts';
import type { Queryable } from '../storage/database.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import { isUuid, newId } from '../support/ids.ts';
import { changePlaces, type PlacesDeps, readWindow } from './change-places.ts';
import { deriveBuilding, deriveLocation, derivePlaces, deriveResponseLocation } from './derive-places.ts';
import type { Page, PageRequest, PlaceBuilding, ResponseLocation } from './place.ts';
import { checkShape, civicElements, emailList, nameKey, requiredText } from './place-fields.ts';
import {
  deleteResponseLocation,
  insertResponseLocation,
  type ResponseLocationRow,
  selectBuildingOfLocation,
  selectBuildings,
  selectLocations,
  selectResponseLocation,
  selectResponseLocations,
  updateResponseLocationRow,
} from './places-records.ts';
import { requireLocationRow } from './require-location.ts';

export type NewResponseLocation = {
  /** The location in whose building this is. */
  locationId: string;
  name: string;
  /** Elements inside the building: FLR, ROOM, UNIT, SEAT, LMK, LOC, NAM, BLD, PLC, PN, MP, ADDCODE. */
  detail: CivicAddress;
  shape?: Shape | undefined;
  alertEmails?: readonly string[] | undefined;
};

/** Absent = stays. */
export type ResponseLocationChanges = {
  name?: string | undefined;
  detail?: CivicAddress | undefined;
  shape?: Shape | null | undefined;
  alertEmails?: readonly string[] | undefined;
};

export type ResponseLocationFilter = PageRequest & {
  locationId?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
};

/** Elements that lie inside a building (RFC 4119 §2.2.1, RFC 5139 §3.1, RFC 6848 §5). */
const INDOOR: ReadonlySet<CivicElement> = new Set([
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

const MAX_NAME = 128;

/** Emergency response locations of an organization. */
export function createResponseLocationManagement(deps: PlacesDeps) {
  const { addresses } = deps;

  const nameTaken = (name: string | undefined) => ({
    path: 'name',
    detail: `the building already has an emergency response location named ${name ?? 'so'}`,
  });

  async function buildingOf(db: Queryable, scope: Scope, locationId: string): Promise<PlaceBuilding> {
    const location = await requireLocationRow(db, scope, locationId);
    const building = await selectBuildingOfLocation(db, scope.organizationId, location.id);
    if (building === undefined) {
      throw new ProblemError('conflict', `location ${location.id} has no building yet; create that first`);
    }
    return deriveBuilding(addresses, building, deriveLocation(addresses, location));
  }

  async function requireOne(
    db: Queryable,
    scope: Scope,
    id: string,
  ): Promise<{ row: ResponseLocationRow; building: PlaceBuilding }> {
    const row = isUuid(id) ? await selectResponseLocation(db, scope.organizationId, id) : undefined;
    const buildings = row && (await selectBuildings(db, scope.organizationId, { ids: [row.buildingId] }));
    const locationId = buildings?.rows[0]?.locationId;
    if (row === undefined || locationId === undefined) {
      const removed = await wasRemoved(db, { organizationId: scope.organizationId, kind: 'response-location', id });
      throw missing(removed, `emergency response location ${id}`);
    }
    return { row, building: await buildingOf(db, scope, locationId) };
  }

  return {
    async createResponseLocation(scope: Scope, input: NewResponseLocation): Promise<ResponseLocation> {
      return changePlaces(deps, scope, 'places', nameTaken(input.name), async (tx, now) => {
        const faults = createFieldFaults();
        const name = requiredText(input.name, 'name', MAX_NAME, faults);
        const detail = civicElements(input.detail, INDOOR, 'detail', faults);
        const alertEmails = emailList(input.alertEmails ?? [], 'alertEmails', faults);
        if (input.shape !== undefined) checkShape(input.shape, 'shape', faults);
        faults.throwIfAny();
        const building = await buildingOf(tx, scope, input.locationId);
        const row: ResponseLocationRow = {
          id: newId(),
          organizationId: scope.organizationId,
          buildingId: building.id,
          name,
          nameKey: nameKey(name),
          detail,
          shape: input.shape ?? null,
          alertEmails,
          createdAt: now,
          updatedAt: now,
        };
        await insertResponseLocation(tx, row);
        return {
          result: deriveResponseLocation(row, building),
          entry: {
            action: 'response-location.created',
            subject: `response location ${row.id}`,
            after: { locationId: building.locationId, name, detail, alertEmails },
          },
        };
      });
    },

    async listResponseLocations(scope: Scope, filter: ResponseLocationFilter): Promise<Page<ResponseLocation>> {
      const window = readWindow(filter);
      const { db } = deps.database;
      let locationIds = scope.locationIds === undefined ? undefined : [...scope.locationIds];
      if (filter.locationId !== undefined) {
        const wanted = filter.locationId;
        const allowed = isUuid(wanted) && (locationIds === undefined || locationIds.includes(wanted));
        locationIds = allowed ? [wanted] : [];
      }
      const buildingIds =
        locationIds === undefined
          ? undefined
          : (await selectBuildings(db, scope.organizationId, { locationIds })).rows.map((row) => row.id);
      const { rows, total } = await selectResponseLocations(
        db,
        scope.organizationId,
        { namePart: filter.name === undefined ? undefined : nameKey(filter.name), buildingIds },
        window,
      );
      const buildings = await selectBuildings(db, scope.organizationId, { ids: rows.map((row) => row.buildingId) });
      const locations = await selectLocations(
        db,
        scope.organizationId,
        buildings.rows.map((row) => row.locationId),
      );
      const places = derivePlaces(addresses, {
        locations,
        buildings: buildings.rows,
        responseLocations: rows,
      });
      return { items: places.get(scope.organizationId)?.responseLocations ?? [], total };
    },

    async getResponseLocation(scope: Scope, id: string): Promise<ResponseLocation> {
      const { row, building } = await requireOne(deps.database.db, scope, id);
      return deriveResponseLocation(row, building);
    },

    async updateResponseLocation(
      scope: Scope,
      id: string,
      changes: ResponseLocationChanges,
    ): Promise<ResponseLocation> {
      return changePlaces(deps, scope, 'places', nameTaken(changes.name), async (tx, now) => {
        const { row, building } = await requireOne(tx, scope, id);
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
        faults.throwIfAny();
        await updateResponseLocationRow(tx, scope.organizationId, row.id, next);
        return {
          result: deriveResponseLocation(next, building),
          entry: {
            action: 'response-location.updated',
            subject: `response location ${row.id}`,
            before: { name: row.name, detail: row.detail, alertEmails: row.alertEmails },
            after: { name: next.name, detail: next.detail, alertEmails: next.alertEmails },
          },
        };
      });
    },

    /** A conflict while the wire map names it: a phone there would lose its location. */
    async removeResponseLocation(scope: Scope, id: string): Promise<void> {
      await changePlaces(deps, scope, 'places', nameTaken(undefined), async (tx) => {
        const { row } = await requireOne(tx, scope, id);
        await deleteResponseLocation(tx, scope.organizationId, row.id);
        await recordRemoval(tx, { organizationId: scope.organizationId, kind: 'response-location', id: row.id });
        return {
          result: undefined,
          entry: {
            action: 'response-location.removed',
            subject: `response location ${row.id}`,
            before: { name: row.name, detail: row.detail, alertEmails: row.alertEmails },
          },
        };
      });
    },
  };
}
