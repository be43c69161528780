import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createLogger } from '../../support/logger.ts';
import { type Database, openDatabase } from '../database.ts';

let database: Database;

before(async () => {
  database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
});

after(() => database.close());

async function stored(type: string, value: unknown): Promise<unknown> {
  const { rows } = await database.executeSql(`select $1::${type} as value`, [value]);
  return rows[0]?.value;
}

const SHORT = 'né 北 😀 "\\';
for (const [size, text] of [
  ['short', SHORT],
  ['long', SHORT.repeat(400)],
] as const) {
  test(`a ${size} text comes back as it was, by itself, in JSON and in an array`, async () => {
    assert.equal(await stored('text', text), text);
    assert.deepEqual(await stored('jsonb', JSON.stringify({ text })), { text });
    assert.deepEqual(await stored('jsonb', { text }), { text });
    assert.deepEqual(await stored('json', JSON.stringify([text])), [text]);
    assert.deepEqual(await stored('text[]', [text, null, 'b']), [text, null, 'b']);
    assert.deepEqual(await stored('jsonb[]', [JSON.stringify({ text })]), [{ text }]);
  });
}

test('what is no JSON is refused, however long it is, and the session goes on', async () => {
  for (const text of ['{', `{"a": "${'x'.repeat(5_000)}`]) {
    await assert.rejects(stored('jsonb', text), { code: '22P02' });
  }
  await assert.rejects(stored('text', `${'x'.repeat(5_000)}\0`), { code: '22021' });
  assert.equal(await stored('text', 'still there'), 'still there');
});

test('a statement that fails leaves the session as it was, whether it cannot be read, bound or executed', async () => {
  await database.executeSql('create table firsts (id integer primary key)');
  const [long, one] = ['x'.repeat(100_000), 1];
  await assert.rejects(database.executeSql('select $1::text frm nowhere', [long]), { code: '42601' });
  await assert.rejects(database.executeSql('select $1::integer', [long]), { code: '22P02' });
  await database.executeSql('insert into firsts values ($1)', [one]);
  await assert.rejects(database.executeSql('insert into firsts values ($1)', [one]), {
    code: '23505',
    constraint: 'firsts_pkey',
  });
  await assert.rejects(database.executeSql('select 1 / $1::integer', [0]), { code: '22012' });
  assert.deepEqual((await database.executeSql('select id from firsts where id = $1', [one])).rows, [{ id: one }]);
});

test('values of every kind are what they were', async () => {
  const moment = new Date('2026-11-22T18:00:00.123Z');
  assert.deepEqual(await stored('timestamptz', moment), moment);
  assert.equal(await stored('integer', -5), -5);
  assert.equal(await stored('double precision', 0.1), 0.1);
  assert.equal(await stored('bigint', 2n ** 62n), String(2n ** 62n));
  assert.equal(await stored('boolean', true), true);
  assert.equal(await stored('text', null), null);
  assert.equal(await stored('text', undefined), null);
  assert.equal(await stored('text', ''), '');
  const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
  assert.deepEqual(await stored('bytea', bytes), bytes);
  assert.deepEqual(
    await stored('integer[]', [
      [1, 2],
      [3, null],
    ]),
    [
      [1, 2],
      [3, null],
    ],
  );
  assert.deepEqual(await stored('text[]', []), []);
  assert.deepEqual(await stored('text[]', ['', ',', '{}', 'null', '\\"']), ['', ',', '{}', 'null', '\\"']);
});

test('a statement as large as an import leaves no trace in the next', async () => {
  const large = 'ä'.repeat(3_000_000);
  assert.equal(await stored('text', large), large);
  assert.equal(await stored('text', 'small'), 'small');
});

test('a transaction is begun, committed and rolled back', async () => {
  await database.executeSql('create table marks (mark text)');
  const insert = (mark: string, fails: boolean) =>
    database.db.transaction().execute(async (tx) => {
      await sql`insert into marks values (${mark})`.execute(tx);
      if (fails) throw new Error('taken back');
    });
  await insert('kept', false);
  await assert.rejects(insert('gone', true), /taken back/);
  const { rows } = await database.executeSql('select mark from marks');
  assert.deepEqual(rows, [{ mark: 'kept' }]);
});
