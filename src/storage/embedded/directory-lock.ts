import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A second process must not open the same embedded database: PGlite itself would let both write and lose rows. */
export class DirectoryLockedError extends Error {
  constructor(folder: string, holder: string) {
    super(
      `the data folder ${folder} is in use by process ${holder}. Stop that process, give this one another folder ` +
        'with WAYMARK_DATA_DIR, or run several nodes on one PostgreSQL with WAYMARK_DATABASE_URL',
    );
    this.name = 'DirectoryLockedError';
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * Takes the folder for this process or throws DirectoryLockedError; the returned function gives it back.
 *
 * Node has no `flock`, and a file with a process id can be stale or stolen in a race. An exclusive SQLite transaction
 * is a lock that the operating system drops with the process, however it ends.
 */
export function lockDirectory(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const holderPath = join(folder, 'lock.pid');
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new DirectoryLockedError(folder, readHolder(holderPath));
    }
    throw error;
  }
  writeFileSync(holderPath, `${process.pid}\n`, { mode: 0o600 });
  return () => lock.close();
}
