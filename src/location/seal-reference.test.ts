import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { LOCATING_RULES } from './resolution-table.ts';
import { openReference, referenceId, referenceKey, type SealedReference, sealReference } from './seal-reference.ts';

const key = referenceKey(1, randomBytes(32));

const reference: fc.Arbitrary<SealedReference> = fc
  .tuple(
    fc.uuid(),
    fc.constantFrom(
      ...(['erl', 'building', 'location', 'number-address', 'location-address', 'device-address'] as const),
    ),
    fc.uuid(),
    fc.constantFrom(null, ...LOCATING_RULES),
    fc.nat(0x7fffffff),
    fc.nat(86_400),
  )
  .map(([organizationId, kind, id, rule, issuedSeconds, lifetime]) => ({
    organizationId,
    target: { kind, id },
    rule,
    issuedSeconds,
    expiresSeconds: issuedSeconds + lifetime,
  }));

test('what is sealed is opened again, by the key that sealed it alone', () => {
  const other = referenceKey(1, randomBytes(32));
  const next = referenceKey(2, randomBytes(32));
  fc.assert(
    fc.property(reference, (value) => {
      const text = sealReference(key, value);
      assert.match(text, /^[\w-]{98}$/);
      assert.deepEqual(openReference([next, key], text), value);
      assert.equal(openReference([other], text), undefined);
      assert.equal(openReference([next], text), undefined);
    }),
    { numRuns: 50 },
  );
});

test('a text that was changed anywhere is opened by nobody', () => {
  const value = {
    organizationId: randomUUID(),
    target: { kind: 'erl', id: randomUUID() },
    rule: 'bssid',
    issuedSeconds: 2,
    expiresSeconds: 5,
  } as const;
  const text = sealReference(key, value);
  for (let place = 0; place < text.length; place += 1) {
    for (const letter of ['A', '_', 'z']) {
      if (text[place] === letter) continue;
      assert.equal(
        openReference([key], text.slice(0, place) + letter + text.slice(place + 1)),
        undefined,
        String(place),
      );
    }
  }
  for (const broken of ['', 'x', text.slice(1), `${text}A`, `${text}==`, text.replace(/.$/, '!')]) {
    assert.equal(openReference([key], broken), undefined);
    assert.equal(referenceId(broken), undefined);
  }
});

test('two references to the same place have nothing in common', () => {
  const value = {
    organizationId: randomUUID(),
    target: { kind: 'erl', id: randomUUID() },
    rule: 'bssid',
    issuedSeconds: 2,
    expiresSeconds: 5,
  } as const;
  const first = sealReference(key, value);
  const second = sealReference(key, value);
  assert.notEqual(referenceId(first), referenceId(second));
  // Past the number of the key, which every reference shows.
  assert.equal(Array.from(first).filter((letter, at) => at > 1 && second[at] === letter).length < 20, true);
  assert.ok(!Buffer.from(first, 'base64url').includes(Buffer.from(value.target.id.replaceAll('-', ''), 'hex')));
});
