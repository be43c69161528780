import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CivicAddress } from '../domain/civic-address.ts';
import type { FieldFaults } from '../domain/field-faults.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Shape } from '../domain/shape.ts';
import type { Transaction } from '../storage/database.ts';
import { lockNumberUse } from '../storage/number-lock.ts';
import { recordRemovals } from '../storage/removed-resources.ts';
import { newId } from '../support/ids.ts';
import { selectBuildings } from './building-records.ts';
import { changePlaces, isOutOfReach, type PlacesDeps } from './change-places.ts';
import { deleteElinsOf, insertElins, selectElinsOf, selectTakenElins } from './elin-records.ts';
import { selectLocationBriefs } from './location-records.ts';
import { INDOOR, MAX_NAME } from './manage-response-locations.ts';
import { moveMerged } from './merged-place-records.ts';
import type { DryRunOption } from './move-response-location.ts';
import { checkShape, civicElements, elinList, emailList, nameKey, requiredText } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import {
  type ResponseLocationCells,
  type RowFault,
  readResponseLocationFile,
  readShapeCells,
} from './response-location-csv.ts';
import {
  deleteResponseLocation,
  insertResponseLocations,
  type ResponseLocationRow,
  selectMergedInto,
  selectResponseLocations,
  selectResponseLocationsForUpdate,
  updateResponseLocationRow,
} from './response-location-records.ts';

export type ImportedResponseLocation = { id: string; location: string; name: string };

/** What an import changed, or would change; of each list the first 1,000. */
export type ResponseLocationImport = {
  dryRun: boolean;
  counts: { added: number; changed: number; unchanged: number; removed: number; errors: number };
  added: ImportedResponseLocation[];
  /** `fields` are what differs. */
  changed: (ImportedResponseLocation & { fields: string[] })[];
  removed: ImportedResponseLocation[];
  errors: RowFault[];
};

export type ResponseLocationImportOptions = DryRunOption & {
  /** Remove what the file does not name. */
  replace?: boolean | undefined;
};

const MAX_LISTED = 1_000;
const ROWS_PER_TURN = 200;
const ROWS_AT_ONCE = 1_000;

/** What the organization has now, as rows of a file are compared with it. */
type Present = {
  rows: Map<string, ResponseLocationRow>;
  elins: Map<string, string[]>;
  mergedInto: Map<string, string>;
  byName: Map<string, string>;
  locations: Map<string, { id: string; name: string }>;
  locationNames: Map<string, string>;
  /** By location. */
  buildings: Map<string, string>;
  /** By building. */
  locationOf: Map<string, string>;
};

async function readPresent(tx: Transaction, scope: Scope): Promise<Present> {
  const { organizationId } = scope;
  const briefs = await selectLocationBriefs(tx, organizationId);
  const buildings = (await selectBuildings(tx, organizationId, {})).rows;
  const { rows } = await selectResponseLocations(tx, organizationId, {});
  const ids = rows.map(({ id }) => id);
  const locations = new Map<string, { id: string; name: string }>();
  for (const { id, name } of briefs) {
    locations.set(nameKey(name), { id, name });
    locations.set(id, { id, name });
  }
  const elins = Map.groupBy(await selectElinsOf(tx, organizationId, ids), (row) => row.responseLocationId);
  return {
    rows: new Map(rows.map((row) => [row.id, row])),
    elins: new Map([...elins].map(([id, list]) => [id, list.map(({ number }) => number)])),
    mergedInto: new Map(
      (await selectMergedInto(tx, organizationId, ids)).map(({ id, mergedInto }) => [id, mergedInto ?? '']),
    ),
    byName: new Map(rows.map((row) => [`${row.buildingId}\n${row.nameKey}`, row.id])),
    locations,
    locationNames: new Map(briefs.map(({ id, name }) => [id, name])),
    buildings: new Map(buildings.map((row) => [row.locationId, row.id])),
    locationOf: new Map(buildings.map((row) => [row.id, row.locationId])),
  };
}

/** What a row makes of a response location; `elins` undefined = they stay. */
type Planned = {
  line: number;
  row: ResponseLocationRow;
  elins: string[] | undefined;
  before: ResponseLocationRow | undefined;
  fields: string[];
};

/** Reads one row against what is there; undefined after a fault. */
function planRow(
  { line, cells }: ResponseLocationCells,
  present: Present,
  scope: Scope,
  now: Date,
  tell: (column: string, message: string) => void,
): Planned | undefined {
  let faulty = false;
  const fault = (column: string, message: string): void => {
    faulty = true;
    tell(column, message);
  };
  const faults: FieldFaults = {
    add(path, message) {
      const [first = '', second = ''] = path.split('.');
      fault(first === 'detail' ? second : first, message);
    },
    throwIfAny: () => undefined,
  };

  const id = cells.id?.toLowerCase() ?? '';
  const survivor = present.mergedInto.get(id);
  if (survivor !== undefined) fault('id', `was merged into ${survivor}`);
  else if (id !== '' && !present.rows.has(id)) fault('id', `there is no emergency response location ${cells.id}`);
  const byId = present.rows.get(id);
  const named = cells.location ?? '';
  const location = named === '' ? undefined : present.locations.get(nameKey(named));
  if (named !== '' && location === undefined) fault('location', `there is no location ${named.slice(0, 128)}`);
  if (named === '' && byId === undefined) fault('location', 'is required');
  const buildingId = location === undefined ? byId?.buildingId : present.buildings.get(location.id);
  if (location !== undefined && buildingId === undefined)
    fault('location', `location ${location.name} has no building`);
  const name =
    cells.name === undefined && byId !== undefined
      ? byId.name
      : requiredText(cells.name ?? '', 'name', MAX_NAME, faults);
  if (buildingId === undefined) return undefined;
  const before = byId ?? present.rows.get(present.byName.get(`${buildingId}\n${nameKey(name)}`) ?? '');

  const detail: Record<string, string> = { ...(before?.detail as CivicAddress | undefined) };
  const told: Record<string, string> = {};
  for (const element of INDOOR) {
    const value = cells[element];
    if (value === undefined) continue;
    told[element] = value;
    delete detail[element];
  }
  Object.assign(detail, civicElements(told, INDOOR, 'detail', faults));
  const shape = readShapeCells(cells, fault);
  if (shape && !faulty) checkShape(shape, 'shape', faults);
  const words = (cell: string): string[] => cell.split(/[\s;]+/).filter((word) => word !== '');
  const alertEmails =
    cells.alertEmails === undefined ? undefined : emailList(words(cells.alertEmails), 'alertEmails', faults);
  const elins = cells.elins === undefined ? undefined : elinList(words(cells.elins), 'elins', faults).sort();
  if (faulty) return undefined;

  const row: ResponseLocationRow = {
    id: before?.id ?? newId(),
    organizationId: scope.organizationId,
    buildingId,
    name,
    nameKey: nameKey(name),
    detail,
    shape: shape === undefined ? (before?.shape ?? null) : shape,
    alertEmails: alertEmails ?? before?.alertEmails ?? [],
    mergedInto: null,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
  const fields = (['buildingId', 'name', 'detail', 'shape', 'alertEmails'] as const).filter(
    (field) => before !== undefined && !isDeepStrictEqual(plain(row[field]), plain(before[field])),
  ) as string[];
  if (before !== undefined && elins && !isDeepStrictEqual(elins, present.elins.get(before.id) ?? []))
    fields.push('elins');
  return { line, row, elins, before, fields: fields.map((field) => (field === 'buildingId' ? 'location' : field)) };
}

function plain(value: Shape | object | string | readonly string[] | null): unknown {
  return value === null || typeof value === 'string' ? value : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** Imports response locations from CSV: all rows or none, with what differs and, row by row, what is wrong. */
export function createImportResponseLocations(deps: PlacesDeps) {
  return async function importResponseLocations(
    scope: Scope,
    csvText: string,
    { dryRun = false, replace = false }: ResponseLocationImportOptions = {},
  ): Promise<ResponseLocationImport> {
    const { organizationId } = scope;
    const errors: RowFault[] = [];
    let errorCount = 0;
    const fault = (one: RowFault): void => {
      errorCount += 1;
      if (errors.length < MAX_LISTED) errors.push(one);
    };
    const file = await readResponseLocationFile(csvText, fault);
    const taken = { path: 'name', detail: 'two rows would have one name in one building' };
    return changePlaces(
      deps,
      scope,
      'places',
      taken,
      async (tx, now) => {
        await lockPlaces(tx, organizationId);
        await selectResponseLocationsForUpdate(tx, organizationId);
        const present = await readPresent(tx, scope);
        const plans: Planned[] = [];
        const lineOfId = new Map<string, number>();
        const lineOfName = new Map<string, number>();
        const lineOfElin = new Map<string, number>();
        const ownerOfElin = new Map<string, string>();
        for (const [place, cells] of file.entries()) {
          const { line } = cells;
          const plan = planRow(cells, present, scope, now, (column, message) => fault({ line, column, message }));
          if (place % ROWS_PER_TURN === 0) await nextTurn();
          if (plan === undefined) continue;
          const once = (known: Map<string, number>, key: string, column: string): void => {
            const earlier = known.get(key);
            if (earlier === undefined) known.set(key, line);
            else fault({ line, column, message: `is the same as in line ${earlier}` });
          };
          once(lineOfId, plan.row.id, plan.before === undefined ? 'name' : 'id');
          once(lineOfName, `${plan.row.buildingId}\n${plan.row.nameKey}`, 'name');
          for (const number of plan.elins ?? []) {
            once(lineOfElin, number, 'elins');
            ownerOfElin.set(number, plan.row.id);
          }
          plans.push(plan);
        }

        const removed = replace ? [...present.rows.values()].filter(({ id }) => !lineOfId.has(id)) : [];
        const gone = new Set(removed.map(({ id }) => id));
        // A name or number that a row gives up, another may take.
        for (const { line, row } of plans) {
          const holder = present.byName.get(`${row.buildingId}\n${row.nameKey}`);
          if (holder !== undefined && holder !== row.id && !lineOfId.has(holder) && !gone.has(holder)) {
            fault({ line, column: 'name', message: `the building has another one of this name: ${holder}` });
          }
        }
        const withElins = plans.filter(({ elins, before, fields }) => elins && (!before || fields.includes('elins')));
        const freed = new Set([...withElins.map(({ row }) => row.id), ...gone]);
        const elins = [...lineOfElin.keys()];
        if (elins.length > 0) await lockNumberUse(tx);
        for (const [number, why] of (await deps.selectUsedNumbers?.(tx, organizationId, elins)) ?? []) {
          fault({ line: lineOfElin.get(number) ?? 0, column: 'elins', message: `${number} ${why}` });
        }
        for (const one of await selectTakenElins(tx, elins, undefined)) {
          const line = lineOfElin.get(one.number) ?? 0;
          const isOwn = ownerOfElin.get(one.number) === one.responseLocationId;
          if (isOwn || freed.has(one.responseLocationId)) continue;
          const owned = one.organizationId === organizationId;
          const where = owned ? `leads to emergency response location ${one.responseLocationId}` : 'is in use';
          fault({ line, column: 'elins', message: `${one.number} ${where}` });
        }

        const viewOf = (row: ResponseLocationRow): ImportedResponseLocation => {
          const locationId = present.locationOf.get(row.buildingId) ?? '';
          return { id: row.id, location: present.locationNames.get(locationId) ?? '', name: row.name };
        };
        const added = plans.filter(({ before }) => before === undefined);
        const changed = plans.filter(({ fields }) => fields.length > 0);
        for (const { row, before } of [...added, ...changed]) {
          for (const { buildingId } of before ? [row, before] : [row]) {
            requireReach(scope, present.locationOf.get(buildingId));
          }
        }
        for (const row of removed) requireReach(scope, present.locationOf.get(row.buildingId));
        const result: ResponseLocationImport = {
          dryRun,
          counts: {
            added: added.length,
            changed: changed.length,
            unchanged: plans.length - added.length - changed.length,
            removed: removed.length,
            errors: errorCount,
          },
          added: added.slice(0, MAX_LISTED).map(({ row }) => viewOf(row)),
          changed: changed.slice(0, MAX_LISTED).map(({ row, fields }) => ({ ...viewOf(row), fields })),
          removed: removed.slice(0, MAX_LISTED).map(viewOf),
          errors,
        };
        const entry = {
          action: 'response-location.imported',
          subject: 'response locations',
          detail: { counts: result.counts, added: result.added, changed: result.changed, removed: result.removed },
        };
        const removedIds = removed.map(({ id }) => id);
        const touched = [...added, ...changed].map(({ row }) => row.id).concat(removedIds);
        if (errorCount > 0) {
          if (dryRun) return { result, entry, touched };
          throw new ProblemError('invalid', `${errorCount} faults in the file; nothing was changed`, {
            fields: errors.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
          });
        }

        for (const { id } of removed) await deleteResponseLocation(tx, organizationId, id);
        for (let from = 0; from < removedIds.length; from += ROWS_AT_ONCE) {
          const ids = removedIds.slice(from, from + ROWS_AT_ONCE);
          await recordRemovals(tx, { organizationId, kind: 'response-location', ids });
        }
        // Names are given up before others take them.
        for (const { row } of changed.filter(({ fields }) =>
          fields.some((one) => one === 'name' || one === 'location'),
        )) {
          await updateResponseLocationRow(tx, organizationId, row.id, { ...row, nameKey: row.id });
        }
        for (const { row } of changed) {
          await updateResponseLocationRow(tx, organizationId, row.id, row);
          await moveMerged(tx, organizationId, row.id, row.buildingId);
        }
        await insertResponseLocations(
          tx,
          added.map(({ row }) => row),
        );
        await deleteElinsOf(
          tx,
          organizationId,
          withElins.map(({ row }) => row.id),
        );
        await insertElins(
          tx,
          withElins.flatMap(({ row, elins }) =>
            (elins ?? []).map((number) => ({ number, organizationId, responseLocationId: row.id, createdAt: now })),
          ),
        );
        return { result, entry, touched };
      },
      { dryRun },
    );
  };
}

function requireReach(scope: Scope, locationId = ''): void {
  if (isOutOfReach(scope, locationId)) {
    throw new ProblemError(
      'forbidden',
      'the file changes what is at locations that this administrator does not manage',
    );
  }
}
