import { type Db, fromKysely } from 'pg-boss';
import type { Database, Transaction } from '../../storage/database.ts';

/** The schema that pg-boss keeps for itself. */
export const JOB_SCHEMA = 'pgboss';

/** pg-boss's statements inside the caller's transaction; plain, because it reads columns by their SQL names. */
export function jobStatementsIn(tx: Transaction): Db {
  return fromKysely(tx.withoutPlugins());
}

/** Jobs that a process took and never settled. */
export async function selectActiveJobIds(database: Database, queue: string): Promise<string[]> {
  const { rows } = await database.executeSql(
    `select id from ${JOB_SCHEMA}.job where name = $1 and state = 'active' limit 10000`,
    [queue],
  );
  return rows.map((row) => String(row['id']));
}
