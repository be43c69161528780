import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../support/manual-clock.ts';
import {
  emergencyCall,
  fakeLookups,
  identity,
  ORGANIZATION_ID,
  OTHER_ORGANIZATION_ID,
} from '../testing/fake-lookups.ts';
import { TRUNK_DEFAULTS, type Trunk } from '../trunk.ts';
import { identifyCaller } from './identify-caller.ts';

const trunk = (id: string, organizationId: string): Trunk => ({
  ...TRUNK_DEFAULTS,
  id,
  organizationId,
  name: `trunk ${id}`,
  addresses: [],
  port: null,
  tlsNames: [],
});

test('of a peer that organizations share, the call gets the trunk of the one whose it is, and no word of the other', () => {
  const lookups = fakeLookups({
    trunkOf: () => ({
      kind: 'ambiguous',
      trunks: [trunk('theirs', OTHER_ORGANIZATION_ID), trunk('ours', ORGANIZATION_ID)],
    }),
  });
  const ofNumber = (number: string) => {
    const call = emergencyCall({ identities: [identity(number)] });
    return identifyCaller({ call, lookups, now: createManualClock() });
  };
  const ours = ofNumber('+12145550100');
  assert.equal(ours.value.organizationId, ORGANIZATION_ID);
  assert.deepEqual([ours.value.trunkId, ours.value.trunk?.name], ['ours', 'trunk ours']);
  assert.equal(ours.flags?.includes('conflict'), false);
  assert.doesNotMatch(ours.reason, /theirs/);
  assert.equal(ofNumber('+13125550199').value.trunkId, 'theirs');
  assert.equal(ofNumber('4711').value.organizationId, null, 'an extension may be anybody’s');
});
