import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { encodeOutline } from './boundary-outline.ts';
import { explainRoute } from './explain-route.ts';
import { createRoutingSnapshot } from './routing-data.ts';
import { findByKey, type RoutingSnapshot } from './routing-snapshot.ts';

const logger = createLogger('silent');
const IMPORT = '00000000-0000-4000-8000-000000000001';
const houston = { shape: { type: 'point', position: { latitude: 29.7604, longitude: -95.3698 } } } as const;

let database: Database;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-routing-'));
  database = await openMigratedDatabase(logger);
  await database.db
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
  await add('round', '1', roundOutline(-95.3698, 29.7604, 60_000));
  await add('square', '1', roundOutline(-100, 40, 4));
});

after(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** A ring of so many corners that its bytes are read in several pieces. */
function roundOutline(longitude: number, latitude: number, corners: number): Uint8Array {
  const ring = Array.from({ length: corners }, (_, i): [number, number] => {
    const angle = (2 * Math.PI * i) / corners;
    const radius = 0.4 + (i % 2) * 0.01;
    return [longitude + radius * Math.cos(angle), latitude + radius * Math.sin(angle)];
  });
  return encodeOutline([[ring]]);
}

async function add(sourceId: string, version: string, outline: Uint8Array): Promise<void> {
  await database.db
    .insertInto('serviceBoundaries')
    .values({
      sourceId,
      layer: 'state',
      importId: IMPORT,
      source: 'psap.example',
      serviceUrn: 'urn:service:sos',
      uri: `sip:${sourceId}@psap.example`,
      displayName: `Desk ${sourceId}`,
      serviceNumber: '911',
      outline,
      version,
      updatedAt: new Date(),
      revision: 1,
      kind: 'service',
      effectiveAt: null,
      expiresAt: null,
      inForce: true,
    })
    .execute();
}

const open = (onBuiltIn: () => void = () => undefined) =>
  createRoutingSnapshot({
    database,
    logger,
    folder,
    defaultUri(sourceId) {
      onBuiltIn();
      return `sip:${sourceId}@127.0.0.1`;
    },
    relayUri: () => 'sip:relay@127.0.0.1',
  });

const blocks = async () => (await readdir(folder)).filter((name) => name.endsWith('.block'));

test('outlines of any size are read in pieces, packed, saved, and read from disk by a node without database', async () => {
  const snapshot = open();
  assert.equal(explainRoute(snapshot.current(), houston)?.mapping.source, 'waymark.default');
  await snapshot.loadFromDatabase();
  const route = explainRoute(snapshot.current(), houston);
  assert.equal(route?.mapping.sourceId, 'round');
  assert.deepEqual(
    { ...route?.boundary, updated: null },
    { layer: 'state', version: '1', importId: IMPORT, updated: null },
  );
  await snapshot.save();
  assert.equal((await blocks()).length, 1);

  const other = open();
  assert.equal(await other.loadFromDisk(), true);
  assert.equal(explainRoute(other.current(), houston)?.mapping.sourceId, 'round');
  const [layer] = other.current().importedLayers.values();
  assert.ok(layer && layer.index.bytes / layer.index.corners < 20, 'at most 20 bytes for each corner');
  await Promise.all([snapshot.stop?.(), other.stop?.()]);
});

test('a layer that did not change is kept as it is; one that did is packed anew, and its old file goes', async () => {
  const snapshot = open();
  await snapshot.loadFromDatabase();
  const held = snapshot.current().importedLayers.get('urn:service:sos')?.index.block;
  await snapshot.apply([{ sequence: 1, kind: 'routing', organizationId: null }]);
  assert.equal(snapshot.current().importedLayers.get('urn:service:sos')?.index.block, held);
  const [before] = await blocks();
  await database.db.deleteFrom('serviceBoundaries').where('sourceId', '=', 'square').execute();
  await snapshot.loadFromDatabase();
  assert.equal(snapshot.current().importedLayers.get('urn:service:sos')?.index.size, 1);
  await snapshot.save();
  const after = await blocks();
  assert.equal(after.length, 1);
  assert.notEqual(after[0], before);
  await snapshot.stop?.();
});

test('what nobody changed is the same object after a change; what a PSAP, a choice or another import says is made anew', async () => {
  const snapshot = open();
  await snapshot.loadFromDatabase();
  const changed = [{ sequence: 1, kind: 'routing', organizationId: null }] as const;
  const look = (): [imported: unknown, builtIn: unknown] => {
    const { defaultLayer, importedLayers } = snapshot.current();
    return [importedLayers.get('urn:service:sos'), defaultLayer];
  };
  const [imported, builtIn] = look();
  const current = (): RoutingSnapshot => snapshot.current();
  const before = current();
  await snapshot.apply(changed);
  assert.notEqual(current(), before);
  assert.deepEqual(
    look().map((layer, place) => layer === [imported, builtIn][place]),
    [true, true],
  );

  // The same version again, from an import of another day: only what is told of it differs.
  const later = new Date('2031-02-03T04:05:06Z');
  await database.db
    .updateTable('serviceBoundaries')
    .set({ updatedAt: later })
    .where('sourceId', '=', 'round')
    .execute();
  await snapshot.apply(changed);
  assert.equal(explainRoute(current(), houston)?.mapping.lastUpdated, later.toISOString());
  assert.equal(look()[1], builtIn);

  const psap = {
    id: '00000000-0000-4000-8000-0000000000aa',
    name: 'Round desk',
    uri: 'sip:round@psap.example',
    alternateUris: ['sip:second@psap.example'],
    ringTimeoutMs: 9_000,
    ringLimitMs: null,
    queueLimitMs: null,
    plainSipUser: false,
    sourceId: null,
    phoneNumber: null,
    textTo911: false,
    updatedAt: later,
  };
  await database.db.insertInto('psaps').values(psap).execute();
  await snapshot.apply(changed);
  const settings = (): unknown => current().importedLayers.get('urn:service:sos')?.served[0]?.ringTimeoutMs;
  assert.equal(settings(), 9_000);
  // Changed twice within a millisecond: its date says nothing.
  await database.db.updateTable('psaps').set({ ringTimeoutMs: 7_000 }).where('id', '=', psap.id).execute();
  await snapshot.apply(changed);
  assert.equal(settings(), 7_000);
  await database.db.deleteFrom('psaps').where('id', '=', psap.id).execute();

  const key = current().importedLayers.get('urn:service:sos')?.served[0]?.key ?? '';
  assert.equal(findByKey(current(), key)?.boundary, 0);
  assert.equal(findByKey(current(), current().defaultLayer.served[5]?.key ?? '')?.boundary, 5);
  assert.equal(findByKey(current(), 'f'.repeat(32)), undefined);
  await snapshot.stop?.();
});

test('a damaged file leaves its layer out, no more; the database brings it back', async () => {
  const [name = ''] = await blocks();
  const path = join(folder, name);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const snapshot = open();
  assert.equal(await snapshot.loadFromDisk(), true);
  assert.equal(explainRoute(snapshot.current(), houston)?.mapping.source, 'waymark.default');
  await snapshot.loadFromDatabase();
  assert.equal(explainRoute(snapshot.current(), houston)?.mapping.sourceId, 'round');
  await snapshot.save();
  const other = open();
  await other.loadFromDisk();
  assert.equal(explainRoute(other.current(), houston)?.mapping.sourceId, 'round');
  await Promise.all([snapshot.stop?.(), other.stop?.()]);
});

test('what was saved does not replace what the database said while it was wired up', async () => {
  const saving = open();
  await saving.loadFromDatabase();
  await saving.save();
  await saving.stop?.();
  await database.db
    .updateTable('serviceBoundaries')
    .set({ uri: 'sip:moved@psap.example' })
    .where('sourceId', '=', 'round')
    .execute();

  let builtIn = 0;
  let boundaries = Number.POSITIVE_INFINITY;
  let fromDisk: Promise<boolean> | undefined;
  const snapshot = open(() => {
    builtIn++;
    // Made when opened and from disk already: this is the database's turn, and it takes long enough for the files to be read again.
    if (builtIn <= 2 * boundaries) return;
    if (builtIn % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    fromDisk ??= snapshot.loadFromDisk();
  });
  boundaries = builtIn;
  await database.db
    .insertInto('mappingChanges')
    .values({ sourceId: 'us-county-48201', changedAt: new Date() })
    .execute();
  await snapshot.loadFromDatabase();
  assert.equal(await fromDisk, true, 'the files were read meanwhile');
  assert.equal(explainRoute(snapshot.current(), houston)?.mapping.uri, 'sip:moved@psap.example');
  await snapshot.stop?.();
});
