import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletedStage } from '../domain/stage.ts';
import {
  byName,
  type ComplianceFacts,
  describeLocation,
  describeLocations,
  describeOrganization,
  type ListOptions,
} from './compliance-status.ts';
import type { LocationStage } from './stage-machine.ts';

const ACCOUNT = { companyId: 'company', redskyOrgId: 'redsky', adminExists: true, enabled: true };

type Options = { exempt?: boolean; optedOut?: boolean };

function place(name: string, completed: CompletedStage, options: Options = {}): LocationStage {
  return {
    id: `id-${name}`,
    name,
    exempt: options.exempt ?? false,
    standing: { completed, optedOut: options.optedOut ?? false },
  };
}

function facts(locations: LocationStage[], completed: CompletedStage = null, optedOut = false): ComplianceFacts {
  return { account: ACCOUNT, organization: { completed, optedOut }, locations: locations.toSorted(byName) };
}

const ALL: ListOptions = { start: 0, max: 2_000, order: 'locationName', descending: false };

test('the published example: two locations, one of them least advanced', () => {
  const status = describeOrganization(
    facts([place('Branch', 'ALERTS'), place('MainOffice', 'LOCATION_SETUP')], 'LOCATION_SETUP'),
  );
  assert.equal(status.orgStatus, 'INITIALISE');
  assert.equal(status.complianceStatus, 'NON_COMPLIANT');
  assert.equal(status.companyId, 'company');
  assert.equal(status.redSkyOrgId, 'redsky');
  assert.equal(status.adminExists, true);
  assert.deepEqual(status.locationsStatus, {
    state: 'LOCATION_SETUP',
    count: 2,
    locations: [{ id: 'id-MainOffice', name: 'MainOffice' }],
  });
});

test('without locations there is no locationsStatus; before an account there are no ids', () => {
  assert.equal('locationsStatus' in describeOrganization(facts([])), false);
  assert.equal('locationsStatus' in describeLocations(facts([]), ALL), false);
  const fresh = describeOrganization({ ...facts([]), account: undefined });
  assert.equal(fresh.adminExists, false);
  assert.equal('companyId' in fresh, false);
  assert.equal(fresh.orgStatus, 'INITIALISE');
});

test('state is the stage completed last; nothing completed shows LOCATION_SETUP (decision 1)', () => {
  const state = (completed: CompletedStage) => describeOrganization(facts([place('A', completed)]));
  assert.equal(state(null).locationsStatus?.state, 'LOCATION_SETUP');
  assert.equal(state('ALERTS').locationsStatus?.state, 'ALERTS');
  assert.equal(state('NETWORK_ELEMENTS').locationsStatus?.state, 'NETWORK_ELEMENTS');
  assert.equal(state('ROUTING_ENABLED').locationsStatus?.state, 'ROUTING_ENABLE');
  const done = place('A', 'ROUTING_ENABLED');
  assert.equal(describeLocation(facts([done]), done).locationsStatus.state, 'COMPLIANT');
  assert.equal(describeLocations(facts([done]), ALL).locationsStatus?.locations[0]?.state, 'COMPLIANT');
});

test('at most four of the least advanced are named, by name; count is all (decision 3)', () => {
  const locations = ['f', 'B', 'é', 'a', 'd', 'c'].map((name) => place(name, 'ALERTS'));
  const status = describeOrganization(facts([...locations, place('0 ahead', 'ROUTING_ENABLED')]));
  assert.deepEqual(
    status.locationsStatus?.locations.map((one) => one.name),
    ['a', 'B', 'c', 'd'],
  );
  assert.equal(status.locationsStatus?.count, 7);
});

test('exempt and opted-out locations count but do not hold the others back', () => {
  const status = describeOrganization(
    facts([place('A', null, { exempt: true }), place('B', null, { optedOut: true }), place('C', 'ALERTS')]),
  );
  assert.deepEqual(status.locationsStatus, { state: 'ALERTS', count: 3, locations: [{ id: 'id-C', name: 'C' }] });
  const none = describeOrganization(facts([place('A', null, { exempt: true })]));
  assert.deepEqual(none.locationsStatus, { count: 1, locations: [] });
});

test('compliance of the account (decision 4)', () => {
  const compliance = (...args: Parameters<typeof facts>) => describeOrganization(facts(...args)).complianceStatus;
  const done = place('A', 'ROUTING_ENABLED');
  const abroad = place('B', null, { exempt: true });
  assert.equal(compliance([done]), 'COMPLIANT');
  assert.equal(compliance([done, abroad]), 'COMPLIANT');
  assert.equal(compliance([done, place('C', 'NETWORK_ELEMENTS')]), 'NON_COMPLIANT');
  assert.equal(compliance([done, place('C', null, { optedOut: true })]), 'NON_COMPLIANT');
  assert.equal(compliance([abroad]), 'EXEMPTED');
  assert.equal(compliance([done], null, true), 'OPTED_OUT');
  assert.equal(compliance([]), 'NON_COMPLIANT');
});

test('the account is ENABLED when its own stages are completed', () => {
  assert.equal(describeOrganization(facts([], 'NETWORK_ELEMENTS')).orgStatus, 'INITIALISE');
  assert.equal(describeOrganization(facts([place('A', null)], 'ROUTING_ENABLED')).orgStatus, 'ENABLED');
  assert.equal(describeOrganization(facts([], null, true)).orgStatus, 'OPTED_OUT');
});

test('an organization that opted out shows every location as opted out', () => {
  const left = facts([place('A', null), place('B', null, { exempt: true })], null, true);
  assert.deepEqual(describeOrganization(left).locationsStatus, { count: 2, locations: [] });
  assert.deepEqual(
    describeLocations(left, ALL).locationsStatus?.locations.map((one) => one.state),
    ['OPTED_OUT', 'EXEMPTED'],
  );
});

test('the list is paged and ordered', () => {
  const known = facts([
    place('b', 'ALERTS'),
    place('c', null, { exempt: true }),
    place('a', 'ROUTING_ENABLED'),
    place('d', null),
    place('e', null, { optedOut: true }),
    place('f', 'ALERTS'),
  ]);
  const list = (options: Partial<ListOptions>) =>
    describeLocations(known, { ...ALL, ...options })
      .locationsStatus?.locations.map((one) => one.name)
      .join('');
  assert.equal(list({}), 'abcdef');
  assert.equal(list({ descending: true }), 'fedcba');
  assert.equal(list({ order: 'locationState' }), 'dbface');
  assert.equal(list({ order: 'locationState', descending: true }), 'ecabfd');
  assert.equal(list({ start: 2, max: 3 }), 'cde');
  assert.equal(list({ start: 6 }), '');
  assert.equal(describeLocations(known, { ...ALL, start: 2, max: 1 }).locationsStatus?.count, 6);
});

test('completed and next are both told, unlike by state', () => {
  const status = describeLocations(facts([place('A', null), place('B', 'ALERTS')], 'ALERTS'), ALL);
  assert.deepEqual(status.organization, { completed: 'ALERTS', next: 'NETWORK_ELEMENTS', optedOut: false });
  assert.deepEqual(
    status.locationsStatus?.locations.map((one) => one.progress.next),
    ['LOCATION_SETUP', 'NETWORK_ELEMENTS'],
  );
});
