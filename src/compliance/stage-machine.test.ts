import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompletedStage, STAGES } from '../domain/stage.ts';
import { applyStage, followOrganization, type LocationStage } from './stage-machine.ts';
import { deriveStanding, NOTHING_COMPLETED, type StageStanding } from './stage-standing.ts';

const at = (completed: CompletedStage, optedOut = false): StageStanding => ({ completed, optedOut });
const location = (standing: StageStanding, exempt = false): LocationStage => ({
  id: 'a',
  name: 'A',
  exempt,
  standing,
});

test('stages are completed in their order only', () => {
  let standing = NOTHING_COMPLETED;
  for (const [index, stage] of STAGES.entries()) {
    for (const wrong of STAGES) {
      if (wrong === stage || wrong === standing.completed) continue;
      assert.deepEqual(applyStage(standing, wrong), { kind: 'out-of-order', expected: stage }, `${index} ${wrong}`);
    }
    const transition = applyStage(standing, stage);
    assert.deepEqual(transition, { kind: 'moved', to: at(stage), change: 'advanced' });
    standing = at(stage);
    assert.deepEqual(applyStage(standing, stage), { kind: 'unchanged' });
  }
  assert.deepEqual(applyStage(standing, 'ALERTS'), { kind: 'out-of-order', expected: null });
});

test('opting out is possible from everywhere, and leads back to LOCATION_SETUP alone', () => {
  for (const completed of [null, ...STAGES]) {
    assert.deepEqual(applyStage(at(completed), 'OPTED_OUT'), {
      kind: 'moved',
      to: at(null, true),
      change: 'opted-out',
    });
  }
  const out = at(null, true);
  assert.deepEqual(applyStage(out, 'OPTED_OUT'), { kind: 'unchanged' });
  assert.deepEqual(applyStage(out, 'ROUTING_ENABLED'), { kind: 'out-of-order', expected: 'LOCATION_SETUP' });
  assert.deepEqual(applyStage(out, 'LOCATION_SETUP'), {
    kind: 'moved',
    to: at('LOCATION_SETUP'),
    change: 'returned',
  });
});

test('an organization takes along who stands exactly one stage behind', () => {
  const moved = { kind: 'moved', to: at('ALERTS'), change: 'advanced' } as const;
  assert.deepEqual(followOrganization(location(at('LOCATION_SETUP')), moved), at('ALERTS'));
  for (const stays of [
    location(at(null)),
    location(at('ALERTS')),
    location(at('ROUTING_ENABLED')),
    location(at('LOCATION_SETUP'), true),
    location(at(null, true)),
  ]) {
    assert.equal(followOrganization(stays, moved), null, JSON.stringify(stays));
  }
});

test('an organization that leaves takes back what its locations completed', () => {
  const left = { kind: 'moved', to: at(null, true), change: 'opted-out' } as const;
  assert.deepEqual(followOrganization(location(at('NETWORK_ELEMENTS')), left), at(null));
  assert.equal(followOrganization(location(at(null, true)), left), null);
  const returned = { kind: 'moved', to: at('LOCATION_SETUP'), change: 'returned' } as const;
  assert.deepEqual(followOrganization(location(at(null)), returned), at('LOCATION_SETUP'));
  assert.equal(followOrganization(location(at(null, true)), returned), null);
});

test('933 is switched on by NETWORK_ELEMENTS, direct 911 by ROUTING_ENABLED', () => {
  const standing = (of: Partial<Parameters<typeof deriveStanding>[0]>) =>
    deriveStanding({
      accountEnabled: true,
      organization: at('ROUTING_ENABLED'),
      location: at('ROUTING_ENABLED'),
      exempt: false,
      ...of,
    });
  const switches = (of: Parameters<typeof standing>[0]) => {
    const { testCallsEnabled, routingEnabled } = standing(of);
    return [testCallsEnabled, routingEnabled];
  };
  assert.deepEqual(switches({ location: at(null) }), [false, false]);
  assert.deepEqual(switches({ location: at('LOCATION_SETUP') }), [false, false]);
  assert.deepEqual(switches({ location: at('ALERTS') }), [false, false]);
  assert.deepEqual(switches({ location: at('NETWORK_ELEMENTS') }), [true, false]);
  assert.deepEqual(switches({ location: at('ROUTING_ENABLED') }), [true, true]);
  assert.deepEqual(switches({ location: null }), [true, true]);
  assert.deepEqual(switches({ location: null, organization: at('ALERTS') }), [false, false]);
  assert.deepEqual(switches({ organization: at(null, true) }), [false, false]);
  assert.deepEqual(switches({ location: at(null, true) }), [false, false]);
  assert.deepEqual(switches({ exempt: true }), [false, false]);
  assert.deepEqual(switches({ accountEnabled: false }), [false, false]);
  assert.deepEqual(standing({ location: at('ALERTS') }).missing, ['NETWORK_ELEMENTS', 'ROUTING_ENABLED']);
  assert.deepEqual(standing({}).missing, []);
});
