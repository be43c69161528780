import { sql } from 'kysely';
import type { CallRecord } from '../../domain/call-record.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { SnapshotDefinition } from '../../storage/snapshot.ts';
import { bindingOf, type ElinBinding, isLater } from './elin-binding.ts';

/** A binding that ended so long ago tells nothing any more. */
const KEPT_DAYS = 30;

/**
 * Stores what these calls bound, in the transaction that stores the calls; of two bindings of a number the later one holds, whichever
 * node made it and whenever it arrives. Call it last: it announces the change.
 */
export async function storeElinBindings(tx: Transaction, records: readonly CallRecord[]): Promise<void> {
  const latest = new Map<string, ElinBinding>();
  for (const record of records) {
    const binding = bindingOf(record);
    if (!binding) continue;
    const other = latest.get(binding.number);
    if (!other || !isLater(other, binding)) latest.set(binding.number, binding);
  }
  // Always in the same order: two nodes that store at once must not wait for each other.
  const bindings = [...latest.values()].sort((one, other) => (one.number < other.number ? -1 : 1));
  if (bindings.length === 0) return;
  await tx
    .insertInto('elinBindings')
    .values(
      bindings.map((binding) => ({
        ...binding,
        boundAt: new Date(binding.boundAt),
        expiresAt: new Date(binding.expiresAt),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('number')
        .doUpdateSet((eb) => ({
          organizationId: eb.ref('excluded.organizationId'),
          responseLocationId: eb.ref('excluded.responseLocationId'),
          caller: eb.ref('excluded.caller'),
          memberId: eb.ref('excluded.memberId'),
          trunkId: eb.ref('excluded.trunkId'),
          callId: eb.ref('excluded.callId'),
          boundAt: eb.ref('excluded.boundAt'),
          expiresAt: eb.ref('excluded.expiresAt'),
        }))
        .where(sql<boolean>`(elin_bindings.bound_at, elin_bindings.call_id) <= (excluded.bound_at, excluded.call_id)`),
    )
    .execute();
  const organizationIds = new Set(bindings.map(({ organizationId }) => organizationId));
  await tx
    .deleteFrom('elinBindings')
    .where('organizationId', 'in', [...organizationIds])
    .where('expiresAt', '<', sql<Date>`now() - make_interval(days => ${KEPT_DAYS})`)
    .execute();
  for (const organizationId of organizationIds) await announceChange(tx, 'elin-bindings', organizationId);
}

async function selectBindings(db: Queryable, organizationId: string | null): Promise<ElinBinding[]> {
  let query = db.selectFrom('elinBindings').selectAll().orderBy('number');
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  return (await query.execute()).map((row) => ({
    ...row,
    boundAt: row.boundAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/** Bindings of all nodes in memory, by number. */
export function elinBindingSnapshotDefinition(
  db: Queryable,
): SnapshotDefinition<ElinBinding[], ReadonlyMap<string, ElinBinding>> {
  return {
    name: 'elin-bindings',
    version: 1,
    kinds: ['elin-bindings'],
    loadAll: async () => Map.groupBy(await selectBindings(db, null), ({ organizationId }) => organizationId),
    async loadOne(organizationId) {
      const bindings = await selectBindings(db, organizationId);
      return bindings.length === 0 ? null : bindings;
    },
    build(rows) {
      const bindings = new Map<string, ElinBinding>();
      for (const binding of [...rows.values()].flat()) {
        // A number that changed hands stands with its last organization as well, until that is read again.
        const other = bindings.get(binding.number);
        if (!other || isLater(binding, other)) bindings.set(binding.number, binding);
      }
      return bindings;
    },
  };
}
