import type { Audit } from '../audit/audit.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import { type Scope, shownActor } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Database, Queryable, Transaction } from '../storage/database.ts';
import { type KeptRemoval, keepRemoval, type RemovedRow } from '../storage/kept-removals.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId } from '../support/ids.ts';
import { type NewTrunk, readTrunk, type TrunkChanges } from './read-trunk.ts';
import type { MayReachTrunk } from './resolve-trunk.ts';
import type { Trunk } from './trunk.ts';
import {
  deleteTrunk,
  hasTrunkName,
  insertTrunk,
  replaceTrunk,
  selectTakenAddresses,
  selectTakenTlsNames,
  selectTrunk,
  selectTrunkPage,
  type TrunkFilter,
} from './trunk-records.ts';

/** `start` and `max` cut a window out of what is listed by name; the first hundred unless told. */
export type TrunkListRequest = TrunkFilter & { start?: number | undefined; max?: number | undefined };

const DEFAULT_MAX = 100;

/** Its addresses and TLS names go with it. */
const REMOVED_TRUNK: RemovedRow = { table: 'trunks' };

/** Trunks: which peer means which organization. An address, and a TLS name, belongs to one trunk on the whole platform. */
export function createTrunkManagement(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  mayReach?: MayReachTrunk | undefined;
}) {
  const { database, audit, clock, mayReach } = deps;

  /** One change in one transaction; of two who want the same name or peer at the same moment, one is told. */
  async function change<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    try {
      return await database.db.transaction().execute(work);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProblemError('conflict', 'another trunk has that name, address or TLS name', { cause: error });
    }
  }

  async function requireTrunk(db: Queryable, scope: Scope, id: string, lock = false): Promise<Trunk> {
    const { organizationId } = scope;
    const trunk = isUuid(id) ? await selectTrunk(db, organizationId, id, lock) : undefined;
    if (!trunk) throw missing(await wasRemoved(db, { organizationId, kind: 'trunk', id }), `trunk ${id}`);
    return trunk;
  }

  return {
    /** Throws `invalid` (every field at fault) or `conflict` (name, address or TLS name taken). */
    async createTrunk(scope: Scope, wanted: NewTrunk): Promise<Trunk> {
      const trunk = readTrunk({ id: newId(), organizationId: scope.organizationId }, wanted, mayReach);
      return change(async (tx) => {
        await requireFree(tx, trunk);
        await insertTrunk(tx, trunk);
        await audit.record(tx, scope, {
          action: 'trunk.created',
          subject: `trunk ${trunk.id}`,
          after: trailOf(trunk),
        });
        await announceChange(tx, 'trunks', trunk.organizationId);
        return trunk;
      });
    },
    listTrunks: (scope: Scope, { start = 0, max = DEFAULT_MAX, ...filter }: TrunkListRequest = {}): Promise<Trunk[]> =>
      selectTrunkPage(database.db, scope.organizationId, filter, { start, max }),
    /** Throws `not-found` or `gone`. */
    getTrunk: (scope: Scope, id: string): Promise<Trunk> => requireTrunk(database.db, scope, id),
    /** Throws as `createTrunk`, `not-found` or `gone`. */
    updateTrunk: (scope: Scope, id: string, changes: TrunkChanges): Promise<Trunk> =>
      change(async (tx) => {
        const before = await requireTrunk(tx, scope, id, true);
        const trunk = readTrunk(
          { id: before.id, organizationId: scope.organizationId },
          merged(before, changes),
          mayReach,
        );
        await requireFree(tx, trunk);
        await replaceTrunk(tx, trunk);
        await audit.record(tx, scope, {
          action: 'trunk.updated',
          subject: `trunk ${trunk.id}`,
          before: trailOf(before),
          after: trailOf(trunk),
        });
        await announceChange(tx, 'trunks', trunk.organizationId);
        return trunk;
      }),
    /** Throws `not-found` or `gone`. */
    removeTrunk: (scope: Scope, id: string): Promise<void> =>
      change(async (tx) => {
        const before = await requireTrunk(tx, scope, id, true);
        const kept = {
          organizationId: scope.organizationId,
          kind: 'trunk',
          id: before.id,
          name: before.name,
          locationId: null,
          removedBy: shownActor(scope),
          removedAt: new Date(clock.nowMs()),
          summary: trailOf(before),
          detail: {},
        } as const;
        await keepRemoval(tx, kept, REMOVED_TRUNK);
        await deleteTrunk(tx, scope.organizationId, before.id);
        await recordRemoval(tx, { organizationId: scope.organizationId, kind: 'trunk', id: before.id });
        await audit.record(tx, scope, {
          action: 'trunk.removed',
          subject: `trunk ${before.id}`,
          before: trailOf(before),
        });
        await announceChange(tx, 'trunks', scope.organizationId);
      }),
    /** Puts a removed trunk back by `putBack`, in the transaction. Throws `conflict` when another has what it is known by. */
    async bringBackTrunk(
      tx: Transaction,
      { organizationId, id }: Pick<KeptRemoval, 'organizationId' | 'id'>,
      putBack: () => Promise<void>,
    ): Promise<void> {
      await putBack();
      const trunk = await selectTrunk(tx, organizationId, id, true);
      if (trunk) await requireFree(tx, trunk);
    },
  };
}

/** What is absent stays, also where the caller names it as undefined. */
function merged(before: Trunk, changes: TrunkChanges): NewTrunk {
  const given: TrunkChanges = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...before, ...given };
}

function trailOf({ id: _id, organizationId: _organizationId, ...settings }: Trunk): object {
  return settings;
}

async function requireFree(tx: Transaction, trunk: Trunk): Promise<void> {
  if (await hasTrunkName(tx, trunk)) throw taken('name', `a trunk named ${trunk.name} exists`);
  const addresses = await selectTakenAddresses(tx, trunk);
  if (addresses.length > 0) throw taken('addresses', `${addresses.join(', ')} belongs to a trunk already`);
  const tlsNames = await selectTakenTlsNames(tx, trunk);
  if (tlsNames.length > 0) throw taken('tlsNames', `${tlsNames.join(', ')} belongs to a trunk already`);
}

function taken(path: string, detail: string): ProblemError {
  return new ProblemError('conflict', detail, { fields: [{ path, message: 'already in use' }] });
}
