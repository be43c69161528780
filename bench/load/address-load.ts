/** Checks addresses against a layer in one process: `validateAddress` whole, from the fields to level, place and reasons. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAddressLayers } from '../../src/addresses/address-layers.ts';
import { openBlock } from '../../src/addresses/layer-block.ts';
import { createLayerLint } from '../../src/addresses/layer-lint.ts';
import { createLayerPacker } from '../../src/addresses/pack-layer.ts';
import { readPostalBook } from '../../src/addresses/postal-book.ts';
import { validateAddress } from '../../src/addresses/validate-address.ts';
import { askedPoint, benchPoint } from '../address-points.ts';
import { serveParent } from '../processes.ts';

export type AddressSetup = { kind: 'setup'; points: number };
export type AddressSetupResult = { bytesPerPoint: number; heapBytesPerPoint: number; packSeconds: number };
export type AddressRun = { kind: 'run'; ms: number };
/** `missed` counts addresses that did not reach the point. */
export type AddressRunResult = { count: number; missed: number; seconds: number; cpuSeconds: number };

const CHUNK = 64;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const book = await readPostalBook();

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

let layers = createAddressLayers([]);
let points = 0;
let next = 0;

function pack(count: number): Uint8Array {
  const packer = createLayerPacker(createLayerLint());
  for (let place = 0; place < count; place += 1) {
    const { number, direction, name, type, city, postalCode } = benchPoint(place);
    packer.add({
      kind: 'point',
      id: `p${place}`,
      street: { PRM: '', PRD: direction, STP: '', RD: name, STS: type, POD: '', POM: '' },
      HNP: '',
      HNO: number,
      HNS: '',
      indoor: { BLD: '', FLR: '', UNIT: '', ROOM: '', SEAT: '' },
      area: { country: 'US', A1: 'TX', A2: '', A3: city, A4: '', A5: '', PC: postalCode, PCN: '', MSAG: '', ESN: '' },
      position: { latitude: 30 + (place % 10_000) / 1e4, longitude: -97 + place / 1e6 },
    });
  }
  return packer.finish('bench').bytes;
}

function setup(message: AddressSetup): AddressSetupResult {
  const startedAt = performance.now();
  const bytes = pack(message.points);
  const packSeconds = (performance.now() - startedAt) / 1_000;
  points = message.points;
  const before = heapBytes();
  layers = createAddressLayers([openBlock(bytes)]);
  return {
    bytesPerPoint: bytes.length / points,
    heapBytesPerPoint: Math.max(0, heapBytes() - before) / points,
    packSeconds,
  };
}

function isConfirmed(place: number): boolean {
  const { number, direction, name, type, city, postalCode } = benchPoint(askedPoint(place, points));
  const address1 = `${number} ${direction} ${name} ${type}`;
  return validateAddress({ address1, city, state: 'TX', postalCode, country: 'US' }, book, layers).level === 'point';
}

function run({ ms }: AddressRun): AddressRunResult {
  let count = 0;
  let missed = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  while (performance.now() - startedAt < ms) {
    for (let i = 0; i < CHUNK; i += 1) {
      if (!isConfirmed(next)) missed += 1;
      next += 1;
      count += 1;
    }
  }
  const { system, user } = process.cpuUsage(before);
  return { count, missed, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (system + user) / 1e6 };
}

serveParent((message: AddressSetup | AddressRun) =>
  Promise.resolve(message.kind === 'setup' ? setup(message) : run(message)),
);
