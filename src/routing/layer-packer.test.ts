import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { type PostgresCluster, startPostgresCluster } from '../../test/support/postgres-cluster.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { readBlockFile } from './block-file.ts';
import { encodeOutline } from './boundary-outline.ts';
import { createLayerPacker } from './layer-packer.ts';
import { packLayer } from './pack-layer.ts';
import type { WantedOutline } from './read-outlines.ts';

const logger = createLogger('silent');
const IMPORT = '00000000-0000-4000-8000-000000000001';
const VERSION = '0'.repeat(32);
/** The second lies within the first; each of so many corners that a process packs them, the first read in pieces. */
const OUTLINES = new Map([
  ['large', roundOutline(50_000, 2)],
  ['small', roundOutline(3_000, 0.1)],
]);

function roundOutline(corners: number, radius: number): Uint8Array {
  const ring = Array.from({ length: corners }, (_, i): [number, number] => {
    const angle = (2 * Math.PI * i) / corners;
    const length = radius * (1 + (i % 2) * 0.01);
    return [-95 + length * Math.cos(angle), 30 + length * Math.sin(angle)];
  });
  return encodeOutline([[ring]]);
}

const wanted: WantedOutline[] = [...OUTLINES].map(([sourceId, outline]) => ({
  sourceId,
  version: VERSION,
  outlineBytes: outline.length,
}));
const expected = packLayer({
  bytes: Buffer.concat([...OUTLINES.values()]),
  ends: Uint32Array.of(
    wanted[0]?.outlineBytes ?? 0,
    wanted.reduce((sum, { outlineBytes }) => sum + outlineBytes, 0),
  ),
});

let folder: string;
let cluster: PostgresCluster;
const databases: Database[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-packer-'));
  cluster = await startPostgresCluster();
  for (const url of [undefined, await cluster.createDatabase()]) {
    const database = await openMigratedDatabase(logger, url);
    await fill(database);
    databases.push(database);
  }
});

after(async () => {
  for (const database of databases) await database.close();
  cluster.remove();
  await rm(folder, { recursive: true });
});

async function fill({ db }: Database): Promise<void> {
  await db
    .insertInto('boundaryImports')
    .values({
      id: IMPORT,
      layer: 'state',
      revision: 1,
      action: 'boundaries.imported',
      restorable: false,
      source: null,
      actor: 'operator',
      importedAt: new Date(),
      featureCount: 2,
      added: 2,
      changed: 0,
      removed: 0,
    })
    .execute();
  for (const [sourceId, outline] of OUTLINES) {
    await db
      .insertInto('serviceBoundaries')
      .values({
        sourceId,
        layer: 'state',
        importId: IMPORT,
        source: 'psap.example',
        serviceUrn: 'urn:service:sos',
        uri: `sip:${sourceId}@psap.example`,
        displayName: sourceId,
        serviceNumber: '911',
        outline,
        version: VERSION,
        updatedAt: new Date(),
        revision: 1,
        kind: 'service',
        effectiveAt: null,
        expiresAt: null,
        inForce: true,
      })
      .execute();
  }
}

test('a process packs what a thread would, whether it reads for itself or is handed what this one read', async () => {
  for (const database of databases) {
    const packer = createLayerPacker(database);
    try {
      assert.deepEqual(await packer.pack(wanted, undefined), expected);
      const path = join(folder, database.engine, 'layer.block');
      await mkdir(join(folder, database.engine));
      await writeFile(`${path}.1.tmp`, 'what a killed process left');
      assert.deepEqual(await packer.pack(wanted, path), expected);
      assert.deepEqual(await readBlockFile(path), expected);
      assert.deepEqual(await readdir(join(folder, database.engine)), ['layer.block']);
    } finally {
      await packer.stop();
    }
  }
});

test('a boundary that changed meanwhile is told as such, and the next layer is packed', async () => {
  for (const database of databases) {
    const packer = createLayerPacker(database);
    try {
      const changed = wanted.map((one) => ({ ...one, version: '1'.repeat(32) }));
      await assert.rejects(packer.pack(changed, undefined), { name: 'OutlinesChangedError' });
      assert.deepEqual(await packer.pack(wanted, undefined), expected);
    } finally {
      await packer.stop();
    }
  }
});

test('a process that ends is replaced by the next; none is started when the platform ends', async () => {
  const [database] = databases;
  assert.ok(database);
  const packer = createLayerPacker(database);
  const path = join(folder, 'not-a-file');
  await mkdir(path);
  await assert.rejects(packer.pack(wanted, path), /the process that packs boundaries ended with 1: [^]*EISDIR/);
  const { order } = await packer.pack(wanted, undefined);
  assert.deepEqual([...order], [1, 0]);
  await packer.stop();
  await assert.rejects(packer.pack(wanted, undefined), /the platform ends/);
});

test('none is started for a layer that was on its way when the platform ended', async () => {
  for (const database of databases) {
    for (const path of [undefined, join(folder, database.engine, 'ended.block')]) {
      const packer = createLayerPacker(database);
      const packing = assert.rejects(packer.pack(wanted, path), /layers are no longer packed: the platform ends/);
      await packer.stop();
      await packing;
    }
  }
});
