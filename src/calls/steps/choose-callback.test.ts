import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallLookups, ElinOffer, KnownCaller } from '../call-lookups.ts';
import { decide } from '../decide.ts';
import { emergencyCall, fakeLookups, identity, ORGANIZATION_ID } from '../testing/fake-lookups.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const NOW = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
const BOUND_AT_MS = Date.parse('2026-03-01T12:00:00.001Z');
const ELIN = '+12145550181';
const MAIN = '+12145550199';
const CONVEYED = [{ uri: 'https://waymark.example.net/erl', form: 'own' as const, value: null, note: '' }];
const peer = { address: '192.0.2.10', port: 5060 };

type Callback = KnownCaller['callback'];
const none: Callback = { number: null, quality: 'INVALID', rule: 'NONE' };
const ofSite: Callback = { number: MAIN, quality: 'NOT_RECOMMENDED', rule: 'LOCATION_NUMBER' };
const ofDesk: Callback = { number: MAIN, quality: 'RECOMMENDED', rule: 'LOCATION_MEMBER_NUMBER' };

function known(of: Partial<KnownCaller>): KnownCaller {
  return {
    organizationId: ORGANIZATION_ID,
    memberId: 'member',
    kind: 'PEOPLE',
    displayName: 'Ada',
    extension: '4711',
    locationId: 'location',
    callback: ofSite,
    hasOwnNumber: false,
    mayUseElin: true,
    ...of,
  };
}

function callback(
  caller: KnownCaller | undefined,
  {
    offer = { how: 'free', displaced: null },
    asserted = '4711',
    conveyed = CONVEYED,
  }: {
    offer?: Pick<ElinOffer, 'how' | 'displaced'> | null;
    asserted?: string | null;
    conveyed?: typeof CONVEYED;
  } = {},
) {
  const lookups: CallLookups = fakeLookups({
    findByNumber: () => undefined,
    findInOrganization: () => caller,
    elinFor: () => (offer === null ? undefined : { number: ELIN, expiryMinutes: 90, boundAtMs: BOUND_AT_MS, ...offer }),
  });
  const decision = decide(emergencyCall({ identities: [identity(asserted)], conveyed, peer }), lookups, NOW);
  return { ...decision.callback, flags: decision.flags };
}

const rows: [
  who: string,
  caller: KnownCaller | undefined,
  asserted: string | null,
  number: string | null,
  elin: boolean,
][] = [
  ['extension only, ELIN allowed: before the main number', known({}), '4711', ELIN, true],
  ['extension only, ELIN allowed: before a chosen member', known({ callback: ofDesk }), '4711', ELIN, true],
  ['extension only, ELIN allowed, nothing else', known({ callback: none }), '4711', ELIN, true],
  ['extension only, ELIN not allowed: the main number', known({ mayUseElin: false }), '4711', MAIN, false],
  [
    'extension only, ELIN not allowed: a chosen member',
    known({ mayUseElin: false, callback: ofDesk }),
    '4711',
    MAIN,
    false,
  ],
  [
    'extension only, ELIN not allowed, nothing else: better than nobody',
    known({ mayUseElin: false, callback: none }),
    '4711',
    ELIN,
    true,
  ],
  ['a number of its own', known({ hasOwnNumber: true }), '4711', MAIN, false],
  ['a number of nobody, out of service', known({ memberId: null, mayUseElin: null }), '4711', MAIN, false],
  ['an extension that nobody is known by', undefined, '4711', ELIN, true],
  ['an unknown number that can be called', undefined, '+12145550777', '+12145550777', false],
  ['no number at all', undefined, null, null, false],
];

for (const [who, caller, asserted, number, isElin] of rows) {
  test(`callback number: ${who}`, () => {
    const chosen = callback(caller, { asserted });
    assert.equal(chosen.number, number);
    assert.deepEqual(
      chosen.elin,
      isElin
        ? { responseLocationId: 'erl-1', boundAt: '2026-03-01T12:00:00.001Z', expiresAt: '2026-03-01T13:30:00.000Z' }
        : undefined,
    );
    assert.equal(chosen.flags.includes('no-callback'), number === null);
    assert.ok(!chosen.flags.includes('elin-exhausted'));
  });
}

test('without an ELIN at the place, or without a known place, the rules of the contract decide', () => {
  assert.equal(callback(known({}), { offer: null }).number, MAIN);
  assert.equal(callback(known({}), { conveyed: [] }).number, MAIN);
  assert.equal(callback(undefined, { offer: null }).number, null);
});

test('a pool that is used up is flagged', () => {
  const chosen = callback(known({}), { offer: { how: 'taken', displaced: '4799' } });
  assert.equal(chosen.number, ELIN);
  assert.ok(chosen.flags.includes('elin-exhausted'));
});
