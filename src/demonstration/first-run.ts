import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../support/atomic-file.ts';

/** Where the doors of a running platform are. */
export type Doors = { baseUrl: string; heldUrl: string; lostUrl: string; sipUri: string; consoleUrl: string };

/** `<data>/first-run.json`, mode 0600: everything a newcomer's script needs. Names are fixed. */
export type FirstRun = Doors & {
  organizationId?: string;
  companyId?: string;
  companySecret?: string;
  redSkyOrgId?: string;
  tokens: {
    operator: string;
    fullAdmin?: string;
    readOnlyAdmin?: string;
    userAdmin?: string;
    locationAdmin?: string;
    partnerAdmin?: string;
  };
  locations?: { id: string; name: string }[];
  examples?: Record<string, string>;
  fresh?: { organizationId: string; tokens: { fullAdmin: string; readOnlyAdmin: string } };
};

const NAME = 'first-run.json';

export async function writeFirstRun(dataDir: string, content: FirstRun): Promise<void> {
  await writeFileAtomically(join(dataDir, NAME), `${JSON.stringify(content, null, 2)}\n`);
}

export async function readFirstRun(dataDir: string): Promise<FirstRun | null> {
  try {
    return JSON.parse(await readFile(join(dataDir, NAME), 'utf8')) as FirstRun;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
