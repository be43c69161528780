import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../support/atomic-file.ts';

/** Where a running platform is and the token with which its operator speaks to it; mode 0600 in the data folder. */
export type OperatorFile = { baseUrl: string; token: string };

const NAME = 'operator.json';

export async function readOperatorFile(dataDir: string): Promise<OperatorFile | null> {
  try {
    return JSON.parse(await readFile(join(dataDir, NAME), 'utf8')) as OperatorFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeOperatorFile(dataDir: string, file: OperatorFile): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFileAtomically(join(dataDir, NAME), `${JSON.stringify(file, null, 2)}\n`);
}
