/** The thread that packs a layer: seconds of work for a national one, away from the thread that answers calls. */
import { parentPort, workerData } from 'node:worker_threads';
import { packLayer, type StoredOutlines } from './pack-layer.ts';

parentPort?.postMessage(packLayer(workerData as StoredOutlines));
