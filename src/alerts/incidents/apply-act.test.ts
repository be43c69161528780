import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyAct, OPEN_STANDING } from './apply-act.ts';
import type { IncidentAct, IncidentAction, IncidentStanding } from './incident.ts';

function act(action: IncidentAction, second: number, by = 'guard'): IncidentAct {
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return {
    id: `${action} ${second} ${by}`,
    incidentId: 'i',
    action,
    by,
    via: 'link',
    at,
    note: null,
    endpointTag: null,
  };
}

function after(...acts: IncidentAct[]): IncidentStanding {
  return acts.reduce((standing, one) => applyAct(standing, one) ?? standing, OPEN_STANDING);
}

test('of two who acknowledged, the earlier counts, in whatever order they are stored', () => {
  const first = act('acknowledge', 1, 'first');
  const second = act('acknowledge', 2, 'second');
  assert.equal(after(first, second).acknowledgedBy, 'first');
  assert.equal(after(second, first).acknowledgedBy, 'first');
  assert.equal(applyAct(after(first), second), null);
});

test('what was done before it was opened again does not count any more', () => {
  const reopened = after(act('acknowledge', 1), act('reopen', 5));
  assert.equal(reopened.state, 'open');
  assert.equal(applyAct(reopened, act('acknowledge', 3)), null);
  assert.equal(applyAct(reopened, act('resolve', 4)), null);
  assert.equal(after(act('acknowledge', 1), act('reopen', 5), act('acknowledge', 6)).state, 'acknowledged');
});

test('settled without having been acknowledged; a note changes nothing; what is open is not opened', () => {
  const resolved = after(act('resolve', 3));
  assert.deepEqual([resolved.state, resolved.acknowledgedAt], ['resolved', null]);
  assert.equal(applyAct(resolved, act('acknowledge', 4)), null);
  assert.equal(applyAct(resolved, act('acknowledge', 2))?.state, 'resolved');
  assert.equal(applyAct(OPEN_STANDING, act('note', 1)), null);
  assert.equal(applyAct(OPEN_STANDING, act('reopen', 1)), null);
});

test('the state always says what the moments say, whoever acts when', () => {
  const acts = fc.array(
    fc.tuple(
      fc.constantFrom<IncidentAction>('acknowledge', 'resolve', 'reopen', 'note'),
      fc.integer({ min: 0, max: 59 }),
    ),
  );
  fc.assert(
    fc.property(acts, (list) => {
      const standing = after(...list.map(([action, second]) => act(action, second)));
      const { state, acknowledgedAt, resolvedAt } = standing;
      assert.equal(state, resolvedAt !== null ? 'resolved' : acknowledgedAt !== null ? 'acknowledged' : 'open');
    }),
  );
});
