import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  collapseSpace,
  readBoolean,
  readDateTime,
  readList,
  readNumber,
  writeDateTimeMillis,
  writeDateTimeSeconds,
  writeNumber,
} from './xml.ts';

suite('lexical forms', () => {
  test('tokens and lists', () => {
    assert.equal(collapseSpace('  a \n\t b  '), 'a b');
    assert.equal(collapseSpace('a b'), 'a b');
    assert.equal(collapseSpace(' \n '), '');
    assert.deepEqual(readList('\n a b\tc '), ['a', 'b', 'c']);
    assert.deepEqual(readList('  '), []);
  });

  test('booleans', () => {
    for (const text of ['true', ' 1 ', 'yes']) assert.equal(readBoolean(text), true);
    for (const text of ['false', '0', 'NO']) assert.equal(readBoolean(text), false);
    for (const text of ['maybe', '', undefined]) assert.equal(readBoolean(text), undefined);
  });

  test('times, with and without zone and fraction', () => {
    const at = Date.UTC(2026, 10, 21, 10, 20, 30);
    assert.equal(readDateTime(' 2026-11-21T10:20:30Z ')?.getTime(), at);
    assert.equal(readDateTime('2026-11-21T10:20:30')?.getTime(), at);
    assert.equal(readDateTime('2026-11-21T12:20:30.25+02:00')?.getTime(), at + 250);
    assert.equal(readDateTime('2026-11-21T10:20:30.123456789012Z')?.getTime(), at + 123);
    for (const text of ['2026-13-01T00:00:00Z', '2026-11-21', '2026-11-21t10:20:30z', 'now', '', undefined]) {
      assert.equal(readDateTime(text), undefined, text);
    }
    assert.equal(writeDateTimeSeconds(new Date(at + 999)), '2026-11-21T10:20:30Z');
    assert.equal(writeDateTimeMillis(new Date(at)), '2026-11-21T10:20:30.000Z');
    // More seconds than are kept, before and after the epoch, each written twice.
    for (let offset = -100_000; offset < 100_000; offset += 777) {
      for (const date of [new Date(offset), new Date(at + offset), new Date(offset)]) {
        assert.equal(writeDateTimeMillis(date), date.toISOString());
      }
    }
  });

  test('numbers, written without exponent', () => {
    assert.equal(readNumber(' -12.5e1 '), -125);
    for (const text of ['', '1,5', '0x10', 'NaN', 'INF', '1e999', '1 2', undefined]) {
      assert.equal(readNumber(text), undefined, text);
    }
    assert.equal(writeNumber(1e-7), '0.0000001');
    assert.equal(writeNumber(-0), '0');
    assert.equal(writeNumber(-97.16054), '-97.16054');
  });
});
