/** The thread that reads a large wire map file: the thread that answers calls only passes on what it made of it. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import { type ImportPreparation, type PreparedImport, prepareImport } from './prepare-import.ts';

/** `batchesPath` is written: one batch of rows a line. */
export type ImportTask = { path: string; batchesPath: string; preparation: ImportPreparation };

export type ImportNews =
  | { kind: 'progress'; characters: number }
  | { kind: 'prepared'; prepared: PreparedImport }
  | { kind: 'problem'; problem: { kind: ProblemKind; detail: string; fields: { path: string; message: string }[] } };

const PROGRESS_EVERY = 1_000_000;

async function run({ path, batchesPath, preparation }: ImportTask): Promise<ImportNews> {
  const batches = await open(batchesPath, 'w', 0o600);
  let told = 0;
  try {
    const source = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 });
    const prepared = await prepareImport(source as AsyncIterable<string>, preparation, async (json, characters) => {
      await batches.write(`${json}\n`);
      if (characters - told < PROGRESS_EVERY) return;
      told = characters;
      parentPort?.postMessage({ kind: 'progress', characters } satisfies ImportNews);
    });
    return { kind: 'prepared', prepared };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'problem', problem: { kind: error.kind, detail: error.message, fields: [...error.fields] } };
  } finally {
    await batches.close();
  }
}

parentPort?.postMessage(await run(workerData as ImportTask));
