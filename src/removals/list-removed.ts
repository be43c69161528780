import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import {
  type KeptRemoval,
  RESTORABLE_DAYS,
  type RemovalFilter,
  type RestorableKind,
  selectKeptRemovals,
} from '../storage/kept-removals.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid } from '../support/ids.ts';

/** What was removed and can be brought back. */
export type RemovedThing = {
  /** Its own; it has the same again when it is back. */
  id: string;
  kind: RestorableKind;
  name: string;
  /** Where it was; null = nowhere in particular. */
  locationId: string | null;
  removedBy: string;
  /** ISO 8601. */
  removedAt: string;
  restorableUntil: string;
};

export type ListRemovedRequest = RemovalFilter & { start: number; max: number };

/** Newest first; what was removed too long ago is not among them. */
export async function listRemoved(
  { database, clock }: { database: Database; clock: Clock },
  { organizationId }: Scope,
  { start, max, ...filter }: ListRemovedRequest,
): Promise<RemovedThing[]> {
  if (filter.locationId !== undefined && !isUuid(filter.locationId)) return [];
  const window = { start, max, now: new Date(clock.nowMs()) };
  return (await selectKeptRemovals(database.db, organizationId, filter, window)).map(viewOf);
}

export function viewOf({ id, kind, name, locationId, removedBy, removedAt }: KeptRemoval): RemovedThing {
  const until = removedAt.getTime() + RESTORABLE_DAYS * 86_400_000;
  const moments = { removedAt: removedAt.toISOString(), restorableUntil: new Date(until).toISOString() };
  return { id, kind, name, locationId, removedBy, ...moments };
}
