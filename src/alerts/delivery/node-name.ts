import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import { isUuid, newId } from '../../support/ids.ts';

/** The name of the node whose data folder this is, made on its first start: what it had taken before a restart is its own. */
export async function readNodeName(path: string): Promise<string> {
  try {
    const name = (await readFile(path, 'utf8')).trim();
    if (isUuid(name)) return name;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const name = newId();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, `${name}\n`);
  return name;
}
