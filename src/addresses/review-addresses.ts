import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { hasAddressCheck, type NewAddressCheck, rewriteAddressChecks } from '../storage/rewrite-address-checks.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import {
  deleteUnmet,
  type FoundStatus,
  insertReview,
  type ReviewRow,
  type StatusRow,
  selectReview,
  selectReviews,
  selectStatuses,
  updateReview,
  upsertStatuses,
} from './address-review-records.ts';
import type { AddressValidation } from './address-validation.ts';
import { levelAsEntered, toAddressCheck } from './read-emergency-address.ts';

/** An address that some room stores. */
export type StoredAddress = {
  organizationId: string;
  kind:
    | 'location'
    | 'building'
    | 'response-location'
    | 'location-emergency-address'
    | 'number-emergency-address'
    | 'device';
  /** The id of the place, the number, the device's address. */
  subjectId: string;
  address: PostalAddress;
};

/** One look at every stored address. Moments are ISO 8601. */
export type AddressReview = {
  id: string;
  state: 'running' | 'done' | 'failed';
  reason: string;
  /** In percent. */
  percent: number;
  checked: number;
  total: number;
  /** Addresses that stand otherwise than before. */
  flipped: number;
  problem: string | null;
  startedAt: string;
  updatedAt: string;
};

/** How a stored address stood when it was last looked at: a level, `override`, or `none`. */
export type AddressStatus = {
  kind: string;
  subjectId: string;
  address: PostalAddress;
  status: string;
  previousStatus: string | null;
  detail: { corrections: string[]; errors: string[]; override?: object };
  checkedAt: string;
  flippedAt: string | null;
};

export type StatusQuery = {
  status?: string | undefined;
  kind?: string | undefined;
  /** Only those whose status changed then or later. */
  flippedSince?: Date | undefined;
};

export type AddressReviews = {
  /** Begins to look at every stored address again; while one look is under way, another follows it. */
  startReview(reason: string): Promise<AddressReview>;
  listReviews(window: { start: number; max: number }): Promise<AddressReview[]>;
  getReview(id: string): Promise<AddressReview>;
  listAddressStatuses(
    scope: Scope,
    query: StatusQuery,
    window: { start: number; max: number },
  ): Promise<{ items: AddressStatus[]; total: number }>;
  /** What is asked for while nobody waits: logged where it fails. */
  reviewSoon(reason: string): void;
  stop: () => Promise<void>;
};

export type ReviewDeps = {
  database: Database;
  clock: Clock;
  logger: Logger;
  validate: (address: PostalAddress, organizationId: string) => Promise<AddressValidation>;
  /** Every address that is stored, of all organizations. */
  storedAddresses: () => AsyncIterable<StoredAddress>;
};

const BATCH = 100;
/** A review that has not been heard of for so long has died with its node. */
const SILENT_MS = 120_000;

function statusOf(validation: AddressValidation): string {
  if (validation.override !== undefined) return 'override';
  return levelAsEntered(validation) ?? 'none';
}

export function createAddressReviews(deps: ReviewDeps): AddressReviews {
  const { database, clock, logger } = deps;
  const { db } = database;
  const live = new Map<string, ReviewRow>();
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  let isAwaited = false;

  function viewOf(stored: ReviewRow): AddressReview {
    const row = live.get(stored.id) ?? stored;
    const hasDied = row.state === 'running' && !live.has(row.id) && clock.nowMs() - row.updatedAt.getTime() > SILENT_MS;
    return {
      id: row.id,
      state: hasDied ? 'failed' : (row.state as AddressReview['state']),
      reason: row.reason,
      percent:
        row.state === 'done' ? 100 : row.total === 0 ? 0 : Math.min(99, Math.floor((100 * row.checked) / row.total)),
      checked: row.checked,
      total: row.total,
      flipped: row.flipped,
      problem: hasDied ? 'the node that looked at the addresses has ended' : row.problem,
      startedAt: row.startedAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }

  async function note(row: ReviewRow, changes: Partial<ReviewRow>): Promise<void> {
    Object.assign(row, changes, { updatedAt: new Date(clock.nowMs()) });
    const { id: _id, ...values } = row;
    await updateReview(db, row.id, values);
  }

  async function checkBatch(row: ReviewRow, batch: readonly StoredAddress[]): Promise<void> {
    const found: FoundStatus[] = [];
    const checks: NewAddressCheck[] = [];
    const now = new Date(clock.nowMs());
    for (const { organizationId, kind, subjectId, address } of batch) {
      const validation = await deps.validate(address, organizationId);
      found.push({
        organizationId,
        kind,
        subjectId,
        address,
        status: statusOf(validation),
        detail: {
          corrections: validation.corrections.filter((one) => one.kind === 'content').map(({ reason }) => reason),
          errors: validation.errors.map(({ detail }) => detail),
          ...(validation.override && { override: validation.override }),
        },
      });
      if (hasAddressCheck(kind)) {
        checks.push({ organizationId, kind, subjectId, address, check: toAddressCheck(validation, now) });
      }
      // Calls are answered between two addresses.
      await nextTurn();
    }
    await rewriteAddressChecks(database, checks);
    const flipped = await upsertStatuses(db, row.id, now, found);
    await note(row, { checked: row.checked + batch.length, flipped: row.flipped + flipped });
  }

  async function run(row: ReviewRow): Promise<void> {
    try {
      const addresses: StoredAddress[] = [];
      for await (const address of deps.storedAddresses()) addresses.push(address);
      await note(row, { total: addresses.length });
      for (let at = 0; at < addresses.length; at += BATCH) {
        if (stopped) throw new Error('the platform ends');
        await checkBatch(row, addresses.slice(at, at + BATCH));
      }
      await deleteUnmet(db, row.id, row.startedAt);
      await note(row, { state: 'done' });
    } catch (error) {
      if (!stopped)
        logger.error({ err: errorText(error), reviewId: row.id }, 'stored addresses could not be looked at');
      await note(row, { state: 'failed', problem: stopped ? 'the platform ended' : 'a failure of ours; see the log' });
    } finally {
      live.delete(row.id);
    }
  }

  async function startReview(reason: string, onBegin: () => void = () => undefined): Promise<AddressReview> {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
    const now = new Date(clock.nowMs());
    const row: ReviewRow = {
      id: newId(),
      state: 'running',
      reason: reason.slice(0, 200),
      checked: 0,
      total: 0,
      flipped: 0,
      problem: null,
      startedAt: now,
      updatedAt: now,
    };
    await insertReview(db, row);
    live.set(row.id, row);
    turn = turn
      .then(() => {
        onBegin();
        return run(row);
      })
      .catch((error: unknown) =>
        logger.error({ err: errorText(error) }, 'the end of a look at addresses could not be noted'),
      );
    return viewOf(row);
  }

  return {
    startReview: (reason) => startReview(reason),
    reviewSoon(reason) {
      // One that has not begun sees whatever changed before it does.
      if (isAwaited) return;
      isAwaited = true;
      const begun = (): void => {
        isAwaited = false;
      };
      startReview(reason, begun).catch((error: unknown) => {
        begun();
        if (!stopped) logger.error({ err: errorText(error) }, 'a look at the stored addresses could not be begun');
      });
    },
    async listReviews(window) {
      return (await selectReviews(db, window)).map(viewOf);
    },
    async getReview(id) {
      const row = isUuid(id) ? await selectReview(db, id) : undefined;
      if (!row) throw new ProblemError('not-found', 'there is no such review of addresses');
      return viewOf(row);
    },
    async listAddressStatuses({ organizationId }, query, window) {
      const { rows, total } = await selectStatuses(db, organizationId, query, window);
      return { items: rows.map(toStatus), total };
    },
    async stop() {
      stopped = true;
      await turn;
    },
  };
}

function toStatus(row: StatusRow): AddressStatus {
  return {
    kind: row.kind,
    subjectId: row.subjectId,
    address: row.address as PostalAddress,
    status: row.status,
    previousStatus: row.previousStatus,
    detail: row.detail as AddressStatus['detail'],
    checkedAt: row.checkedAt.toISOString(),
    flippedAt: row.flippedAt?.toISOString() ?? null,
  };
}
