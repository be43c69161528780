import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkFolder } from './boundary-import-jobs.ts';

/** The folder in which files wait while they are read; what an earlier run left there is removed. undefined: one of the moment. */
export function createWorkFolder(path: string | undefined): WorkFolder & { remove(): Promise<void> } {
  let made: Promise<string> | undefined;
  async function make(): Promise<string> {
    if (path === undefined) return mkdtemp(join(tmpdir(), 'waymark-boundaries-'));
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
