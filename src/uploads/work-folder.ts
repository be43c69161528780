import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder in which files wait while they are read; made, and empty, when it is first asked for. */
export type WorkFolder = (() => Promise<string>) & { remove(): Promise<void> };

/** What an earlier run left at `path` is of no use and goes; undefined: a folder of the moment, called after `purpose`. */
export function createWorkFolder(path: string | undefined, purpose: string): WorkFolder {
  let made: Promise<string> | undefined;
  async function make(): Promise<string> {
    if (path === undefined) return mkdtemp(join(tmpdir(), `waymark-${purpose}-`));
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
  const folder = (): Promise<string> => {
    made ??= make();
    return made;
  };
  return Object.assign(folder, {
    async remove(): Promise<void> {
      if (made !== undefined) await rm(await made, { recursive: true, force: true });
    },
  });
}
