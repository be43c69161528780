import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { byName, type SortedBy, sorted } from '../../storage/sorted.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { AlertConnection, ConnectionKind } from './alert-connection.ts';

/** A connection as it is stored: what is secret of it sealed. JSON-serializable. */
export type StoredConnection = AlertConnection & { sealedSecrets: string };

type Row = {
  id: string;
  organizationId: string;
  name: string;
  kind: string;
  isEnabled: boolean;
  disabledReason: string | null;
  settings: object;
  sealedSecrets: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

function toStored({ createdAt, updatedAt, ...row }: Row): StoredConnection {
  return {
    ...row,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  } as StoredConnection;
}

function settingsOf({
  name,
  isEnabled,
  disabledReason,
  settings,
  sealedSecrets,
  version,
  updatedAt,
}: StoredConnection) {
  return {
    name,
    isEnabled,
    disabledReason,
    settings: JSON.stringify(settings),
    sealedSecrets,
    version,
    updatedAt: new Date(updatedAt),
  };
}

export async function insertConnection(tx: Transaction, connection: StoredConnection): Promise<void> {
  const { id, organizationId, kind, createdAt } = connection;
  await tx
    .insertInto('alertConnections')
    .values({ id, organizationId, kind, createdAt: new Date(createdAt), ...settingsOf(connection) })
    .execute();
}

/** Everything of it but its id, organization and kind. */
export async function replaceConnection(tx: Transaction, connection: StoredConnection): Promise<void> {
  await tx
    .updateTable('alertConnections')
    .set(settingsOf(connection))
    .where('id', '=', connection.id)
    .where('organizationId', '=', connection.organizationId)
    .execute();
}

export async function deleteConnection(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('alertConnections').where('id', '=', id).where('organizationId', '=', organizationId).execute();
}

export async function countConnections(db: Queryable, organizationId: string): Promise<number> {
  const row = await db
    .selectFrom('alertConnections')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('organizationId', '=', organizationId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** `lock`: kept from changing (`update`), or from being removed (`share`), until the transaction ends. */
export async function selectConnection(
  db: Queryable,
  organizationId: string,
  id: string,
  lock?: 'update' | 'share',
): Promise<StoredConnection | undefined> {
  let query = db
    .selectFrom('alertConnections')
    .selectAll()
    .where('id', '=', id)
    .where('organizationId', '=', organizationId);
  if (lock === 'update') query = query.forUpdate();
  if (lock === 'share') query = query.forShare();
  const row = await query.executeTakeFirst();
  return row && toStored(row);
}

export type ConnectionPage = {
  kind?: ConnectionKind | undefined;
  /** Part of the name or of the host that it leads to, in any case. */
  text?: string | undefined;
  sort?: SortWord<ConnectionColumn> | undefined;
  start: number;
  max: number;
};

export type ConnectionColumn = 'name' | 'kind' | 'isEnabled';

const ORDERS: Readonly<Record<ConnectionColumn, readonly SortedBy[]>> = {
  name: [],
  kind: ['kind'],
  isEnabled: ['isEnabled'],
};

/** One page of an organization's connections, by name unless told. */
export async function selectConnectionPage(
  db: Queryable,
  organizationId: string,
  { kind, sort = 'name', start, max, text }: ConnectionPage,
): Promise<StoredConnection[]> {
  let query = db
    .selectFrom('alertConnections')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .limit(max)
    .offset(start);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (text !== undefined) {
    // The rest of an address may be a secret, which nobody may find out letter by letter.
    const host = sql`split_part(settings->>'url', '/', 3)`;
    query = query.where(sql<boolean>`position(lower(${text}) in lower(concat(name, ' ', ${host}))) > 0`);
  }
  return (await sorted(query, sort, ORDERS, [...byName('name'), 'id']).execute()).map(toStored);
}

/** All connections; `organizationId` undefined = of all organizations. */
export async function selectConnections(db: Queryable, organizationId?: string): Promise<StoredConnection[]> {
  let query = db.selectFrom('alertConnections').selectAll().orderBy('organizationId').orderBy('id');
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return (await query.execute()).map(toStored);
}
