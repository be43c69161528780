/** The thread that packs a layer: seconds of work for a national one, away from the thread that answers calls. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { packLayer, type StoredOutlines } from './pack-layer.ts';

/** Calls go first where cores are few: on Linux a priority belongs to the thread that asks for it, elsewhere it is as it is. */
if (process.platform === 'linux') setPriority(5);

parentPort?.postMessage(packLayer(workerData as StoredOutlines));
