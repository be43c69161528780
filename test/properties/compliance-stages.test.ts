/** Invariants of the stage machine over random sequences of PUTs, at the organization and at its locations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ComplianceFacts,
  describeLocation,
  describeLocations,
  describeOrganization,
} from '../../src/compliance/compliance-status.ts';
import {
  applyStage,
  followOrganization,
  type LocationStage,
  STAGE_REQUESTS,
  type StageRequest,
} from '../../src/compliance/stage-machine.ts';
import { NOTHING_COMPLETED, type StageStanding } from '../../src/compliance/stage-standing.ts';
import { hasCompleted, stageRank } from '../../src/domain/stage.ts';
import { webexOperations } from '../../src/wire/webex/operations.generated.ts';

type World = { organization: StageStanding; locations: LocationStage[] };
type Step = { at: 'organization' | number; request: StageRequest } | { add: 'location'; exempt: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ at: fc.constant('organization' as const), request: fc.constantFrom(...STAGE_REQUESTS) }),
  },
  { weight: 5, arbitrary: fc.record({ at: fc.nat({ max: 4 }), request: fc.constantFrom(...STAGE_REQUESTS) }) },
  { weight: 2, arbitrary: fc.record({ add: fc.constant('location' as const), exempt: fc.boolean() }) },
);

function take(world: World, one: Step): World {
  if ('add' in one) {
    const id = String(world.locations.length);
    const added: LocationStage = { id, name: `L${id}`, exempt: one.exempt, standing: NOTHING_COMPLETED };
    return { ...world, locations: [...world.locations, added] };
  }
  if (one.at === 'organization') {
    const transition = applyStage(world.organization, one.request);
    if (transition.kind !== 'moved') return world;
    return {
      organization: transition.to,
      locations: world.locations.map((location) => {
        const standing = followOrganization(location, transition);
        return standing ? { ...location, standing } : location;
      }),
    };
  }
  const target = world.locations[one.at];
  if (!target) return world;
  const transition = applyStage(target.standing, one.request);
  if (transition.kind !== 'moved') return world;
  return {
    ...world,
    locations: world.locations.map((location) =>
      location === target ? { ...location, standing: transition.to } : location,
    ),
  };
}

function checkMove(before: StageStanding, after: StageStanding): void {
  const moved = stageRank(after.completed) - stageRank(before.completed);
  assert.ok(moved <= 1, 'nobody skips a stage');
  if (moved < 0) assert.equal(after.completed, null, 'the only way back is to the start');
  if (after.optedOut) assert.equal(after.completed, null);
  if (before.optedOut && !after.optedOut) assert.equal(after.completed, 'LOCATION_SETUP');
}

const ORG_STATES: readonly string[] =
  webexOperations['GET /telephony/config/redSky/status'].responses[200].properties.locationsStatus.properties.state
    .enum;

function checkStatus(world: World): void {
  const facts: ComplianceFacts = { ...world, account: undefined };
  const status = describeOrganization(facts);
  assert.equal(status.locationsStatus === undefined, world.locations.length === 0);
  if (status.locationsStatus) {
    const { state, count, locations } = status.locationsStatus;
    assert.equal(count, world.locations.length);
    assert.ok(locations.length <= 4);
    assert.equal(state === undefined, locations.length === 0);
    assert.ok(state === undefined || ORG_STATES.includes(state));
  }
  if (status.complianceStatus === 'COMPLIANT') {
    for (const location of world.locations) {
      assert.ok(location.exempt || hasCompleted(location.standing.completed, 'ROUTING_ENABLED'));
    }
  }
  const list = describeLocations(facts, { start: 0, max: 100, order: 'locationState', descending: false });
  for (const entry of list.locationsStatus?.locations ?? []) {
    const location = world.locations.find((one) => one.id === entry.id);
    assert.ok(location);
    assert.equal(describeLocation(facts, location).locationsStatus.state, entry.state);
  }
}

test('no sequence of requests breaks the order of the stages', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let world: World = { organization: NOTHING_COMPLETED, locations: [] };
      for (const one of steps) {
        const next = take(world, one);
        checkMove(world.organization, next.organization);
        for (const [index, location] of world.locations.entries()) {
          const after = next.locations[index];
          assert.ok(after);
          checkMove(location.standing, after.standing);
        }
        checkStatus(next);
        world = next;
      }
    }),
    { numRuns: 300 },
  );
});

test('the same request twice changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.constantFrom(...STAGE_REQUESTS), (steps, request) => {
      const world = steps.reduce(take, { organization: NOTHING_COMPLETED, locations: [] });
      const once = take(world, { at: 'organization', request });
      assert.deepEqual(take(once, { at: 'organization', request }), once);
    }),
  );
});
