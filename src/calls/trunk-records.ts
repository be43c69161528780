import type { Queryable, Transaction } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { Trunk } from './trunk.ts';
import { createTrunkIndex, type TrunkIndex } from './trunk-index.ts';

const ANY_PORT = 0;

export async function insertTrunk(tx: Transaction, trunk: Trunk): Promise<void> {
  const { id, organizationId, name } = trunk;
  await tx.insertInto('trunks').values({ id, organizationId, name }).execute();
  const port = trunk.port ?? ANY_PORT;
  const rows = trunk.addresses.map((address) => ({ address, port, trunkId: id }));
  await tx.insertInto('trunkAddresses').values(rows).execute();
}

/** Whether another trunk has this name in the organization. */
export async function hasTrunkName(db: Queryable, organizationId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('trunks')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of `addresses` that any trunk of any organization has with this port. */
export async function selectTakenAddresses(
  db: Queryable,
  addresses: readonly string[],
  port: number | null,
): Promise<string[]> {
  const rows = await db
    .selectFrom('trunkAddresses')
    .select('address')
    .where('address', 'in', addresses)
    .where('port', '=', port ?? ANY_PORT)
    .execute();
  return rows.map(({ address }) => address);
}

export async function deleteTrunk(tx: Transaction, organizationId: string, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('trunks')
    .where('id', '=', id)
    .where('organizationId', '=', organizationId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

async function selectRows(db: Queryable, organizationId: string | null): Promise<Trunk[]> {
  let query = db
    .selectFrom('trunks')
    .innerJoin('trunkAddresses', 'trunkAddresses.trunkId', 'trunks.id')
    .select(['trunks.id', 'trunks.organizationId', 'trunks.name', 'trunkAddresses.address', 'trunkAddresses.port'])
    .orderBy('trunks.name')
    .orderBy('trunks.id')
    .orderBy('trunkAddresses.address');
  if (organizationId !== null) query = query.where('trunks.organizationId', '=', organizationId);
  const trunks = new Map<string, Trunk & { addresses: string[] }>();
  for (const { id, organizationId: owner, name, address, port } of await query.execute()) {
    const known = trunks.get(id);
    if (known) known.addresses.push(address);
    else {
      const portOrAny = port === ANY_PORT ? null : port;
      trunks.set(id, { id, organizationId: owner, name, addresses: [address], port: portOrAny });
    }
  }
  return [...trunks.values()];
}

/** An organization's trunks by name. */
export function selectTrunks(db: Queryable, organizationId: string): Promise<Trunk[]> {
  return selectRows(db, organizationId);
}

/** Trunks in memory, for calls. */
export function trunkSnapshotDefinition(db: Queryable): SnapshotDefinition<Trunk[], TrunkIndex> {
  return {
    name: 'trunks',
    version: 1,
    kinds: ['trunks'],
    async loadAll() {
      const byOrganization = new Map<string, Trunk[]>();
      for (const trunk of await selectRows(db, null)) {
        const list = byOrganization.get(trunk.organizationId);
        if (list) list.push(trunk);
        else byOrganization.set(trunk.organizationId, [trunk]);
      }
      return byOrganization;
    },
    async loadOne(organizationId) {
      const trunks = await selectRows(db, organizationId);
      return trunks.length === 0 ? null : trunks;
    },
    build: (rows) => createTrunkIndex([...rows.values()].flat()),
  };
}
