/** The thread that reads a large wire map file: the thread that answers calls only passes on what it made of it. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import { type ImportPreparation, type PreparedImport, prepareImport } from './prepare-import.ts';
import { textInPieces } from './text-in-pieces.ts';

/** A file on disk, whose batches are written to `batchesPath`, one a line; or a text, whose batches are handed back. */
export type ImportTask = {
  source: { path: string; batchesPath: string } | { text: string };
  preparation: ImportPreparation;
};

export type ImportNews =
  | { kind: 'progress'; characters: number }
  | { kind: 'prepared'; prepared: PreparedImport; batches: string[] }
  | { kind: 'problem'; problem: { kind: ProblemKind; detail: string; fields: { path: string; message: string }[] } };

const PROGRESS_EVERY = 1_000_000;
const CHUNK_BYTES = 256 * 1024;

async function prepare({ source, preparation }: ImportTask): Promise<ImportNews> {
  if ('text' in source) {
    const batches: string[] = [];
    const prepared = await prepareImport(textInPieces(source.text), preparation, (json) => {
      batches.push(json);
      return Promise.resolve();
    });
    return { kind: 'prepared', prepared, batches };
  }
  const file = await open(source.batchesPath, 'w', 0o600);
  let told = 0;
  try {
    const chunks = createReadStream(source.path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
    const prepared = await prepareImport(chunks as AsyncIterable<string>, preparation, async (json, characters) => {
      await file.write(`${json}\n`);
      if (characters - told < PROGRESS_EVERY) return;
      told = characters;
      parentPort?.postMessage({ kind: 'progress', characters } satisfies ImportNews);
    });
    return { kind: 'prepared', prepared, batches: [] };
  } finally {
    await file.close();
  }
}

async function run(task: ImportTask): Promise<ImportNews> {
  try {
    return await prepare(task);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'problem', problem: { kind: error.kind, detail: error.message, fields: [...error.fields] } };
  }
}

parentPort?.postMessage(await run(workerData as ImportTask));
