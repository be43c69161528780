/** The thread that reads a large wire map file: the thread that answers calls only passes on what it made of it. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { type ImportPreparation, type PreparedImport, prepareImport } from './prepare-import.ts';
import { textInPieces } from './text-in-pieces.ts';

lowerThreadPriority();

export type ImportTask = { source: { path: string } | { text: string }; preparation: ImportPreparation };

/** After each `batch` the thread waits for a word, so that no more than one is on its way. */
export type ImportNews =
  | { kind: 'batch'; json: string; characters: number }
  | { kind: 'prepared'; prepared: PreparedImport }
  | { kind: 'problem'; problem: { kind: ProblemKind; detail: string; fields: { path: string; message: string }[] } };

const CHUNK_BYTES = 256 * 1024;

async function run({ source, preparation }: ImportTask): Promise<ImportNews> {
  const chunks: AsyncIterable<string> =
    'text' in source
      ? textInPieces(source.text)
      : createReadStream(source.path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  try {
    const prepared = await prepareImport(chunks, preparation, async (json, characters) => {
      if (parentPort === null) throw new Error('this is a thread of its own');
      parentPort.postMessage({ kind: 'batch', json, characters } satisfies ImportNews);
      await once(parentPort, 'message');
    });
    return { kind: 'prepared', prepared };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'problem', problem: { kind: error.kind, detail: error.message, fields: [...error.fields] } };
  }
}

parentPort?.postMessage(await run(workerData as ImportTask));
