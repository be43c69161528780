import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../support/logger.ts';
import { openDatabase } from './database.ts';

/**
 * Fills the embedded database of an empty data folder from a dump. Refuses a folder that has a database, and a folder in
 * use; a dump that cannot be read leaves the folder as empty as it was.
 */
export async function restoreEmbedded(dataDir: string, archive: Uint8Array, logger: Logger): Promise<void> {
  const cluster = join(dataDir, 'pgdata');
  if (existsSync(cluster)) throw new Error(`${dataDir} already holds a database; restore into an empty folder`);
  try {
    const database = await openDatabase({ url: undefined, embeddedDir: dataDir, loadFrom: archive }, logger);
    try {
      await database.migrate();
    } finally {
      await database.close();
    }
  } catch (error) {
    await rm(cluster, { recursive: true, force: true });
    throw new Error('the backup cannot be restored; is it a file that waymark backup wrote?', { cause: error });
  }
}
