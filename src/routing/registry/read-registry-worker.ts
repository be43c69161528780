/** A thread that reads one registry: a spreadsheet of nine thousand rows takes half a second, in which calls must not wait. */
import { parentPort, workerData } from 'node:worker_threads';
import { toProblemMessage } from '../../domain/problem.ts';
import { lowerThreadPriority } from '../../support/lower-priority.ts';
import type { RegistryOutcome } from './read-registry-aside.ts';
import { readRegistryFile } from './read-registry-file.ts';

lowerThreadPriority();

async function read(document: Uint8Array): Promise<RegistryOutcome> {
  try {
    return { file: await readRegistryFile(document) };
  } catch (error) {
    return { problem: toProblemMessage(error) };
  }
}

parentPort?.postMessage(await read((workerData as { document: Uint8Array }).document));
