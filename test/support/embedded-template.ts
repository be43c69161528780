/**
 * The embedded database as migrations leave it, made once in a run of the tests: to make a cluster out of nothing takes seconds of the
 * processor, and few tests are about that. `npm test` makes the template; where one file is run by itself there is none, and each
 * database begins from nothing, as it does in the tests of storage, of migrations and of the first start.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createLogger, type Logger } from '../../src/support/logger.ts';

/** The environment variable that names the folder of the template. */
export const TEMPLATE_VARIABLE = 'WAYMARK_TEST_TEMPLATE';

const DATA_FOLDER = 'data';
const ARCHIVE = 'cluster.tar';

function templateFolder(): string | undefined {
  const folder = process.env[TEMPLATE_VARIABLE];
  return folder === '' ? undefined : folder;
}

/** Makes the template in `folder`: a data folder to copy, and the same cluster as a tar for databases in memory. */
export async function makeEmbeddedTemplate(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const database = await openDatabase(
    { url: undefined, embeddedDir: join(folder, DATA_FOLDER) },
    createLogger('silent'),
  );
  try {
    await database.migrate();
    if (database.dump === undefined) throw new Error('the embedded database has no dump');
    // Unpacked here once, rather than by each database.
    writeFileSync(join(folder, ARCHIVE), gunzipSync(await database.dump()));
  } finally {
    await database.close();
  }
}

/** A database with all migrations: that of `url`, or an empty one in memory. */
export async function openMigratedDatabase(logger: Logger, url?: string): Promise<Database> {
  const template = url === undefined ? templateFolder() : undefined;
  const loadFrom = template === undefined ? undefined : readFileSync(join(template, ARCHIVE));
  const database = await openDatabase({ url, embeddedDir: undefined, ...(loadFrom && { loadFrom }) }, logger);
  // Of the template, too: an engine that has not yet done anything is slow at first, which no deadline in a test is made for.
  await database.migrate();
  return database;
}

/** Puts the migrated, empty cluster into a new data folder, where there is a template. */
export function fillDataFolder(dataDir: string): void {
  const template = templateFolder();
  if (template === undefined) return;
  cpSync(join(template, DATA_FOLDER, 'pgdata'), join(dataDir, 'pgdata'), { recursive: true });
}
