import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toldRecipient } from '../../../test/support/incidents-fixture.ts';
import { dueNow, laterSteps, recipientsOfStep } from './escalation.ts';

test('who is told at once stands in no later step; the others stand by their time', () => {
  const told = [toldRecipient('late', 300), toldRecipient('desk'), toldRecipient('next', 60), toldRecipient('too', 60)];
  assert.deepEqual(
    laterSteps(told).map(({ afterSeconds, told: of }) => [afterSeconds, of.map(({ label }) => label)]),
    [
      [60, ['next@example.com', 'too@example.com']],
      [300, ['late@example.com']],
    ],
  );
});

test('a step tells who stands in it now, and those planned where nobody does', () => {
  const labels = (recipients: readonly { label: string }[]) => recipients.map(({ label }) => label);
  const planned = [toldRecipient('planned', 60)];
  assert.deepEqual(labels(recipientsOfStep(60, [toldRecipient('now', 60)], planned)), ['now@example.com']);
  assert.deepEqual(labels(recipientsOfStep(60, [], planned)), ['planned@example.com']);
  assert.deepEqual(labels(recipientsOfStep(60, [toldRecipient('first'), toldRecipient('later', 300)], planned)), [
    'planned@example.com',
  ]);
});

test('whoever is planned for a step is told with it, also when duty changed and others stand in it by then', () => {
  const [ann, bob, cid, dan] = ['ann', 'bob', 'cid', 'dan'].map((name) => toldRecipient(name));
  assert.ok(ann && bob && cid && dan);
  // Planned while Ann was off duty: Bob at once, Cid and Dan after 300 s. Told an hour late, when she is on and Dan is off.
  const planned = [cid, dan].map((one) => ({ ...one, afterSeconds: 300 }));
  const now = [ann, { ...bob, afterSeconds: 300 }, { ...cid, afterSeconds: 600 }];
  assert.deepEqual(
    recipientsOfStep(300, now, planned).map(({ label }) => label),
    ['bob@example.com', 'cid@example.com'],
  );
});

/** What happens to an incident: time passes by the clock or it is set, somebody acts, the process starts anew. */
const HAPPENINGS = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
    fc.record({ kind: fc.constant('clock-set' as const), ms: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
    fc.constant({ kind: 'acknowledge' as const }),
    fc.constant({ kind: 'reopen' as const }),
    fc.constant({ kind: 'restart' as const }),
  ),
  { maxLength: 40 },
);

// Around the changes of daylight saving time in North America, where clocks on the wall jump and moments do not.
const OPENED = fc.constantFrom(
  Date.UTC(2026, 2, 8, 6, 59, 50),
  Date.UTC(2026, 10, 1, 5, 59, 50),
  Date.UTC(2026, 5, 15, 12, 0, 0),
);

test('no step before its time, none while somebody has it, each once, overdue ones at once', () => {
  fc.assert(
    fc.property(
      OPENED,
      fc.uniqueArray(fc.integer({ min: 1, max: 3_600 }), { maxLength: 8 }),
      HAPPENINGS,
      (openedMs, times, happenings) => {
        let steps = times.map((afterSeconds) => ({
          afterSeconds,
          dueMs: openedMs + afterSeconds * 1_000,
          firedMs: null as number | null,
        }));
        const fired = new Map<number, number>();
        let nowMs = openedMs;
        let isOpen = true;
        const look = () => {
          const { due, nextMs } = dueNow(steps, isOpen, nowMs);
          for (const step of due) {
            assert.ok(isOpen, 'nobody has taken it on');
            assert.ok(nowMs >= openedMs + step.afterSeconds * 1_000, 'not before its time');
            assert.ok(!fired.has(step.afterSeconds), 'once');
            fired.set(step.afterSeconds, nowMs);
            step.firedMs = nowMs;
          }
          assert.deepEqual(
            due.map(({ dueMs }) => dueMs),
            due.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b),
          );
          const waiting = steps.filter(({ firedMs }) => firedMs === null).map(({ dueMs }) => dueMs);
          if (isOpen)
            assert.ok(
              waiting.every((dueMs) => dueMs > nowMs),
              'nothing that is due is left',
            );
          assert.equal(nextMs, isOpen && waiting.length > 0 ? Math.min(...waiting) : null, 'the next look is in time');
        };
        look();
        for (const happening of happenings) {
          if (happening.kind === 'pass' || happening.kind === 'clock-set') nowMs += happening.ms;
          else if (happening.kind === 'restart') steps = structuredClone(steps);
          else isOpen = happening.kind === 'reopen';
          look();
        }
        isOpen = true;
        nowMs = openedMs + 3_600_000;
        look();
        assert.deepEqual(new Set(fired.keys()), new Set(times), 'every step was told');
      },
    ),
    { numRuns: 500 },
  );
});
