import type { Selectable } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

export type HeldCertificateRow = Selectable<Schema['heldCertificates']>;

export async function insertHeldCertificate(tx: Transaction, row: HeldCertificateRow): Promise<void> {
  await tx.insertInto('heldCertificates').values(row).execute();
}

export async function countHeldCertificates(db: Queryable, organizationId: string): Promise<number> {
  const row = await db
    .selectFrom('heldCertificates')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('organizationId', '=', organizationId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** In the order in which they were registered. */
export function selectHeldCertificates(
  db: Queryable,
  organizationId: string,
  window: { start: number; max: number },
): Promise<HeldCertificateRow[]> {
  return db
    .selectFrom('heldCertificates')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .orderBy('createdAt')
    .orderBy('id')
    .offset(window.start)
    .limit(window.max)
    .execute();
}

export async function deleteHeldCertificate(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<HeldCertificateRow | undefined> {
  return tx
    .deleteFrom('heldCertificates')
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** Of one organization, or of all. */
export async function selectFingerprints(
  db: Queryable,
  organizationId?: string,
): Promise<{ organizationId: string; fingerprint: string }[]> {
  let query = db.selectFrom('heldCertificates').select(['organizationId', 'fingerprint']);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return query.execute();
}
