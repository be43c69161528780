import type { Addresses } from '../addresses/addresses.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isUniqueViolation, violatedConstraint } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Window } from '../storage/window.ts';
import type { Clock } from '../support/clock.ts';
import type { PageRequest, PlaceReferences } from './place.ts';

export type PlacesDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  addresses: Addresses;
  /**
   * Who still uses a location, in words (`3 members`), asked before it is removed; null = nobody. Rooms that stand after
   * this one know.
   */
  describeLocationUse?: (tx: Transaction, organizationId: string, locationId: string) => Promise<string | null>;
  /** How much of later rooms names these response locations. */
  countReferences?: (
    tx: Transaction,
    organizationId: string,
    responseLocationIds: readonly string[],
  ) => Promise<PlaceReferences>;
  /** Lets what names a building that is merged into another name that one, before the first is gone. */
  followMergedBuilding?: (tx: Transaction, organizationId: string, from: string, into: string) => Promise<void>;
  /**
   * Those of these numbers that cannot be ELINs of the organization, and why, in words: somebody has them, callers reach a location on
   * them, or another organization holds them.
   */
  selectUsedNumbers?: (
    tx: Transaction,
    organizationId: string,
    numbers: readonly string[],
  ) => Promise<ReadonlyMap<string, string>>;
};

/** Undoes the transaction of a dry run, and takes its result out of it. */
class DryRunEnd<Result> extends Error {
  readonly result: Result;

  constructor(result: Result) {
    super('dry run');
    this.result = result;
  }
}

/** Keys that hold something else than the unique name of what is changed. */
const TAKEN_KEYS: Readonly<Record<string, { path: string; detail: string }>> = {
  elins_by_number: { path: 'elins', detail: 'one of the ELINs already leads somewhere else' },
};

/** What may still name a place that is to go, by the constraint that keeps it. */
const NAMED_BY: Readonly<Record<string, string>> = {
  address_ranges_location: 'an address range of the organization',
  wire_map_elements_response_location: 'the wire map',
  device_overrides_response_location: 'the place of a device',
  members_location: 'a person, workspace, line or hunt group',
  member_numbers_location: 'a number',
  alert_rules_location: 'a rule of alerts',
  alert_rules_building: 'a rule of alerts',
  alert_rules_response_location: 'a rule of alerts',
};

export type PlacesChange<Result> = {
  result: Result;
  entry: AuditEntry;
  /** What else is not any more as it was read: its version is the newest entry about it. */
  also?: readonly AuditEntry[];
  /** Ids of the places that are made, changed, moved or removed; of those that only go along, none. */
  touched: readonly string[];
};

/** One change of places: rows, audit entry and announcement in one transaction. */
export async function changePlaces<Result>(
  deps: PlacesDeps,
  scope: Scope,
  kind: 'locations' | 'places' | 'emergency-addresses',
  /** What to say when a unique name is taken, and the field that holds it. */
  taken: { path: string; detail: string },
  work: (tx: Transaction, now: Date) => Promise<PlacesChange<Result>>,
  /** Does everything, answers with its result, and stores nothing of it. */
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<Result> {
  try {
    return await deps.database.db.transaction().execute(async (tx) => {
      const { result, entry, also = [], touched } = await work(tx, new Date(deps.clock.nowMs()));
      if (dryRun) throw new DryRunEnd(result);
      for (const one of [entry, ...also]) await deps.audit.record(tx, scope, one);
      await announceChange(tx, kind, scope.organizationId, touched);
      return result;
    });
  } catch (error) {
    if (error instanceof DryRunEnd) return (error as DryRunEnd<Result>).result;
    if (isUniqueViolation(error)) {
      const { path, detail } = TAKEN_KEYS[violatedConstraint(error) ?? ''] ?? taken;
      throw new ProblemError('conflict', detail, { cause: error, fields: [{ path, message: 'is already in use' }] });
    }
    if (isForeignKeyViolation(error)) {
      const user = NAMED_BY[violatedConstraint(error) ?? ''];
      const detail = user ? `it is still in use: ${user} names it` : 'what it is in, or holds, was changed meanwhile';
      throw new ProblemError('conflict', detail, { cause: error });
    }
    throw error;
  }
}

/** Whether a location is none of the administrator's: for them it does not exist, nor does what is in it. */
export function isOutOfReach(scope: Scope, locationId: string): boolean {
  return scope.locationIds !== undefined && !scope.locationIds.has(locationId.toLowerCase());
}

const DEFAULT_MAX = 100;
const LARGEST_MAX = 2_000;

/** Checks a page request; `max` above the largest page gives the largest page. */
export function readWindow(page: PageRequest): Window {
  const { start = 0, max = DEFAULT_MAX } = page;
  const fields = [];
  if (!Number.isSafeInteger(start) || start < 0)
    fields.push({ path: 'start', message: 'is not a whole number from 0' });
  if (!Number.isSafeInteger(max) || max < 1) fields.push({ path: 'max', message: 'is not a whole number from 1' });
  const [first] = fields;
  if (first) throw new ProblemError('invalid', `${first.path} ${first.message}`, { fields });
  return { start, max: Math.min(max, LARGEST_MAX) };
}
