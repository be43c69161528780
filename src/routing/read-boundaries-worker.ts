/** A thread that reads one file of boundaries: a whole state takes seconds, in which calls must not wait. */
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError } from '../domain/problem.ts';
import { readBoundaries } from './read-boundaries.ts';
import type { ReadingOutcome } from './read-boundaries-aside.ts';

function read(document: Uint8Array | string): ReadingOutcome {
  try {
    return { boundaries: readBoundaries(document) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { problem: { kind: error.kind, detail: error.message, fields: error.fields } };
  }
}

parentPort?.postMessage(read((workerData as { document: Uint8Array | string }).document));
