import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import type { CallRecord } from '../domain/call-record.ts';
import { OAUTH_SCOPES, type Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { upsertCalls } from './call-records.ts';
import { createCallList } from './list-calls.ts';
import { callRecord } from './testing/call-record.ts';
import { LOCATION_ID, ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from './testing/fake-lookups.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(createLogger('silent'));
});
after(() => database.close());

const scopeOf = (organizationId: string, more: Partial<Scope> = {}): Scope => ({
  organizationId,
  homeOrganizationId: organizationId,
  tokenId: 'test',
  trackingId: 'test',
  role: 'fullAdmin',
  scopes: new Set(OAUTH_SCOPES),
  ...more,
});

async function store(records: readonly CallRecord[]): Promise<void> {
  await database.db.transaction().execute((tx) =>
    upsertCalls(
      tx,
      records.map((record) => ({ record, json: JSON.stringify(record) })),
    ),
  );
}

async function readAll(text: AsyncIterable<string>): Promise<string> {
  let read = '';
  for await (const chunk of text) read += chunk;
  return read;
}

test('a needle among thousands of calls is found, a limited number of calls at a time; an export finds it too', async () => {
  const list = createCallList({ database });
  const scope = scopeOf(ORGANIZATION_ID);
  const startMs = Date.UTC(2026, 0, 1);
  const needle = callRecord({ callId: 'needle_100%\\', startedAt: new Date(startMs).toISOString() });
  await store([needle]);
  for (let part = 0; part < 9; part++) {
    await store(
      Array.from({ length: 500 }, (_, index) =>
        callRecord({ startedAt: new Date(startMs + (part * 500 + index + 1) * 1_000).toISOString() }),
      ),
    );
  }
  const found: string[] = [];
  let pages = 0;
  for (let before: string | undefined; ; ) {
    const { items, next } = await list.listCalls(scope, { text: 'NEEDLE_100%\\', before });
    found.push(...items.map(({ id }) => id));
    pages += 1;
    if (next === null) break;
    before = next;
  }
  assert.deepEqual([found, pages], [[needle.id], 3]);
  assert.deepEqual((await list.listCalls(scope, { text: 'needle-100' })).items, []);
  const lines = (await readAll(await list.exportCalls(scope, { text: 'needle_' }, 'ndjson'))).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { id: string }).id),
    [needle.id],
  );
  const all = (await readAll(await list.exportCalls(scope, {}, 'csv'))).trimEnd().split('\r\n');
  assert.equal(all.length, 1 + 4_501);
  assert.equal(new Set(all).size, all.length, 'each once');
});

test('calls that come in while a search goes on neither hide a call nor show one twice', async () => {
  const organizationId = '99999999-9999-4999-8999-999999999999';
  const startMs = Date.UTC(2026, 1, 1);
  const at = (second: number): string => new Date(startMs + second * 1_000).toISOString();
  // The needles lie on both sides of where the first search ends.
  const records = Array.from({ length: 2_500 }, (_, index) =>
    callRecord({ organizationId, startedAt: at(-index), callId: index === 1_999 || index === 2_000 ? 'edge' : 'hay' }),
  );
  for (let part = 0; part < 5; part++) await store(records.slice(part * 500, (part + 1) * 500));
  let later = 0;
  const busy = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      later += 1;
      await store([callRecord({ organizationId, startedAt: at(later), callId: 'hay' })]);
      return result;
    },
  });
  const list = createCallList({ database: { db: busy } });
  const found: string[] = [];
  let before: string | undefined;
  do {
    const { items, next } = await list.listCalls(scopeOf(organizationId), { text: 'edge', before });
    found.push(...items.map(({ id }) => id));
    before = next ?? undefined;
  } while (before !== undefined);
  assert.deepEqual(found, [records[1_999]?.id, records[2_000]?.id]);
});

test('filters together; flags all at once; others’ calls and others’ locations never', async () => {
  const list = createCallList({ database });
  const organizationId = '88888888-8888-4888-8888-888888888888';
  const here = callRecord({
    organizationId,
    flags: ['relay', 'failover'],
    callback: { number: '+12145550177', quality: 'RECOMMENDED', rule: 'x' },
    location: { ...callRecord().location, locationId: LOCATION_ID, text: '12 Main St' } as CallRecord['location'],
  });
  const there = callRecord({ organizationId, flags: ['relay'], kind: '933', outcome: 'completed' });
  const other = callRecord({ organizationId: OTHER_ORGANIZATION_ID, flags: ['relay', 'failover'] });
  await store([here, there, other]);
  const find = async (request: Parameters<typeof list.listCalls>[1], more: Partial<Scope> = {}) =>
    (await list.listCalls(scopeOf(organizationId, more), request)).items.map(({ id }) => id);
  assert.deepEqual((await find({ flags: ['relay'] })).toSorted(), [here.id, there.id].toSorted());
  assert.deepEqual(await find({ flags: ['relay', 'failover'] }), [here.id]);
  assert.deepEqual(await find({ flags: ['relay'], kind: '933', outcome: 'completed' }), [there.id]);
  assert.deepEqual(await find({ number: '(214) 555-0177' }), [here.id], 'in any usual spelling');
  assert.deepEqual(await find({ number: '(214) 555-0177', kind: '933' }), []);
  assert.deepEqual(await find({ text: 'main st' }), [here.id]);
  assert.deepEqual(await find({ destination: 'RELAY' }, { locationIds: new Set([LOCATION_ID]) }), [here.id]);
  assert.deepEqual(await find({ text: 'main' }, { locationIds: new Set() }), []);
  assert.deepEqual(await find({ locationId: LOCATION_ID, since: new Date(here.startedAt) }), [here.id]);
  assert.deepEqual(await find({ until: new Date(here.startedAt) }), []);
});
