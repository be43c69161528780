import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callRecord } from '../testing/call-record.ts';
import type { ElinBinding } from './elin-binding.ts';
import { createElinBindings } from './elin-bindings.ts';

const START_MS = Date.parse('2026-03-01T12:00:00Z');
const MINUTE_MS = 60_000;
const POOL = ['+12145550181', '+12145550182', '+12145550183'];

const caller = (extension: string, of: Partial<ElinBinding> = {}) => ({
  organizationId: 'org',
  caller: extension,
  memberId: null,
  trunkId: 'trunk',
  ...of,
});

function binding(number: string, extension: string, boundMs: number, minutes = 60): ElinBinding {
  return {
    number,
    ...caller(extension),
    responseLocationId: 'erl',
    callId: `call of ${extension}`,
    boundAt: new Date(boundMs).toISOString(),
    expiresAt: new Date(boundMs + minutes * MINUTE_MS).toISOString(),
  };
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** A place whose callers are bound as calls would bind them. */
function place(stored: ReadonlyMap<string, ElinBinding> = new Map()) {
  const bindings = createElinBindings(() => stored, 0);
  const call = (extension: string, nowMs: number, minutes = 60) => {
    const choice = bindings.choose(POOL, caller(extension), nowMs);
    if (choice)
      bindings.bind({ ...binding(choice.number, extension, nowMs, minutes), boundAt: isoOf(choice.boundAtMs) });
    return choice;
  };
  return { bindings, call };
}

test('each caller gets a number of its own, and keeps it with every call', () => {
  const { bindings, call } = place();
  assert.deepEqual(call('4711', START_MS), { number: POOL[0], how: 'free', displaced: null, boundAtMs: START_MS });
  assert.deepEqual(call('4712', START_MS + 1), {
    number: POOL[1],
    how: 'free',
    displaced: null,
    boundAtMs: START_MS + 1,
  });
  const later = START_MS + 50 * MINUTE_MS;
  assert.deepEqual(call('4711', later), { number: POOL[0], how: 'kept', displaced: null, boundAtMs: later });
  assert.equal(bindings.find(POOL[0] ?? '')?.expiresAt, new Date(later + 60 * MINUTE_MS).toISOString());
  assert.equal(bindings.choose([], caller('4711'), START_MS), undefined);
});

test('the number whose binding ended longest ago is lent first, one that was never lent before it', () => {
  const { call } = place();
  call('1', START_MS, 30);
  call('2', START_MS + 1, 10);
  const over = START_MS + 45 * MINUTE_MS;
  assert.equal(call('3', over)?.number, POOL[2]);
  assert.equal(call('4', over)?.number, POOL[1], 'ended 35 minutes ago');
  assert.equal(call('5', over)?.number, POOL[0], 'ended 15 minutes ago');
});

test('a pool that is used up lends the number that was bound longest ago, and tells whose it was', () => {
  const { bindings, call } = place();
  for (const [index, extension] of ['1', '2', '3'].entries()) call(extension, START_MS + index);
  call('1', START_MS + 10);
  const taken = call('4', START_MS + 20);
  assert.deepEqual([taken?.number, taken?.how, taken?.displaced?.caller], [POOL[1], 'taken', '2']);
  assert.equal(bindings.find(POOL[1] ?? '')?.caller, '4');
});

test('who is the same caller: a member whatever it is asserted with, else the extension within its trunk', () => {
  const bindings = createElinBindings(() => new Map());
  bindings.bind({ ...binding('+1', '4711', START_MS), memberId: 'ada' });
  const how = (of: Partial<ElinBinding>) => bindings.choose(['+1'], caller('4711', of), START_MS)?.how;
  assert.equal(how({ memberId: 'ada', caller: '4799', trunkId: 'other' }), 'kept');
  assert.equal(how({ memberId: 'bob' }), 'taken');
  assert.equal(how({}), 'taken');
  bindings.bind(binding('+1', '4711', START_MS + 1));
  assert.equal(how({}), 'kept');
  assert.equal(how({ trunkId: 'other' }), 'taken');
  assert.equal(how({ organizationId: 'other' }), 'free', 'the number has changed hands');
});

test('what another node bound holds here too, unless this one bound later', () => {
  const stored = new Map([[POOL[0] ?? '', binding(POOL[0] ?? '', 'there', START_MS)]]);
  const { bindings, call } = place(stored);
  assert.equal(call('here', START_MS + 1)?.number, POOL[1]);
  assert.equal(bindings.find(POOL[0] ?? '')?.caller, 'there');
  stored.set(POOL[1] ?? '', binding(POOL[1] ?? '', 'there too', START_MS + 2));
  assert.equal(bindings.find(POOL[1] ?? '')?.caller, 'there too');
  bindings.bind(binding(POOL[1] ?? '', 'too late', START_MS + 1));
  assert.equal(bindings.find(POOL[1] ?? '')?.caller, 'there too', 'an older binding changes nothing');
  assert.deepEqual(
    bindings.ofOrganization('org').map(({ caller: who }) => who),
    ['there', 'there too'],
  );
  assert.deepEqual(bindings.ofOrganization('other'), []);
});

test('nodes that lend before they hear of each other begin at different places of the pool', () => {
  const pool = Array.from({ length: 100 }, (_, index) => `+121455501${String(index).padStart(2, '0')}`);
  const lent = (startAt: number) => {
    const bindings = createElinBindings(() => new Map(), startAt);
    return Array.from({ length: 20 }, (_, index) => {
      const number = bindings.choose(pool, caller(`${index}`), START_MS)?.number ?? '';
      bindings.bind(binding(number, `${index}`, START_MS));
      return number;
    });
  };
  const numbers = [...lent(0.15), ...lent(0.4), ...lent(0.9)];
  assert.equal(new Set(numbers).size, 60);
  assert.ok(numbers.every((number) => pool.includes(number)));

  // Also when the whole pool was lent long ago, and each number ended at its own moment.
  const DAY_MS = 24 * 60 * MINUTE_MS;
  const before = new Map(pool.map((number, index) => [number, binding(number, 'gone', START_MS + index)]));
  const choiceAt = (startAt: number) =>
    createElinBindings(() => before, startAt).choose(pool, caller('new'), START_MS + 2 * DAY_MS)?.number;
  assert.notEqual(choiceAt(0.2), choiceAt(0.7));
});

test('of two nodes that bind a number in the same moment both keep the same caller', () => {
  const number = POOL[0] ?? '';
  const [one, other] = [binding(number, 'one', START_MS), binding(number, 'other', START_MS)];
  const holders = [
    [one, other],
    [other, one],
  ].map(([here, stored]) => {
    const bindings = createElinBindings(() => new Map([[number, stored as ElinBinding]]));
    bindings.bind(here as ElinBinding);
    return bindings.find(number)?.caller;
  });
  assert.equal(holders[0], holders[1]);
});

test('a number that another organization had is a new one, and nothing is told of who had it', () => {
  const number = POOL[0] ?? '';
  const theirs = { ...binding(number, 'theirs', START_MS), organizationId: 'other' };
  const bindings = createElinBindings(() => new Map([[number, theirs]]), 0);
  const choice = bindings.choose([number], caller('ours'), START_MS + 1);
  assert.deepEqual([choice?.how, choice?.displaced], ['free', null]);
});

test('a thousand callers at once: each has a number of its own while there are any, then the longest lent goes on', () => {
  const pool = Array.from({ length: 900 }, (_, index) => `+1214555${String(index).padStart(4, '0')}`);
  const bindings = createElinBindings(() => new Map());
  const how = Array.from({ length: 1_000 }, (_, index) => {
    const choice = bindings.choose(pool, caller(`${index}`), START_MS);
    bindings.bind(binding(choice?.number ?? '', `${index}`, START_MS + index));
    return choice?.how;
  });
  assert.equal(how.filter((one) => one === 'free').length, 900);
  assert.deepEqual(new Set(how.slice(900)), new Set(['taken']));
  const holders = pool.map((number) => bindings.find(number)?.caller);
  assert.deepEqual(
    new Set(holders),
    new Set(Array.from({ length: 900 }, (_, index) => `${index + 100}`)),
    'the first hundred have lost theirs, nobody else has',
  );
});

test('whatever the order of calls: nobody loses a number while another is free, and the last caller has it', () => {
  const calls = fc.array(
    fc.record({ who: fc.nat(6), waitMinutes: fc.nat(40), minutes: fc.integer({ min: 10, max: 60 }) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(calls, (made) => {
      const { bindings, call } = place();
      let nowMs = START_MS;
      for (const { who, waitMinutes, minutes } of made) {
        nowMs += waitMinutes * MINUTE_MS + 1;
        const before = POOL.map((number) => bindings.find(number));
        const isOver = (one: ElinBinding | undefined) => !one || Date.parse(one.expiresAt) <= nowMs;
        const choice = call(`ext ${who}`, nowMs, minutes);
        assert.ok(choice && POOL.includes(choice.number));
        assert.equal(bindings.find(choice.number)?.caller, `ext ${who}`);
        const own = before.filter((one) => one?.caller === `ext ${who}`);
        if (choice.how === 'kept') assert.ok(own.some((one) => one?.number === choice.number));
        else assert.equal(own.length, 0);
        if (choice.how === 'free') assert.ok(isOver(before[POOL.indexOf(choice.number)]));
        if (choice.how !== 'taken') continue;
        assert.ok(
          before.every((one) => !isOver(one)),
          'all were in use',
        );
        const oldest = Math.min(...before.map((one) => Date.parse(one?.boundAt ?? '')));
        assert.equal(Date.parse(choice.displaced?.boundAt ?? ''), oldest);
      }
      const holders = POOL.flatMap((number) => bindings.find(number)?.caller ?? []);
      assert.equal(new Set(holders).size, holders.length, 'nobody has two');
    }),
    { numRuns: 200 },
  );
});

test('a clock that is set back, or far ahead for a while, changes nothing: the last caller has the number', () => {
  const { bindings, call } = place();
  const whoHas = (number: string | undefined): string | undefined => bindings.find(number ?? '')?.caller;
  const aheadMs = START_MS + 365 * 24 * 60 * MINUTE_MS;
  for (const extension of ['1', '2', '3']) call(extension, aheadMs);
  const fourth = call('4', START_MS);
  assert.equal(fourth?.how, 'taken');
  assert.equal(whoHas(fourth?.number), '4', 'not who called in what the clock took for the future');
  assert.equal(bindings.find(fourth?.number ?? '')?.expiresAt, isoOf(START_MS + 60 * MINUTE_MS));
  const fifth = call('5', START_MS - MINUTE_MS);
  assert.notEqual(fifth?.number, fourth?.number, 'what was lent longest ago goes first, not what the clock says');
  assert.equal(whoHas(fifth?.number), '5');
  assert.equal(call('4', START_MS - 2 * MINUTE_MS)?.number, fourth?.number, 'and each keeps its own');
});

test('two callers of one moment: the one who is bound last is reached', () => {
  const { bindings } = place();
  const [number = ''] = POOL;
  bindings.bind({ ...binding(number, '1', START_MS), callId: 'z' });
  const choice = bindings.choose([number], caller('2'), START_MS);
  bindings.bind({ ...binding(number, '2', START_MS), callId: 'a', boundAt: isoOf(choice?.boundAtMs ?? 0) });
  assert.equal(bindings.find(number)?.caller, '2');
});

test('a record whose clock was behind binds all the same, here and where it is stored', () => {
  const { bindings } = place();
  const [number = ''] = POOL;
  bindings.bind(binding(number, '1', START_MS));
  const record = callRecord({
    startedAt: isoOf(START_MS - 60 * MINUTE_MS),
    organizationId: 'org',
    caller: { ...callRecord().caller, number: '2', memberId: null },
    callback: {
      number,
      quality: 'RECOMMENDED',
      rule: '',
      elin: { responseLocationId: 'erl', boundAt: isoOf(START_MS + 1), expiresAt: isoOf(START_MS + MINUTE_MS) },
    },
  });
  assert.equal(bindings.bindFrom(record)?.boundAt, isoOf(START_MS + 1));
  assert.equal(bindings.find(number)?.caller, '2');
});
