import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMoment } from './read-moment.ts';

test('dates, and times with offset, mean the same moment everywhere', () => {
  for (const [text, moment] of [
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T10:00Z', '2030-01-31T10:00:00.000Z'],
    ['2030-01-31T10:00:05.5+02:00', '2030-01-31T08:00:05.500Z'],
    ['2030-01-31T10:00:00 02:00', '2030-01-31T08:00:00.000Z'],
  ] as const) {
    assert.equal(readMoment(text, 'expiresAt').toISOString(), moment, text);
  }
});

test('what is none, or means another moment on every machine, is refused by name', () => {
  for (const text of [
    '',
    '5',
    '2030',
    'tomorrow',
    '2030-01-31T10:00',
    '31.1.2030',
    '2030-13-01',
    'Jan 31 2030 10:00',
    '0000-01-01',
    '0001-01-01T00:00+14:00',
    '9999-12-31T23:59-01:00',
  ]) {
    assert.throws(() => readMoment(text, 'expiresAt'), { kind: 'invalid', message: /^expiresAt: / }, text);
  }
});
