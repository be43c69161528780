import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRUNK_DEFAULTS, type Trunk } from './trunk.ts';
import { createTrunkAdmission } from './trunk-admission.ts';
import { createTrunkIndex } from './trunk-index.ts';

function trunk(fields: Partial<Trunk>): Trunk {
  return {
    ...TRUNK_DEFAULTS,
    id: 't1',
    organizationId: 'o1',
    name: 'SBC',
    addresses: [],
    port: null,
    tlsNames: [],
    ...fields,
  };
}

test('the peers of trunks are admitted, by block whatever their port, or by name, until the trunk is gone', () => {
  let index = createTrunkIndex([
    trunk({ addresses: ['192.0.2.0/28', '2001:db8::/64'], port: 5080 }),
    trunk({ tlsNames: ['sbc.example.com'] }),
  ]);
  const admission = createTrunkAdmission(
    () => index,
    () => true,
  );
  for (const address of ['192.0.2.1', '192.0.2.15', '2001:db8::9', '::ffff:192.0.2.3']) {
    assert.equal(admission.isAddress(address), true, address);
  }
  for (const address of ['192.0.2.16', '2001:db9::9', 'nonsense', ''])
    assert.equal(admission.isAddress(address), false);
  assert.equal(admission.isName('SBC.example.com'), true);
  assert.equal(admission.isName('example.com'), false);
  index = createTrunkIndex([]);
  assert.equal(admission.isAddress('192.0.2.1'), false);
  assert.equal(admission.isName('sbc.example.com'), false);
});

test('while no trunks are known at all, everybody is heard: anybody may be one', () => {
  let areKnown = false;
  const index = createTrunkIndex([]);
  const admission = createTrunkAdmission(
    () => index,
    () => areKnown,
  );
  assert.equal(admission.isAddress('192.0.2.1'), true);
  areKnown = true;
  assert.equal(admission.isAddress('192.0.2.1'), false);
});
