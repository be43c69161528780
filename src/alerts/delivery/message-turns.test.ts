import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMessageTurns, type Turn } from './message-turns.ts';

const LIMITS = { perLane: 4, perTarget: 2 };
const always = (): boolean => true;

type Item = { turn: Turn; number: number };

const turnOf = (organization: string, target: string, isUrgent = true): Turn => ({
  lane: 'email',
  organization,
  target,
  isUrgent,
});

/** Takes everything, ending each turn at once. */
function takeAll(turns: ReturnType<typeof createMessageTurns<Item>>): Item[] {
  const taken: Item[] = [];
  for (let item = turns.take(always); item; item = turns.take(always)) {
    taken.push(item);
    turns.end(item.turn);
  }
  return taken;
}

test('a backlog of one organization does not stand before the first message of another', () => {
  const turns = createMessageTurns<Item>(LIMITS);
  const add = (turn: Turn, number: number): void => turns.add({ turn, number }, turn);
  for (let number = 0; number < 1_000; number += 1) add(turnOf('flood', `desk${number}`), number);
  add(turnOf('quiet', 'desk'), 0);
  const taken = takeAll(turns);
  assert.equal(taken.length, 1_001);
  assert.ok(taken.findIndex(({ turn }) => turn.organization === 'quiet') <= 1);
});

test('a target that has its share under way waits; others of the same organization do not', () => {
  const turns = createMessageTurns<Item>(LIMITS);
  for (let number = 0; number < 5; number += 1) turns.add({ turn: turnOf('a', 'hangs'), number }, turnOf('a', 'hangs'));
  turns.add({ turn: turnOf('a', 'fine'), number: 0 }, turnOf('a', 'fine'));
  const taken = [turns.take(always), turns.take(always), turns.take(always), turns.take(always)];
  assert.deepEqual(taken.map((item) => item?.turn.target ?? 'nobody').sort(), ['fine', 'hangs', 'hangs', 'nobody']);
  turns.end(turnOf('a', 'hangs'));
  assert.equal(turns.take(always)?.turn.target, 'hangs');
});

test('a lane that may not pass keeps its messages, and the next lane has its turn', () => {
  const turns = createMessageTurns<Item>(LIMITS);
  const closed = { ...turnOf('a', 'x'), lane: 'webhook:1' };
  turns.add({ turn: closed, number: 1 }, closed);
  turns.add({ turn: turnOf('a', 'y'), number: 2 }, turnOf('a', 'y'));
  assert.equal(turns.take((lane) => lane !== 'webhook:1')?.number, 2);
  assert.equal(
    turns.take((lane) => lane !== 'webhook:1'),
    undefined,
  );
  assert.equal(turns.waiting, 1);
  assert.equal(turns.take(always)?.number, 1);
});

test('urgent messages go first, and the others are not starved', () => {
  const turns = createMessageTurns<Item>(LIMITS);
  for (let number = 0; number < 20; number += 1) {
    turns.add({ turn: turnOf('a', `u${number}`), number }, turnOf('a', `u${number}`));
  }
  turns.add({ turn: turnOf('a', 'invited', false), number: 0 }, turnOf('a', 'invited', false));
  const place = takeAll(turns).findIndex(({ turn }) => !turn.isUrgent);
  assert.ok(place > 0 && place < 20, String(place));
});

test('whatever is added comes out once, never more at once than the limits, in order of each target', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        lane: fc.constantFrom('email', 'webhook:1'),
        organization: fc.constantFrom('a', 'b', 'c'),
        target: fc.constantFrom('x', 'y', 'z'),
        isUrgent: fc.boolean(),
      }),
      fc.constant({ kind: 'take' as const }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
    ),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(steps, (run) => {
      const turns = createMessageTurns<Item>(LIMITS);
      const waiting = new Set<Item>();
      const underWay: Item[] = [];
      const lastOf = new Map<string, number>();
      let number = 0;

      function take(): boolean {
        const item = turns.take(always);
        if (!item) return false;
        assert.ok(waiting.delete(item), 'it waited');
        const { lane, organization, target, isUrgent } = item.turn;
        const line = JSON.stringify([lane, organization, target, isUrgent]);
        assert.ok((lastOf.get(line) ?? -1) < item.number, 'in order');
        lastOf.set(line, item.number);
        underWay.push(item);
        const ofLane = underWay.filter(({ turn }) => turn.lane === lane);
        assert.ok(ofLane.length <= LIMITS.perLane);
        assert.ok(ofLane.filter(({ turn }) => turn.target === target).length <= LIMITS.perTarget);
        return true;
      }

      for (const step of run) {
        if (step.kind === 'take') take();
        else if (step.kind === 'add') {
          const { kind: _kind, ...turn } = step;
          const item = { turn, number: number++ };
          waiting.add(item);
          turns.add(item, turn);
        } else if (step.kind === 'end') {
          const [item] = underWay.splice(step.which % Math.max(1, underWay.length), 1);
          if (item) turns.end(item.turn);
        } else {
          const item = [...waiting][step.which % Math.max(1, waiting.size)];
          if (!item) continue;
          assert.ok(turns.remove(item, item.turn));
          assert.equal(turns.remove(item, item.turn), false);
          waiting.delete(item);
        }
        assert.equal(turns.waiting, waiting.size);
      }
      // Nothing is forgotten: with all ends told, everything that waits comes out.
      for (;;) {
        for (const item of underWay.splice(0)) turns.end(item.turn);
        if (!take()) break;
      }
      assert.equal(waiting.size, 0);
    }),
    { numRuns: 300 },
  );
});
