import { sql } from 'kysely';
import type { Transaction } from '../../storage/database.ts';

/** A statement removes at most so many rows, so that calls are never kept waiting for it. */
const MAX_ROWS = 5_000;

/** Removes settled receipts, and drills, that are older than their organization keeps them; gives how many. The rest follows the next time. */
export async function deleteOldAlerts(tx: Transaction, now: Date): Promise<number> {
  const receipts = await sql`
    delete from alert_receipts where key in (
      select r.key from alert_receipts r join alert_settings s on s.organization_id = r.organization_id
      where r.state in ('accepted', 'exhausted') and s.retention_days is not null
        and r.queued_at < ${now}::timestamptz - make_interval(days => s.retention_days)
      limit ${MAX_ROWS})`.execute(tx);
  const drills = await sql`
    delete from alert_drills where id in (
      select d.id from alert_drills d join alert_settings s on s.organization_id = d.organization_id
      where s.retention_days is not null and d.started_at < ${now}::timestamptz - make_interval(days => s.retention_days)
      limit ${MAX_ROWS})`.execute(tx);
  return Number(receipts.numAffectedRows ?? 0n) + Number(drills.numAffectedRows ?? 0n);
}
