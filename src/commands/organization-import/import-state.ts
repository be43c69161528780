import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import { errorText } from '../../support/error-text.ts';

/** What earlier imports of one source made of each of its things, so that a renamed one is not taken for a new one. */
export type ImportState = {
  /** `kind/sourceId` -> our id. */
  known: ReadonlyMap<string, string>;
  remember(kind: string, sourceId: string, ourId: string): void;
  /** Writes what is new; a disk that refuses is told once. */
  save(): Promise<void>;
  path: string;
};

const VERSION = 1;
const MAX_NAME = 120;

function fileName(organizationId: string, source: string): string {
  const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]+/g, '_').slice(0, MAX_NAME);
  return `${plain(organizationId)}-${plain(source)}.json`;
}

/** Undefined for what is not there or is not ours: losing it costs nothing but the recognition of renamed things. */
async function readKnown(path: string): Promise<Map<string, string> | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    const parsed = JSON.parse(content) as { version?: unknown; known?: Record<string, unknown> } | null;
    const { version, known } = parsed ?? {};
    if (version !== VERSION || typeof known !== 'object' || known === null) return undefined;
    const pairs = Object.entries(known).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    return new Map(pairs);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `imports/<organization>-<source>.json` in the data folder; `say` hears of one that cannot be read. */
export async function openImportState(
  dataDir: string,
  organizationId: string,
  source: string,
  say: (text: string) => void,
): Promise<ImportState> {
  const folder = join(dataDir, 'imports');
  const path = join(folder, fileName(organizationId, source));
  const read = await readKnown(path);
  if (!read) say(`${path} cannot be read and is begun anew: what was renamed since is taken for new`);
  const known = read ?? new Map<string, string>();
  let isNew = false;
  let isTold = false;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    if (!isNew) return;
    isNew = false;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(path, `${JSON.stringify({ version: VERSION, known: Object.fromEntries(known) })}\n`);
    } catch (error) {
      // The import itself needs no file: it goes on.
      isNew = true;
      if (!isTold) say(`${path} cannot be written, so renamed things will be taken for new: ${errorText(error)}`);
      isTold = true;
    }
  }

  return {
    known,
    path,
    remember(kind, sourceId, ourId) {
      const name = `${kind}/${sourceId}`;
      if (known.get(name) === ourId) return;
      known.set(name, ourId);
      isNew = true;
    },
    save() {
      // One after the other: all of them replace the same file.
      writing = writing.then(write);
      return writing;
    },
  };
}
