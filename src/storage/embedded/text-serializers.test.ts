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
