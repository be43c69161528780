import type { KyselyPlugin } from 'kysely';
import type { Database } from '../../src/storage/database.ts';

/** A database of which the first answer of so many rows or more is followed by `change`, before whoever asked goes on. */
export function changeBetweenReads(database: Database, rows: number, change: () => Promise<unknown>): Database {
  let isLeft = true;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (isLeft && result.rows.length >= rows) {
        isLeft = false;
        await change();
      }
      return result;
    },
  };
  return { ...database, db: database.db.withPlugin(plugin) };
}
