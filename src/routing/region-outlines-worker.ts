/** Thread that prepares the outlines of the built-in regions for maps, packed as they are sent; it ends with them. */
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { readDefaultBoundaries } from './default-data.ts';
import { regionOutlines } from './region-outlines.ts';

lowerThreadPriority();

parentPort?.postMessage(gzipSync(JSON.stringify(regionOutlines(readDefaultBoundaries()))));
