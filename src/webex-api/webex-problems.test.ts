import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import { webexProblem } from './webex-problems.ts';

test('every kind of problem has its status of contract section 1, and those that pass say when', () => {
  const expected: readonly (readonly [ProblemKind, number, string?])[] = [
    ['malformed', 400],
    ['invalid', 400],
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['not-found', 404],
    ['method-not-allowed', 405],
    ['conflict', 409],
    ['gone', 410],
    ['too-large', 413],
    ['unsupported-media-type', 415],
    ['locked', 423, '5'],
    ['too-many-requests', 429, '5'],
    ['upstream-failed', 502],
    ['unavailable', 503, '5'],
    ['upstream-timeout', 504],
  ];
  for (const [kind, status, wait] of expected) {
    const answer = webexProblem(new ProblemError(kind, 'why'), 'T1');
    assert.equal(answer.status, status, kind);
    assert.equal(answer.headers?.['retry-after'], wait, kind);
    assert.deepEqual(answer.body, { message: 'why', errors: [{ description: 'why' }], trackingId: 'T1' }, kind);
  }
  const told = webexProblem(new ProblemError('locked', 'why', { retryAfterSeconds: 2 }), 'T1');
  assert.equal(told.headers?.['retry-after'], '2');
});

test('fields are named with their rule; a fault of ours shows nothing but the tracking id', () => {
  const fields = [
    { path: 'a.0', message: 'is wrong' },
    { path: '', message: 'of no field' },
  ];
  const { body } = webexProblem(new ProblemError('invalid', 'why', { fields }), 'T1');
  assert.deepEqual(body.errors, [{ description: 'a.0: is wrong' }, { description: 'why' }]);
  const bug = webexProblem(null, 'T1');
  assert.equal(bug.status, 500);
  assert.equal(bug.body.trackingId, 'T1');
});
