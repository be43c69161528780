/** The thread in which maps are drawn. */
import { parentPort } from 'node:worker_threads';
import { drawMap } from './draw-map.ts';
import type { MapScene } from './map-scene.ts';

export type MapOrder = { id: number; scene: MapScene };
export type MapDrawn = { id: number; png: Uint8Array | null; fault: string | null };

const port = parentPort;
if (port === null) throw new Error('map-worker.ts runs as a thread only');

function draw({ id, scene }: MapOrder): MapDrawn {
  try {
    return { id, png: drawMap(scene), fault: null };
  } catch (error) {
    return { id, png: null, fault: String(error) };
  }
}

port.on('message', (order: MapOrder) => port.postMessage(draw(order)));
