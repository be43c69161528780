import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import {
  deleteLease,
  putLease,
  renewLease,
  selectLease,
  takeBackSome,
  type WireMapLease,
} from './wire-map-lease-records.ts';
import { lockWireMap } from './wire-map-records.ts';
import { forgetSomeNamed, selectNewestRevision } from './wire-map-revision-records.ts';

/** Rows of one part of a large change: some tenths of a second of the embedded database. */
export const ROWS_PER_STEP = 2_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

class LeaseTaken extends Error {
  readonly lease: WireMapLease;

  constructor(lease: WireMapLease) {
    super('somebody else is writing');
    this.name = 'LeaseTaken';
    this.lease = lease;
  }
}

/** To be asked under the lock: throws where a large change is being written. */
export async function requireNoLease(tx: Transaction, organizationId: string): Promise<void> {
  const lease = await selectLease(tx, organizationId);
  if (lease !== undefined) throw new LeaseTaken(lease);
}

function beingChanged({ holderToken, action, beganAt }: WireMapLease): ProblemError {
  return new ProblemError(
    'locked',
    `the wire map is being changed: ${action} by token ${holderToken} since ${beganAt.toISOString()}; try again shortly`,
    { retryAfterSeconds: 5 },
  );
}

/** Repeats `work` while a large change is being written, for `patienceMs`; what one left behind that died is taken back. */
export async function whenNobodyWrites<Result>(
  deps: WireMapDeps,
  scope: Scope,
  patienceMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(LONGEST_PAUSE_MS, waitMs * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LeaseTaken)) throw error;
      if (!error.lease.isAlive) await takeBackDead(deps, scope, error.lease);
      else if (performance.now() > until) throw beingChanged(error.lease);
      else await pause(waitMs);
    }
  }
}

/** A lease that is held. */
export type OwnLease = { deps: WireMapDeps; organizationId: string; holder: string };

/** One part of the work under a lease, in a transaction of its own; fails when the lease was taken over. */
export async function ownStep<Result>(
  { deps, organizationId, holder }: OwnLease,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return deps.database.db.transaction().execute(async (tx) => {
    if (!(await renewLease(tx, organizationId, holder))) {
      throw new ProblemError('conflict', 'the change took too long between two parts and was taken back');
    }
    return work(tx);
  });
}

/** Takes back all that was written under a lease, then gives it up. */
export async function takeBack(own: OwnLease, named: string): Promise<void> {
  const { deps, organizationId } = own;
  const newest = (await selectNewestRevision(deps.database.db, organizationId))?.revision ?? 0;
  while (await ownStep(own, (tx) => takeBackSome(tx, organizationId, newest, ROWS_PER_STEP)));
  await forgetNamed(deps, named);
  await deleteLease(deps.database.db, organizationId, own.holder);
}

async function takeBackDead(deps: WireMapDeps, scope: Scope, dead: WireMapLease): Promise<void> {
  const { organizationId } = dead;
  const holder = newId();
  const isMine = await deps.database.db.transaction().execute(async (tx) => {
    await lockWireMap(tx, organizationId);
    if ((await selectLease(tx, organizationId))?.holder !== dead.holder) return false;
    await putLease(tx, {
      organizationId,
      holder,
      holderToken: scope.tokenId,
      action: 'taking back what was left behind',
    });
    return true;
  });
  if (isMine) await takeBack({ deps, organizationId, holder }, dead.holder);
}

/** Forgets what an import noted of the elements that it names. */
export async function forgetNamed(deps: WireMapDeps, importId: string): Promise<void> {
  const { db } = deps.database;
  while (await db.transaction().execute((tx) => forgetSomeNamed(tx, importId, ROWS_PER_STEP * 5)));
}
