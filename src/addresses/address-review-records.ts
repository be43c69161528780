import { type Selectable, sql } from 'kysely';
import type { Queryable } from '../storage/database.ts';
import type { AddressTables } from '../storage/tables/address-tables.ts';

export type ReviewRow = Selectable<AddressTables['addressReviews']>;
export type StatusRow = Selectable<AddressTables['addressStatuses']>;

export type FoundStatus = {
  organizationId: string;
  kind: string;
  subjectId: string;
  address: object;
  status: string;
  detail: object;
};

const REVIEWS_KEPT = 50;

export async function insertReview(db: Queryable, row: ReviewRow): Promise<void> {
  await db.insertInto('addressReviews').values(row).execute();
  const old = await db
    .selectFrom('addressReviews')
    .select('id')
    .orderBy('startedAt', 'desc')
    .offset(REVIEWS_KEPT)
    .execute();
  if (old.length > 0) {
    await db
      .deleteFrom('addressReviews')
      .where(
        'id',
        'in',
        old.map(({ id }) => id),
      )
      .execute();
  }
}

export async function updateReview(db: Queryable, id: string, values: Partial<ReviewRow>): Promise<void> {
  await db.updateTable('addressReviews').set(values).where('id', '=', id).execute();
}

export async function selectReviews(db: Queryable, window: { start: number; max: number }): Promise<ReviewRow[]> {
  return db
    .selectFrom('addressReviews')
    .selectAll()
    .orderBy('startedAt', 'desc')
    .orderBy('id')
    .offset(window.start)
    .limit(window.max)
    .execute();
}

export async function selectReview(db: Queryable, id: string): Promise<ReviewRow | undefined> {
  return db.selectFrom('addressReviews').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Stores how addresses stand; answers how many of them stood otherwise before, at the same address. */
export async function upsertStatuses(
  db: Queryable,
  reviewId: string,
  now: Date,
  found: readonly FoundStatus[],
): Promise<number> {
  const { rows } = await sql<{ flipped: boolean }>`
    insert into address_statuses as stored
      (organization_id, kind, subject_id, address, status, detail, review_id, checked_at)
    select organization_id, kind, subject_id, address, status, detail, ${reviewId}::uuid, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(
      found.map((one) => ({
        organization_id: one.organizationId,
        kind: one.kind,
        subject_id: one.subjectId,
        address: one.address,
        status: one.status,
        detail: one.detail,
      })),
    )}::jsonb) as given (organization_id uuid, kind text, subject_id text, address jsonb, status text, detail jsonb)
    order by organization_id, kind, subject_id
    on conflict (organization_id, kind, subject_id) do update set
      previous_status = case
        when stored.address <> excluded.address then null
        when stored.status <> excluded.status then stored.status
        else stored.previous_status end,
      flipped_at = case
        when stored.address <> excluded.address then null
        when stored.status <> excluded.status then excluded.checked_at
        else stored.flipped_at end,
      address = excluded.address,
      status = excluded.status,
      detail = excluded.detail,
      review_id = excluded.review_id,
      checked_at = excluded.checked_at
    returning coalesce(flipped_at = ${now}::timestamptz, false) as flipped`.execute(db);
  return rows.filter(({ flipped }) => flipped).length;
}

/** Addresses that are no longer there: a whole review has not met them, nor has another that began meanwhile. */
export async function deleteUnmet(db: Queryable, reviewId: string, startedAt: Date): Promise<void> {
  await db.deleteFrom('addressStatuses').where('reviewId', '!=', reviewId).where('checkedAt', '<', startedAt).execute();
}

export type StatusFilter = { status?: string | undefined; flippedSince?: Date | undefined; kind?: string | undefined };

/** Those that flipped last first, then by kind. */
export async function selectStatuses(
  db: Queryable,
  organizationId: string,
  { status, flippedSince, kind }: StatusFilter,
  window: { start: number; max: number },
): Promise<{ rows: StatusRow[]; total: number }> {
  let query = db.selectFrom('addressStatuses').where('organizationId', '=', organizationId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (flippedSince !== undefined) query = query.where('flippedAt', '>=', flippedSince);
  const count = await query.select((eb) => eb.fn.countAll().as('total')).executeTakeFirst();
  const rows = await query
    .selectAll()
    .orderBy(sql`flipped_at desc nulls last`)
    .orderBy('kind')
    .orderBy('subjectId')
    .offset(window.start)
    .limit(window.max)
    .execute();
  return { rows, total: Number(count?.total ?? 0) };
}
