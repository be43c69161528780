/** A registry imported, judged, chosen from and gone back on, over a database, with what the routing snapshot makes of it. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { createAudit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { SOS } from '../../domain/service-urn.ts';
import type { Database } from '../../storage/database.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { defaultBoundaries } from '../default-boundaries.ts';
import { findDestination } from '../explain-route.ts';
import { createLostEndpoint } from '../lost-endpoint.ts';
import { createPsapManagement } from '../manage-psaps.ts';
import type { RouteDestination } from '../route.ts';
import { createRoutingSnapshot } from '../routing-data.ts';
import { createPsapRegistry, type PsapRegistry } from './psap-registry.ts';

const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };
const HEADER = 'PSAP ID,PSAP Name,State,County,City,Type of Change';
const FIRST = [
  '1,Travis County Sheriff,TX,Travis,Austin,NC',
  '2,Austin Police,TX,Travis,Austin,M',
  '3,Old Austin Desk,TX,Travis,Austin,O',
  '4,Hays County Sheriff,TX,Hays,San Marcos,NC',
  '5,Toronto Police,ON,,Toronto,NC',
];
const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };
const HOUSTON = { latitude: 29.7604, longitude: -95.3698 };
const SAN_MARCOS = { latitude: 29.883, longitude: -97.9414 };
const TRAVIS = 'us-county-48453';
const HAYS = 'us-county-48209';

suite('PSAP registry', () => {
  const logger = createLogger('silent');
  const clock = createManualClock(Date.UTC(2030, 0, 1));
  let database: Database;
  let registry: PsapRegistry;
  let snapshot: ReturnType<typeof createRoutingSnapshot>;

  before(async () => {
    database = await openMigratedDatabase(logger);
    const audit = createAudit({ database, clock });
    registry = createPsapRegistry({ database, audit, clock, areas: defaultBoundaries().boundaries });
    snapshot = createRoutingSnapshot({
      database,
      logger,
      folder: undefined,
      defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1`,
      relayUri: (country) => `sip:relay-${country}@127.0.0.1`,
    });
    await snapshot.loadFromDatabase();
  });

  after(async () => {
    await snapshot.stop?.();
    await database.close();
  });

  const load = (rows: readonly string[], dryRun = false, source?: string) => {
    clock.advance(1_000);
    return registry.importRegistry(actor, { document: Buffer.from([HEADER, ...rows].join('\n')), dryRun, source });
  };

  async function routeOf(position: { latitude: number; longitude: number }): Promise<RouteDestination> {
    await snapshot.apply([{ sequence: 1, kind: 'routing', organizationId: null }]);
    const route = findDestination(snapshot.current(), { shape: { type: 'point', position } }, SOS);
    assert.ok(route);
    return route;
  }

  const now = (): string => new Date(clock.nowMs()).toISOString();

  const rejected = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ProblemError, String(error));
    return error.kind;
  };

  test('a dry run says all and stores nothing', async () => {
    const report = await load(FIRST, true);
    assert.deepEqual(report.counts, { added: 5, changed: 0, removed: 0, unchanged: 0 });
    assert.equal(report.importId, null);
    assert.equal(report.active, 4);
    assert.deepEqual(report.boundaries, { one: 2, several: 1, chosen: 0, relay: 0, gone: 0 });
    assert.deepEqual(report.newlyToRelay, [TRAVIS]);
    assert.deepEqual(await registry.listRegistry({}, { start: 0, max: 10 }), []);
    assert.equal((await routeOf(AUSTIN)).leadsToRelay, false);
  });

  test('one active PSAP lends its name, several lead to the relay centre', async () => {
    const { importId } = await load(FIRST);
    assert.ok(importId);
    const hays = await routeOf(SAN_MARCOS);
    assert.match(hays.mapping.displayName, /^Hays County Sheriff, PSAP 4 of the registry/);
    assert.deepEqual([hays.uri, hays.leadsToRelay], [`sip:${HAYS}@127.0.0.1`, false]);
    assert.equal(hays.mapping.lastUpdated, now());
    assert.ok((await routeOf(HOUSTON)).mapping.lastUpdated < now(), 'nothing is said of that county');
    const travis = await routeOf(AUSTIN);
    assert.match(travis.mapping.displayName, /2 possible PSAPs, none chosen: relay centre/);
    assert.deepEqual([travis.uri, travis.leadsToRelay], ['sip:relay-US@127.0.0.1', true]);
    const ontario = await routeOf({ latitude: 43.65, longitude: -79.38 });
    assert.match(ontario.mapping.displayName, /^Toronto Police, PSAP 5/);
  });

  test('LoST says that the relay centre is no more than a default, and says nothing of the kind where one PSAP is named', async () => {
    const handle = createLostEndpoint({
      snapshot: () => snapshot.current(),
      clock,
      logger,
      serverName: 'lost.example',
      mappingLifetimeMs: 60_000,
    });
    const ask = async ({ latitude, longitude }: typeof AUSTIN): Promise<string> => {
      const point = `<Point xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"><pos>${latitude} ${longitude}</pos></Point>`;
      const { body } = await handle(
        Buffer.from(
          `<findService xmlns="urn:ietf:params:xml:ns:lost1"><location id="a" profile="geodetic-2d">${point}</location>` +
            '<service>urn:service:sos</service></findService>',
        ),
      );
      return body;
    };
    const open = await ask(AUSTIN);
    assert.match(open, /<uri>sip:relay-US@127\.0\.0\.1<\/uri>/);
    assert.match(open, /<defaultMappingReturned [^>]*relay centre/);
    const named = await ask(SAN_MARCOS);
    assert.match(named, new RegExp(`<uri>sip:${HAYS}@127\\.0\\.0\\.1</uri>`));
    assert.doesNotMatch(named, /defaultMappingReturned/);
  });

  test('the same file again changes nothing', async () => {
    const again = await load(FIRST);
    assert.deepEqual(again.counts, { added: 0, changed: 0, removed: 0, unchanged: 5 });
    assert.equal(again.importId, null);
    assert.equal((await registry.listRegistryImports({ start: 0, max: 10 })).length, 1);
  });

  test('the worklist lists every candidate, a choice is made, kept and taken back', async () => {
    const open = await registry.listWorklist({ status: 'open', state: 'tx' }, { start: 0, max: 10 });
    assert.deepEqual(
      open.items.map(({ candidates, sourceId, status }) => [sourceId, status, candidates.map(({ name }) => name)]),
      [[TRAVIS, 'several', ['Austin Police', 'Travis County Sheriff']]],
    );
    assert.equal(open.counts.none, 254 - 2);
    assert.equal(
      await rejected(registry.choosePsap(actor, TRAVIS, { candidate: { source: 'fcc', key: '3' }, reason: 'x' })),
      'invalid',
    );
    assert.equal(
      await rejected(registry.choosePsap(actor, 'us-county-00000', { candidate: null, reason: 'x' })),
      'not-found',
    );

    const chosen = await registry.choosePsap(actor, TRAVIS, {
      candidate: { source: 'fcc', key: '2' },
      reason: 'by contract',
    });
    assert.deepEqual(
      [chosen.status, chosen.psap?.name, chosen.choice?.reason],
      ['chosen', 'Austin Police', 'by contract'],
    );
    assert.match((await routeOf(AUSTIN)).mapping.displayName, /^Austin Police, PSAP 2/);

    await registry.choosePsap(actor, HAYS, { candidate: null, reason: 'tests' });
    const byChoice = await routeOf(SAN_MARCOS);
    assert.deepEqual(
      [byChoice.leadsToRelay, /by choice: relay centre/.test(byChoice.mapping.displayName)],
      [true, true],
    );
    await registry.clearPsapChoice(actor, HAYS);
    assert.equal((await routeOf(SAN_MARCOS)).leadsToRelay, false);
    assert.equal(await rejected(registry.clearPsapChoice(actor, HAYS)), 'not-found');
  });

  test('a mapping is as new as what last changed it, though nothing of that is left', async () => {
    const psaps = createPsapManagement({ database, audit: createAudit({ database, clock }), clock });
    let id = '';
    const changes: (() => Promise<unknown>)[] = [
      () => registry.choosePsap(actor, HAYS, { candidate: null, reason: 'tests' }),
      () => registry.clearPsapChoice(actor, HAYS),
      async () => {
        ({ id } = await psaps.savePsap(actor, { name: 'Hays', uri: 'sip:hays@psap.example', sourceId: HAYS }));
      },
      () => psaps.savePsap(actor, { id, name: 'Hays', uri: 'sip:hays@psap.example', sourceId: TRAVIS }),
      () => psaps.removePsap(actor, id),
    ];
    const seen: string[] = [];
    for (const change of changes) {
      clock.advance(1_000);
      await change();
      seen.push((await routeOf(SAN_MARCOS)).mapping.lastUpdated);
      assert.equal(seen.at(-1), id === '' || seen.length < 5 ? now() : seen.at(-2), `change ${seen.length}`);
    }
    assert.equal((await routeOf(AUSTIN)).mapping.lastUpdated, now(), 'the PSAP was removed from there');
  });

  test('a chosen PSAP that takes calls no more is a question again; going back restores everything', async () => {
    const [first] = await registry.listRegistryImports({ start: 0, max: 1 });
    const next = await load([
      '1,Travis County Sheriff,TX,Travis,Austin,NC',
      '2,Austin Police,TX,Travis,Austin,S',
      ...FIRST.slice(2, 4),
    ]);
    assert.deepEqual([next.counts.changed, next.counts.removed, next.boundaries.gone], [1, 1, 1]);
    assert.match((await routeOf(AUSTIN)).mapping.displayName, /takes calls no more: relay centre/);

    clock.advance(1_000);
    const back = await registry.restoreRegistry(actor, first?.id ?? '', false);
    assert.deepEqual([back.counts.added, back.counts.changed, back.counts.removed], [1, 1, 0]);
    assert.match((await routeOf(AUSTIN)).mapping.displayName, /^Austin Police/);
    const [latest] = await registry.listRegistryImports({ start: 0, max: 1 });
    assert.equal(latest?.restoredFrom, first?.id);
    assert.equal(await rejected(registry.restoreRegistry(actor, 'x', false)), 'not-found');
  });

  test('another registry stands beside the first, and filters find rows', async () => {
    await load(['5,Hays Fire,TX,Hays,Kyle,NC'], false, 'state');
    assert.equal((await routeOf(SAN_MARCOS)).leadsToRelay, true);
    const found = await registry.listRegistry({ text: 'HAYS', isActive: true }, { start: 0, max: 10 });
    assert.deepEqual(
      found.map(({ name, source }) => `${source} ${name}`),
      ['fcc Hays County Sheriff', 'state Hays Fire'],
    );
    assert.equal(await rejected(load(FIRST, false, 'Not A Name')), 'invalid');
  });

  test('a registry of more rows than are read at once counts whole', async () => {
    const rows = Array.from(
      { length: 620 },
      (_, at) => `${at + 1},Desk ${at + 1},TX,${at < 600 ? 'Bexar' : 'Comal'},,NC,`,
    );
    await load(rows, false, 'many');
    const { items } = await registry.listWorklist({ state: 'TX', status: 'open' }, { start: 0, max: 1_000 });
    const count = (sourceId: string) => items.find((item) => item.sourceId === sourceId)?.candidates.length;
    assert.deepEqual([count('us-county-48029'), count('us-county-48091')], [600, 20]);
    const bexar = await routeOf({ latitude: 29.4241, longitude: -98.4936 });
    assert.match(bexar.mapping.displayName, /600 possible PSAPs/);
    await load(['1,Desk 1,TX,Bexar,,NC,'], false, 'many');
    assert.equal((await routeOf({ latitude: 29.4241, longitude: -98.4936 })).leadsToRelay, false);
  });

  test('what a thread cannot read is told, and nothing stored changes', async () => {
    const before = await registry.listRegistry({}, { start: 0, max: 100 });
    const damaged = registry.importRegistry(actor, { document: Buffer.from('PK and nothing'), dryRun: false });
    assert.equal(await rejected(damaged), 'malformed');
    assert.deepEqual(await registry.listRegistry({}, { start: 0, max: 100 }), before);
  });

  test('every change is in the trail of the platform', async () => {
    const entries = await createAudit({ database, clock }).list(null, { max: 100 });
    assert.deepEqual([...new Set(entries.map(({ action }) => action))].sort(), [
      'psap-registry.imported',
      'psap-registry.restored',
      'psap.choice-cleared',
      'psap.chosen',
      'psap.removed',
      'psap.saved',
    ]);
  });
});
