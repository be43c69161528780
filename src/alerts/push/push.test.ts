import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { addOrganization, createSites, openTestDatabase, silentLogger } from '../../../test/support/alerts-fixture.ts';
import { createAudit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { createPush, type NewPushSubscription, type Push } from './push.ts';

let database: Database;
let push: Push;
const clock = createManualClock(Date.parse('2026-03-05T18:30:00Z'));
const sites = createSites();
const DAY_MS = 86_400_000;

function openPush(): Push {
  const audit = createAudit({ database, clock });
  return createPush({ database, audit, places: sites, clock, logger: silentLogger, snapshotFolder: undefined });
}

async function load(): Promise<void> {
  for (const snapshot of push.snapshots) await snapshot.loadFromDatabase();
}

before(async () => {
  database = await openTestDatabase();
  push = openPush();
});
after(() => database.close());

function newBrowser(more: Partial<NewPushSubscription> = {}): NewPushSubscription {
  const p256dh = createECDH('prime256v1').generateKeys().toString('base64url');
  const auth = randomBytes(16).toString('base64url');
  return {
    endpoint: `https://push.example.net/${randomBytes(8).toString('hex')}`,
    keys: { p256dh, auth },
    ...more,
  };
}

function occasion(organizationId: string, more: Partial<AlertOccasion> = {}): AlertOccasion {
  return {
    subjectId: 'call-1',
    moment: 'call-started',
    triggers: ['call-placed'],
    organizationId,
    place: { locationId: null, responseLocationId: null },
    at: '2026-03-05T18:30:00.000Z',
    call: null,
    news: null,
    ...more,
  };
}

const labelsTold = (organizationId: string, more: Partial<AlertOccasion> = {}): string[] =>
  push
    .told(occasion(organizationId, more))
    .map(({ label }) => label)
    .sort();

async function kindOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return error instanceof ProblemError ? error.kind : String(error);
}

test('the key is made once for the whole platform', async () => {
  assert.throws(() => push.publicKey(), /not made yet/);
  await load();
  const other = openPush();
  for (const snapshot of other.snapshots) await snapshot.loadFromDatabase();
  assert.equal(other.publicKey(), push.publicKey());
  await load();
  assert.equal(other.publicKey(), push.publicKey());
});

test('browsers are told by severity and place, each organization its own', async () => {
  const scope = await addOrganization(database);
  const other = await addOrganization(database);
  const here = sites.add(scope.organizationId).locationId;
  const elsewhere = sites.add(scope.organizationId).locationId;
  await push.subscribe(scope, newBrowser({ label: 'all', minSeverity: 'info' }));
  await push.subscribe(scope, newBrowser({ label: 'loud', minSeverity: 'emergency' }));
  await push.subscribe(scope, newBrowser({ label: 'here', locationIds: [here], minSeverity: 'info' }));
  await push.subscribe({ ...scope, locationIds: new Set([elsewhere]) }, newBrowser({ label: 'bound' }));
  await push.subscribe(other, newBrowser({ label: 'other' }));
  await load();
  const { organizationId } = scope;
  assert.deepEqual(labelsTold(organizationId), ['all', 'loud']);
  const place = { locationId: here, responseLocationId: null };
  assert.deepEqual(labelsTold(organizationId, { place }), ['all', 'here', 'loud']);
  assert.deepEqual(labelsTold(organizationId, { place: { ...place, locationId: elsewhere } }), [
    'all',
    'bound',
    'loud',
  ]);
  assert.deepEqual(labelsTold(organizationId, { place, triggers: ['call-ended'], moment: 'call-ended' }), [
    'all',
    'here',
  ]);
  assert.deepEqual(labelsTold(organizationId, { place, triggers: ['call-ended', 'relay-used'] }), ['all', 'here']);
  assert.deepEqual(labelsTold(organizationId, { triggers: ['drill'], moment: 'drill' }), ['all', 'loud']);
  assert.deepEqual(labelsTold(other.organizationId), ['other']);
  const told = push.told(occasion(organizationId, { triggers: ['call-ended', 'relay-used'] }));
  assert.deepEqual([told[0]?.trigger, told[0]?.severity], ['relay-used', 'critical']);
});

test('the same browser again keeps its id; it is told until its token ends or it was not seen for 60 days', async () => {
  const scope = await addOrganization(database);
  const browser = newBrowser({ label: 'first' });
  const first = await push.subscribe(scope, browser);
  const second = await push.subscribe(scope, { ...browser, label: 'second' });
  assert.equal(second.id, first.id);
  assert.deepEqual(
    (await push.list(scope)).map(({ label, service }) => [label, service]),
    [['second', 'push.example.net']],
  );
  const signedIn = { ...scope, sessionEndsAtMs: clock.nowMs() + 60_000 };
  const lasting = await push.subscribe(signedIn, { ...browser, label: 'second' });
  assert.equal(Date.parse(lasting.expiresAt), clock.nowMs() + 60 * DAY_MS, 'the end of a session is not the end of it');
  const short = await push.subscribe({ ...scope, expiresAtMs: clock.nowMs() + 60_000 }, newBrowser({ label: 'short' }));
  assert.equal(Date.parse(short.expiresAt), clock.nowMs() + 60_000);
  await load();
  assert.deepEqual(labelsTold(scope.organizationId), ['second', 'short']);
  clock.advance(61_000);
  assert.deepEqual(labelsTold(scope.organizationId), ['second'], 'in memory it ends by itself');
  clock.advance(60 * DAY_MS);
  assert.deepEqual(labelsTold(scope.organizationId), []);
  assert.deepEqual(await push.list(scope), []);
});

test('what is shown, kept in the trail and listed holds neither address nor keys', async () => {
  const scope = await addOrganization(database);
  const browser = newBrowser();
  const shown = JSON.stringify([await push.subscribe(scope, browser), await push.list(scope)]);
  const rows = await database.db
    .selectFrom('auditEntries')
    .selectAll()
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.equal(rows.length, 1);
  for (const secret of [browser.endpoint.slice(-16), browser.keys.auth, browser.keys.p256dh]) {
    assert.ok(!shown.includes(secret) && !JSON.stringify(rows).includes(secret));
  }
});

test('a location administrator has its own browsers alone, and none is told of more than its token reaches', async () => {
  const scope = await addOrganization(database);
  const here = sites.add(scope.organizationId).locationId;
  const elsewhere = sites.add(scope.organizationId).locationId;
  const bound: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([here]) };
  const all = await push.subscribe(scope, newBrowser({ label: 'all' }));
  const own = await push.subscribe(bound, newBrowser({ label: 'own' }));
  assert.deepEqual(own.locationIds, [here]);
  assert.deepEqual(
    (await push.list(bound)).map(({ label }) => label),
    ['own'],
  );
  assert.equal(await kindOf(push.subscribe(bound, newBrowser({ locationIds: [elsewhere] }))), 'invalid');
  assert.equal(await kindOf(push.unsubscribe(bound, all.id)), 'not-found');
  await push.unsubscribe(bound, own.id);
  assert.equal(await kindOf(push.unsubscribe(bound, own.id)), 'gone');
  assert.equal(await kindOf(push.unsubscribe(await addOrganization(database), all.id)), 'not-found');
  assert.equal(await kindOf(push.unsubscribe(scope, 'nonsense')), 'not-found');
});

test('what is no subscription is refused, and the field is named', async () => {
  const scope = await addOrganization(database);
  const { keys } = newBrowser();
  const wrong: [NewPushSubscription, RegExp][] = [
    [newBrowser({ endpoint: 'http://push.example.net/x' }), /endpoint/],
    [newBrowser({ endpoint: 'https://user:word@push.example.net/x' }), /endpoint/],
    [newBrowser({ endpoint: 'nonsense' }), /endpoint/],
    [newBrowser({ endpoint: `https://push.example.net/${'x'.repeat(2_048)}` }), /endpoint/],
    [newBrowser({ keys: { ...keys, auth: 'AAAA' } }), /auth/],
    [newBrowser({ keys: { ...keys, p256dh: keys.auth } }), /p256dh/],
    [newBrowser({ locationIds: [] }), /locationIds/],
    [newBrowser({ locationIds: ['00000000-0000-4000-8000-000000000000'] }), /locationIds/],
  ];
  for (const [subscription, field] of wrong) await assert.rejects(push.subscribe(scope, subscription), field);
  assert.deepEqual(await push.list(scope), []);
});
