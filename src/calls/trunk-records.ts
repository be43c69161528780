import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { CallbackHeader, IdentityHeader, Trunk, TrunkMode } from './trunk.ts';
import { createTrunkIndex, type TrunkIndex } from './trunk-index.ts';

const ANY_PORT = 0;

function settingsOf({ name, mode, deviceHeader, isMonitored, contactUri, ...trunk }: Trunk) {
  const identityHeaders = [...trunk.identityHeaders];
  const callbackHeaders = [...trunk.callbackHeaders];
  return { name, mode, identityHeaders, deviceHeader, callbackHeaders, isMonitored, contactUri };
}

export async function insertTrunk(tx: Transaction, trunk: Trunk): Promise<void> {
  const { id, organizationId } = trunk;
  await tx
    .insertInto('trunks')
    .values({ id, organizationId, ...settingsOf(trunk) })
    .execute();
  await insertPeers(tx, trunk);
}

/** Everything of the trunk but its id and its organization. */
export async function replaceTrunk(tx: Transaction, trunk: Trunk): Promise<void> {
  await tx.updateTable('trunks').set(settingsOf(trunk)).where('id', '=', trunk.id).execute();
  await tx.deleteFrom('trunkAddresses').where('trunkId', '=', trunk.id).execute();
  await tx.deleteFrom('trunkTlsNames').where('trunkId', '=', trunk.id).execute();
  await insertPeers(tx, trunk);
}

async function insertPeers(tx: Transaction, { id, addresses, port, tlsNames }: Trunk): Promise<void> {
  if (addresses.length > 0) {
    const rows = addresses.map((address) => ({ address, port: port ?? ANY_PORT, trunkId: id }));
    await tx.insertInto('trunkAddresses').values(rows).execute();
  }
  if (tlsNames.length > 0) {
    const rows = tlsNames.map((name) => ({ name, trunkId: id }));
    await tx.insertInto('trunkTlsNames').values(rows).execute();
  }
}

/** Whether another trunk than this one has this name in the organization. */
export async function hasTrunkName(db: Queryable, { id, organizationId, name }: Trunk): Promise<boolean> {
  const row = await db
    .selectFrom('trunks')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of the trunk's addresses that another trunk of any organization has with this port. */
export async function selectTakenAddresses(db: Queryable, { id, addresses, port }: Trunk): Promise<string[]> {
  if (addresses.length === 0) return [];
  const rows = await db
    .selectFrom('trunkAddresses')
    .select('address')
    .where('address', 'in', addresses)
    .where('port', '=', port ?? ANY_PORT)
    .where('trunkId', '!=', id)
    .execute();
  return rows.map(({ address }) => address);
}

/** Those of the trunk's TLS names that another trunk of any organization has. */
export async function selectTakenTlsNames(db: Queryable, { id, tlsNames }: Trunk): Promise<string[]> {
  if (tlsNames.length === 0) return [];
  const rows = await db
    .selectFrom('trunkTlsNames')
    .select('name')
    .where('name', 'in', tlsNames)
    .where('trunkId', '!=', id)
    .execute();
  return rows.map(({ name }) => name);
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

export type TrunkFilter = {
  mode?: TrunkMode | undefined;
  /** Part of the name, of an address or of a TLS name, in any case. */
  text?: string | undefined;
  /** `name` unless told. */
  sort?: SortWord<TrunkColumn> | undefined;
};

export type TrunkColumn = 'name' | 'mode' | 'contactUri';

const ORDERS: Readonly<Record<TrunkColumn, readonly SortedBy[]>> = {
  name: ['organizationId', ...byName('name')],
  mode: ['mode'],
  contactUri: [sql`coalesce(contact_uri, '')`],
};

/** Trunks by name unless told; `organizationId` null = of all organizations. */
async function selectRows(
  db: Queryable,
  organizationId: string | null,
  { id, lock = false, filter, window }: { id?: string; lock?: boolean; filter?: TrunkFilter; window?: Window } = {},
): Promise<Trunk[]> {
  const ties = ['organizationId', 'name', 'id'];
  let query = sorted(db.selectFrom('trunks').selectAll(), filter?.sort ?? 'name', ORDERS, ties);
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  if (id !== undefined) query = query.where('id', '=', id);
  if (lock) query = query.forUpdate();
  if (filter?.mode !== undefined) query = query.where('mode', '=', filter.mode);
  if (filter?.text !== undefined) {
    const part = filter.text.toLowerCase();
    query = query.where((eb) =>
      eb.or([
        eb(sql<number>`position(${part} in lower(trunks.name))`, '>', 0),
        eb.exists(
          eb
            .selectFrom('trunkAddresses')
            .select('trunkId')
            .whereRef('trunkId', '=', 'trunks.id')
            .where(sql<number>`position(${part} in trunk_addresses.address)`, '>', 0),
        ),
        eb.exists(
          eb
            .selectFrom('trunkTlsNames')
            .select('trunkId')
            .whereRef('trunkId', '=', 'trunks.id')
            .where(sql<number>`position(${part} in trunk_tls_names.name)`, '>', 0),
        ),
      ]),
    );
  }
  if (window) query = query.limit(window.max).offset(window.start);
  const rows = await query.execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const ofThese = sql<string>`any(${ids}::uuid[])`;
  const addresses = await db
    .selectFrom('trunkAddresses')
    .selectAll()
    .where('trunkId', '=', ofThese)
    .orderBy('address')
    .execute();
  const tlsNames = await db
    .selectFrom('trunkTlsNames')
    .selectAll()
    .where('trunkId', '=', ofThese)
    .orderBy('name')
    .execute();
  const addressesOf = Map.groupBy(addresses, ({ trunkId }) => trunkId);
  const tlsNamesOf = Map.groupBy(tlsNames, ({ trunkId }) => trunkId);
  return rows.map((row) => {
    const blocks = addressesOf.get(row.id) ?? [];
    return {
      id: row.id,
      organizationId: row.organizationId,
      name: row.name,
      addresses: blocks.map(({ address }) => address),
      port: blocks[0]?.port || null,
      tlsNames: (tlsNamesOf.get(row.id) ?? []).map(({ name }) => name),
      mode: row.mode as TrunkMode,
      identityHeaders: row.identityHeaders as IdentityHeader[],
      deviceHeader: row.deviceHeader,
      callbackHeaders: row.callbackHeaders as CallbackHeader[],
      isMonitored: row.isMonitored,
      contactUri: row.contactUri,
    };
  });
}

/** One page of an organization's trunks by name. */
export function selectTrunkPage(
  db: Queryable,
  organizationId: string,
  filter: TrunkFilter,
  window: Window,
): Promise<Trunk[]> {
  return selectRows(db, organizationId, { filter, window });
}

/** One trunk; with `lock`, kept from changing until the transaction ends. */
export async function selectTrunk(
  db: Queryable,
  organizationId: string,
  id: string,
  lock = false,
): Promise<Trunk | undefined> {
  const [trunk] = await selectRows(db, organizationId, { id, lock });
  return trunk;
}

/** Trunks in memory, for calls. */
export function trunkSnapshotDefinition(db: Queryable): SnapshotDefinition<Trunk[], TrunkIndex> {
  return {
    name: 'trunks',
    version: 2,
    kinds: ['trunks'],
    loadAll: async () => Map.groupBy(await selectRows(db, null), ({ organizationId }) => organizationId),
    async loadOne(organizationId) {
      const trunks = await selectRows(db, organizationId);
      return trunks.length === 0 ? null : trunks;
    },
    build: (rows) => createTrunkIndex([...rows.values()].flat()),
  };
}
