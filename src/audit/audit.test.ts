import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addOrganization, openTestDatabase } from '../../test/support/alerts-fixture.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { csvCell } from '../support/csv-cell.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Audit, type AuditFilter, createAudit } from './audit.ts';
import { OMITTED, omitSecrets } from './omit-secrets.ts';

let database: Database;
let audit: Audit;
const clock = createManualClock();

before(async () => {
  database = await openTestDatabase();
  audit = createAudit({ database, clock });
});
after(() => database.close());

type Entry = Parameters<Audit['record']>[2];

function record(scope: Scope, entry: Entry): Promise<void> {
  return database.db.transaction().execute((tx) => audit.record(tx, scope, entry));
}

async function read(pages: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of pages) text += chunk;
  return text;
}

test('an entry tells who, from where, what before and after, when', async () => {
  const scope: Scope = {
    ...(await addOrganization(database)),
    remoteAddress: '198.51.100.7',
    role: 'fullAdmin',
    label: 'Night desk',
  };
  await record(scope, {
    action: 'location.updated',
    subject: 'location 1',
    before: { name: 'Old' },
    after: { name: 'New' },
    detail: { reason: 'moved' },
  });
  const [entry] = await audit.list(scope.organizationId, { max: 10 });
  assert.deepEqual(
    { ...entry, sequence: '' },
    {
      sequence: '',
      at: new Date(clock.nowMs()).toISOString(),
      actor: 'test',
      actorLabel: 'Night desk',
      actorRole: 'fullAdmin',
      actorOrganizationId: scope.organizationId,
      remoteAddress: '198.51.100.7',
      action: 'location.updated',
      subject: 'location 1',
      before: { name: 'Old' },
      after: { name: 'New' },
      detail: { reason: 'moved' },
      trackingId: 'test',
    },
  );
});

test('who acted is found by id and by name; how others call their tokens is theirs', async () => {
  const scope: Scope = { ...(await addOrganization(database)), label: 'Night desk' };
  const partner: Scope = {
    ...scope,
    tokenId: 'of a partner',
    homeOrganizationId: '99999999-9999-4999-8999-999999999999',
    label: 'Their secret plan',
  };
  await record(scope, { action: 'a', subject: 'a' });
  await record(partner, { action: 'b', subject: 'b' });
  const found = async (actor: string) =>
    (await audit.list(scope.organizationId, { max: 10, actor })).map(({ action }) => action);
  assert.deepEqual(await found('Night desk'), ['a']);
  assert.deepEqual(await found(scope.tokenId), ['a']);
  assert.deepEqual(await found('of a partner'), ['b']);
  assert.deepEqual(await found('Their secret plan'), []);
});

test('a part of the action, the subject or who acted finds an entry, in any case; no sign in it means anything else', async () => {
  const scope: Scope = { ...(await addOrganization(database)), label: 'Night desk' };
  await record(scope, { action: 'location.updated', subject: 'location 1' });
  await record({ ...scope, label: 'Day_desk' }, { action: 'trunk.created', subject: 'trunk 7' });
  const found = async (text: string) =>
    (await audit.list(scope.organizationId, { max: 10, text })).map(({ action }) => action);
  assert.deepEqual(await found('UPDATED'), ['location.updated']);
  assert.deepEqual(await found('trunk 7'), ['trunk.created']);
  assert.deepEqual(await found('desk'), ['trunk.created', 'location.updated']);
  assert.deepEqual(await found('y_d'), ['trunk.created']);
  assert.deepEqual(await found('%'), []);
});

test('what appears has no before, what goes has no after', async () => {
  const scope = await addOrganization(database);
  await record(scope, { action: 'a.created', subject: 'a 1', after: { x: 1 } });
  await record(scope, { action: 'a.removed', subject: 'a 1', before: { x: 1 }, after: null });
  const [removed, created] = await audit.list(scope.organizationId, { max: 10 });
  assert.deepEqual([created?.before, created?.after], [null, { x: 1 }]);
  assert.deepEqual([removed?.before, removed?.after], [{ x: 1 }, null]);
});

test('every filter finds its entries and no other; pages join without a gap', async () => {
  const scope = await addOrganization(database);
  const other = await addOrganization(database);
  const startedMs = clock.nowMs();
  for (const [index, action] of ['a.created', 'a.updated', 'b.created', 'a_created'].entries()) {
    clock.advance(1_000);
    await record(
      { ...scope, tokenId: `token-${index % 2}`, trackingId: `t${index}` },
      { action, subject: `thing ${index}` },
    );
  }
  await record(other, { action: 'a.created', subject: 'thing 0' });
  const actions = async (filter: AuditFilter) =>
    (await audit.list(scope.organizationId, { ...filter, max: 100 })).map((entry) => entry.action);
  assert.deepEqual(await actions({}), ['a_created', 'b.created', 'a.updated', 'a.created']);
  assert.deepEqual(await actions({ actor: 'token-0' }), ['b.created', 'a.created']);
  assert.deepEqual(await actions({ action: 'a.created' }), ['a.created']);
  assert.deepEqual(await actions({ action: 'a.*' }), ['a.updated', 'a.created']);
  assert.deepEqual(await actions({ subject: 'thing 1' }), ['a.updated']);
  assert.deepEqual(await actions({ subject: 'thing*' }), ['a_created', 'b.created', 'a.updated', 'a.created']);
  assert.deepEqual(await actions({ trackingId: 't3' }), ['a_created']);
  const at = (seconds: number): Date => new Date(startedMs + seconds * 1_000);
  assert.deepEqual(await actions({ since: at(2), until: at(4) }), ['b.created', 'a.updated']);
  assert.deepEqual(await actions({ action: 'a.*', actor: 'token-1', since: at(3) }), []);
  const first = await audit.list(scope.organizationId, { max: 3 });
  assert.equal(first.length, 3);
  assert.deepEqual(await actions({ beforeSequence: first.at(-1)?.sequence }), ['a.created']);
});

test('an export holds every entry once, however many pages it takes', async () => {
  const scope = await addOrganization(database);
  await database.db.transaction().execute(async (tx) => {
    for (let index = 0; index < 2_005; index++) {
      await audit.record(tx, scope, { action: 'a.created', subject: `a ${index}`, after: { index } });
    }
  });
  const lines = (await read(audit.export(scope.organizationId, {}, 'ndjson'))).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { subject: string }).subject),
    Array.from({ length: 2_005 }, (_, index) => `a ${2_004 - index}`),
  );
  const csv = (await read(audit.export(scope.organizationId, { subject: 'a 7' }, 'csv'))).split('\r\n');
  assert.equal(csv.length, 3);
  assert.equal(
    csv[0],
    'sequence,at,actor,actorLabel,actorRole,actorOrganizationId,remoteAddress,action,subject,before,after,detail,trackingId',
  );
  assert.match(csv[1] ?? '', /,a\.created,a 7,,"\{""index"":7\}",\{\},test$/);
  assert.equal(csv[2], '');
});

test('what is written during an export does not prolong it', async () => {
  const scope = await addOrganization(database);
  await record(scope, { action: 'first', subject: 'x' });
  let seen = 0;
  for await (const chunk of audit.export(scope.organizationId, {}, 'ndjson')) {
    seen += chunk.trimEnd().split('\n').length;
    await record(scope, { action: 'later', subject: 'x' });
  }
  assert.equal(seen, 1);
});

test('no cell of the CSV is computed by a spreadsheet', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1', '|cmd', '%1']) {
    assert.match(csvCell(text), /^"?'/, JSON.stringify(text));
  }
  assert.equal(csvCell('a "quoted", text'), '"a ""quoted"", text"');
  assert.equal(csvCell('two\r\nlines'), '"two\r\nlines"');
  assert.equal(csvCell('plain'), 'plain');
});

test('secrets are left out at any depth, whatever they are called', async () => {
  const scope = await addOrganization(database);
  await record(scope, {
    action: 'x',
    subject: 'x',
    before: { secret: 'marked', secretHash: 'marked', secretRequired: true },
    after: { deep: [{ adminPassword: 'marked', accessToken: 'marked', token: 'marked' }], label: 'fine' },
    detail: { authorization: 'marked', privateKey: 'marked', old_secret: ['marked', { value: 1 }] },
  });
  const [entry] = await audit.list(scope.organizationId, { max: 1 });
  assert.doesNotMatch(JSON.stringify(entry), /marked/);
  assert.deepEqual(entry?.before, { secret: OMITTED, secretHash: OMITTED, secretRequired: true });
  assert.equal((entry?.after as { label?: string } | null)?.label, 'fine');
  assert.deepEqual(omitSecrets({ at: null, count: 2, tokenId: 'id' }), { at: null, count: 2, tokenId: 'id' });
});

test('the database refuses to change, remove or empty the trail', async () => {
  const { db } = database;
  await assert.rejects(db.updateTable('auditEntries').set({ actor: 'x' }).execute(), /append-only/);
  await assert.rejects(db.deleteFrom('auditEntries').execute(), /append-only/);
  await assert.rejects(database.executeSql('truncate audit_entries'), /append-only/);
});
