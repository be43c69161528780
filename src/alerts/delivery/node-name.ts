import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import { errorText } from '../../support/error-text.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';

async function readName(path: string): Promise<string | undefined> {
  try {
    const name = (await readFile(path, 'utf8')).trim();
    return isUuid(name) ? name : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The name of the node whose data folder this is, made on its first start: what it had taken before a restart is its own. Where the
 * disk refuses, it is a name for this run: what was taken is then taken up when its claims have run out.
 */
export async function readNodeName(path: string, logger: Pick<Logger, 'warn'>): Promise<string> {
  try {
    const known = await readName(path);
    if (known !== undefined) return known;
    const name = newId();
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomically(path, `${name}\n`);
    return name;
  } catch (error) {
    logger.warn({ err: errorText(error) }, 'the name of this node cannot be kept on disk');
    return newId();
  }
}
