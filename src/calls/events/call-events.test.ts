import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { OAUTH_SCOPES, type Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { systemClock } from '../../support/clock.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMetrics } from '../../support/metrics.ts';
import { callRecord } from '../testing/call-record.ts';
import { LOCATION_ID, ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from '../testing/fake-lookups.ts';
import type { NewEvent } from './call-event.ts';
import { describeChange } from './describe-change.ts';
import { createEventPublisher } from './event-publisher.ts';
import { deleteOldEvents, insertEvents, selectEventRange, selectEvents } from './event-records.ts';
import { createEventStreams } from './event-streams.ts';

const logger = createLogger('silent');
let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});
after(() => database.close());

const metrics = () => createMetrics({ processMetrics: false });
const NOW = '2026-01-01T00:00:00.000Z';

const scopeOf = (organizationId: string, more: Partial<Scope> = {}): Scope => ({
  organizationId,
  homeOrganizationId: organizationId,
  tokenId: 'test',
  trackingId: 'test',
  role: 'fullAdmin',
  scopes: new Set(OAUTH_SCOPES),
  ...more,
});

function happening(data: object, more: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'call.started',
    at: NOW,
    organizationId: ORGANIZATION_ID,
    locationId: null,
    data: { ...data },
    ...more,
  };
}

const streamsWith = (clock = systemClock) => createEventStreams({ database, clock, logger, metrics: metrics() });

/** Reads chunks until one holds the text. */
async function readUntil(chunks: AsyncIterator<string>, text: string): Promise<string> {
  let read = '';
  while (!read.includes(text)) {
    const { done, value } = await chunks.next();
    assert.ok(!done, `the stream ended before ${text}: ${read}`);
    read += value;
  }
  return read;
}

async function readAll(stream: AsyncIterable<string>): Promise<string> {
  let read = '';
  for await (const chunk of stream) read += chunk;
  return read;
}

test('a call tells of its start, its way, its attempts, its answer, its end and what is noteworthy', () => {
  const first = callRecord();
  const types = (events: readonly NewEvent[]): string[] => events.map(({ type }) => type);
  assert.deepEqual(types(describeChange(null, first, NOW)), ['call.started', 'call.routed']);
  const attempt = { uri: 'sip:a', name: 'A', outcome: 'silent' as const, status: null, durationMs: 4_000 };
  const answered = {
    ...first,
    outcome: 'answered' as const,
    answeredAt: NOW,
    attempts: [attempt, { ...attempt, outcome: 'answered' as const }],
    flags: [...first.flags, 'failover' as const],
  };
  const events = describeChange(first, answered, NOW);
  assert.deepEqual(types(events), ['call.attempted', 'call.attempted', 'call.flagged', 'call.answered']);
  assert.deepEqual(events[2]?.data.flags, ['failover']);
  assert.deepEqual(types(describeChange(answered, { ...answered, endedAt: NOW, outcome: 'completed' }, NOW)), [
    'call.ended',
  ]);
  assert.deepEqual(describeChange(answered, { ...answered, version: 9 }, NOW), []);
  const abandoned = describeChange(null, { ...first, kind: '933', endedAt: NOW, outcome: 'abandoned' }, NOW);
  assert.deepEqual(types(abandoned), ['call.started', 'call.routed', 'call.ended']);
  assert.equal(abandoned[0]?.data.kind, '933');
});

test('whoever listens hears what happens from now on, of their own organization and locations alone', async () => {
  const streams = streamsWith();
  const open = async (scope: Scope, all = false) => {
    const chunks = (await streams.open(scope, { all }))[Symbol.asyncIterator]();
    await readUntil(chunks, 'retry');
    return chunks;
  };
  await insertEvents(database.db, [happening({ mark: 'before' })]);
  const own = await open(scopeOf(ORGANIZATION_ID));
  const other = await open(scopeOf(OTHER_ORGANIZATION_ID));
  const local = await open(scopeOf(ORGANIZATION_ID, { locationIds: new Set([LOCATION_ID]) }));
  const operator = await open(scopeOf(OTHER_ORGANIZATION_ID, { role: 'operator' }), true);
  assert.equal(streams.size, 4);
  const strange = 'NUL \0, half a pair \ud800, \\u0000, "quoted", a line\nbreak';
  await insertEvents(database.db, [
    happening({ mark: strange }),
    happening({ mark: 'here' }, { locationId: LOCATION_ID }),
    happening({ mark: 'nobody’s' }, { organizationId: null }),
    happening({ mark: 'other' }, { organizationId: OTHER_ORGANIZATION_ID }),
    happening({ mark: 'end' }, { locationId: LOCATION_ID }),
  ]);
  const heard = await readUntil(own, '"end"');
  assert.doesNotMatch(heard, /before|nobody|other/);
  const [, data = ''] = /data: (.*NUL.*)\n/.exec(heard) ?? [];
  assert.equal((JSON.parse(data) as { mark: string }).mark, strange);
  assert.doesNotMatch(await readUntil(local, '"end"'), /NUL|nobody|other/);
  assert.match(await readUntil(operator, '"end"'), /NUL[^]*here[^]*nobody’s[^]*other/);
  assert.doesNotMatch(await readUntil(other, '"other"'), /NUL|here|nobody/);
  for (const chunks of [own, other, local, operator]) await chunks.return?.();
  assert.equal(streams.size, 0);
});

test('who comes back is told what was missed, once, also by another node; too late, that there was something', async () => {
  const { newest } = await selectEventRange(database.db);
  await insertEvents(
    database.db,
    Array.from({ length: 1_200 }, (_, index) => happening({ mark: `missed-${index}.` })),
  );
  const scope = scopeOf(ORGANIZATION_ID);
  const past = await readAll(await streamsWith().open(scope, { after: newest, follow: false }));
  assert.equal([...past.matchAll(/missed-\d+\./g)].length, 1_200);
  assert.doesNotMatch(past, /events\.lost/);
  const chunks = (await streamsWith().open(scope, { after: newest }))[Symbol.asyncIterator]();
  const missed = await readUntil(chunks, 'missed-1199.');
  await insertEvents(database.db, [happening({ mark: 'and on' })]);
  const both = missed + (await readUntil(chunks, 'and on'));
  await chunks.return?.();
  const ids = [...both.matchAll(/^id: (\d+)$/gm)].map(([, id]) => BigInt(id ?? ''));
  assert.equal(ids.length, 1_201);
  assert.ok(
    ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0n)),
    'in order, each once',
  );

  await deleteOldEvents(database.db, new Date(0), 100);
  const late = await readAll(await streamsWith().open(scope, { after: newest, follow: false }));
  assert.match(late, /^retry: 2000\n\nevent: events\.lost\n/);
  assert.equal([...late.matchAll(/^id: /gm)].length, 100);
  // A number of before a restore.
  const ahead = await readAll(await streamsWith().open(scope, { after: '999999999', follow: false }));
  assert.match(ahead, /^retry: 2000\n\nevent: events\.lost\n[^\n]*\n\n$/);
  await assert.rejects(streamsWith().open(scope, { after: 'x' }), /expected the number of an event/);
  await assert.rejects(streamsWith().open(scope, { all: true }), /only the operator/);
});

test('after a quiet day who has seen the last event is not told that something was lost', async () => {
  await insertEvents(database.db, [happening({ mark: 'the last' })]);
  const { newest } = await selectEventRange(database.db);
  await deleteOldEvents(database.db, new Date(Date.UTC(2030, 0, 1)), 10_000);
  assert.deepEqual(await selectEventRange(database.db), { oldest: newest, newest });
  const scope = scopeOf(ORGANIZATION_ID);
  const seen = await readAll(await streamsWith().open(scope, { after: newest, follow: false }));
  assert.equal(seen, 'retry: 2000\n\n');
  const missed = String(BigInt(newest) - 2n);
  assert.match(await readAll(await streamsWith().open(scope, { after: missed, follow: false })), /events\.lost/);
});

test('heartbeats while nothing happens; the end after a quarter of an hour, or with the token', async () => {
  const clock = createManualClock();
  const streams = streamsWith(clock);
  const chunks = (await streams.open(scopeOf(ORGANIZATION_ID), {}))[Symbol.asyncIterator]();
  await readUntil(chunks, 'retry');
  const beat = readUntil(chunks, ': nothing new');
  clock.advance(15_000);
  assert.equal(await beat, ': nothing new\n\n');
  const rest = chunks.next();
  clock.advance(900_000);
  // What was waiting is still read; then it is over.
  for (let read = await rest; !read.done; ) read = await chunks.next();
  assert.equal(streams.size, 0);
  const ending = await streams.open(scopeOf(ORGANIZATION_ID, { expiresAtMs: clock.nowMs() + 1_000 }), {});
  const read = readAll(ending);
  await new Promise(setImmediate);
  clock.advance(1_000);
  assert.equal(await read, 'retry: 2000\n\n');
});

test('listeners are few, and one that does not read is cut off without harm to the others', async () => {
  const ownMetrics = metrics();
  const streams = createEventStreams({ database, clock: systemClock, logger, metrics: ownMetrics });
  const scope = scopeOf(ORGANIZATION_ID);
  const slow = (await streams.open(scope, {}))[Symbol.asyncIterator]();
  await readUntil(slow, 'retry');
  const quick = (await streams.open(scope, {}))[Symbol.asyncIterator]();
  await readUntil(quick, 'retry');
  const reading = readUntil(quick, 'flood-599.');
  for (let part = 0; part < 6; part++) {
    const list = Array.from({ length: 100 }, (_, index) => happening({ mark: `flood-${part * 100 + index}.` }));
    await insertEvents(database.db, list);
  }
  await reading;
  await assert.rejects(slow.next(), /did not read its events/);
  assert.equal(streams.size, 1);
  assert.match(await ownMetrics.text(), /waymark_call_event_listeners_cut_total 1/);
  await quick.return?.();
  const opened = [];
  for (let count = 0; count < 20; count++) {
    const chunks = (await streams.open(scope, {}))[Symbol.asyncIterator]();
    await chunks.next();
    opened.push(chunks);
  }
  await assert.rejects(streams.open(scope, {}), /too many listeners/);
  await (await streams.open(scopeOf(OTHER_ORGANIZATION_ID), {}))[Symbol.asyncIterator]().return?.();
  const crowd = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const stream = await streams.open(scopeOf(OTHER_ORGANIZATION_ID), {}).catch(() => undefined);
      return stream?.[Symbol.asyncIterator]();
    }),
  );
  assert.equal(streams.size, 40, 'at the same moment neither');
  for (const chunks of crowd) await chunks?.return?.();
  streams.close();
  for (const chunks of opened) assert.equal((await chunks.next()).done, true);
});

test('what happens while the database is away is told afterwards; beyond a limit it is left out, and that is told', async () => {
  let isAway = true;
  const flaky = {
    get db(): Database['db'] {
      if (isAway) throw new Error('connection refused');
      return database.db;
    },
  };
  const clock = createManualClock();
  const ownMetrics = metrics();
  const publisher = createEventPublisher({ database: flaky, clock, logger, metrics: ownMetrics });
  const { newest } = await selectEventRange(database.db);
  for (let index = 0; index < 1_050; index++) publisher.publish(() => [happening({ mark: `kept-${index}.` })]);
  clock.advance(100);
  await new Promise(setImmediate);
  isAway = false;
  const done = publisher.drained();
  const ended = { yet: false };
  void done.then(() => {
    ended.yet = true;
  });
  while (!ended.yet) {
    clock.advance(250);
    await new Promise(setImmediate);
  }
  const events = await selectEvents(database.db, newest, 2_000);
  assert.equal(events.filter(({ type }) => type === 'call.started').length, 1_000);
  assert.deepEqual(
    events.filter(({ type }) => type === 'events.lost').map(({ data }) => data),
    [{ count: 50 }],
  );
  assert.match(await ownMetrics.text(), /waymark_call_events_lost_total 50/);
  await publisher.stop();
});

test('what happened is described when it happens, and what cannot be described keeps nothing back', async () => {
  const clock = createManualClock();
  const publisher = createEventPublisher({ database, clock, logger, metrics: metrics() });
  const { newest } = await selectEventRange(database.db);
  let changing = 'then';
  publisher.publish(() => [happening({ mark: changing })]);
  changing = 'later';
  publisher.publish(() => {
    throw new Error('a record that nobody can describe');
  });
  publisher.publish(() => [happening({ mark: 'next' })]);
  const done = publisher.drained();
  clock.advance(100);
  await done;
  const events = await selectEvents(database.db, newest, 10);
  assert.deepEqual(
    events.map(({ data }) => data['mark']),
    ['then', 'next'],
  );
  await publisher.stop();
});
