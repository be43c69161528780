import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createStrangerLimit } from './stranger-limit.ts';

const nobody = () => Promise.reject(new ProblemError('unauthenticated', 'unknown'));
const away = () => Promise.reject(new Error('the database is away'));
const found = () => Promise.resolve('holder');
const REFUSED = { kind: 'too-many-requests', retryAfterSeconds: 60 };

test('an address with too many unknown tokens waits; others, and tokens that were good, do not', async () => {
  const clock = createManualClock();
  const limit = createStrangerLimit(clock, 2);
  assert.equal(await limit.guard('good', '192.0.2.1', found), 'holder');
  await assert.rejects(limit.guard('a', '192.0.2.1', nobody), { kind: 'unauthenticated' });
  await assert.rejects(limit.guard('b', '192.0.2.1', nobody), { kind: 'unauthenticated' });
  let lookUps = 0;
  const counted = () => {
    lookUps += 1;
    return nobody();
  };
  await assert.rejects(limit.guard('c', '192.0.2.1', counted), REFUSED);
  assert.equal(lookUps, 0, 'what is refused costs no query');
  assert.equal(await limit.guard('good', '192.0.2.1', found), 'holder');
  await assert.rejects(limit.guard('c', '192.0.2.2', nobody), { kind: 'unauthenticated' });
  clock.advance(60_000);
  await assert.rejects(limit.guard('c', '192.0.2.1', nobody), { kind: 'unauthenticated' });
});

test('tokens under way count already; good ones and failures of the database do not', async () => {
  const limit = createStrangerLimit(createManualClock(), 1);
  for (const turn of [1, 2, 3]) {
    await assert.rejects(limit.guard(`away ${turn}`, '192.0.2.1', away), /away/);
    assert.equal(await limit.guard(`good ${turn}`, '192.0.2.1', found), 'holder');
  }
  const first = limit.guard('a', '192.0.2.1', nobody);
  await assert.rejects(limit.guard('b', '192.0.2.1', nobody), REFUSED);
  await assert.rejects(first, { kind: 'unauthenticated' });
});

test('a token that was revoked is a stranger’s again', async () => {
  const limit = createStrangerLimit(createManualClock(), 1);
  await limit.guard('once good', '192.0.2.1', found);
  await assert.rejects(limit.guard('a', '192.0.2.1', nobody), { kind: 'unauthenticated' });
  await assert.rejects(limit.guard('once good', '192.0.2.1', nobody), { kind: 'unauthenticated' });
  await assert.rejects(limit.guard('once good', '192.0.2.1', nobody), REFUSED);
});
