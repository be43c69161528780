import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseRecipients, type RecipientSources } from './choose-recipients.ts';

const NOBODY: RecipientSources = {
  organization: {
    emergencyCallNotificationEnabled: false,
    allowEmailNotificationAllLocationEnabled: false,
    emailAddress: 'org@example.com',
  },
  location: { emergencyCallNotificationEnabled: false, emailAddress: 'site@example.com' },
  buildingAlertingEmail: null,
  responseLocationEmails: [],
  everyBuildingEmail: () => ['north@example.com', 'south@example.com'],
};

function told(changes: Partial<RecipientSources>): [string, readonly string[]][] {
  return chooseRecipients({ ...NOBODY, ...changes }).map(({ address, reasons }) => [address, reasons]);
}

const organization = (enabled: boolean, all: boolean, emailAddress: string | null = 'org@example.com') => ({
  emergencyCallNotificationEnabled: enabled,
  allowEmailNotificationAllLocationEnabled: all,
  emailAddress,
});
const location = (enabled: boolean, emailAddress: string | null = 'site@example.com') => ({
  emergencyCallNotificationEnabled: enabled,
  emailAddress,
});

test('who is told, by setting', () => {
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ location: location(true) }), [['site@example.com', ['location-setting']]]);
  assert.deepEqual(told({ location: location(true, null) }), []);
  assert.deepEqual(told({ organization: organization(false, true) }), []);
  assert.deepEqual(told({ organization: organization(true, true), location: location(true) }), [
    ['site@example.com', ['location-setting']],
    ['org@example.com', ['organization-all-locations']],
  ]);
  assert.deepEqual(told({ organization: organization(true, false), location: location(true) }), [
    ['site@example.com', ['location-setting']],
  ]);
});

test('the organization is told when nobody else would be', () => {
  const fallback = [['org@example.com', ['organization-fallback']]];
  assert.deepEqual(told({ organization: organization(true, false) }), fallback);
  assert.deepEqual(told({ organization: organization(true, false), location: location(true, null) }), fallback);
  assert.deepEqual(told({ organization: organization(true, false), location: null }), fallback);
  assert.deepEqual(told({ organization: organization(true, false), buildingAlertingEmail: 'desk@example.com' }), [
    ['desk@example.com', ['building-alerts']],
  ]);
});

test('every building is told only when the site is unknown and nobody else would be', () => {
  assert.deepEqual(told({ location: null }), [
    ['north@example.com', ['any-building-fallback']],
    ['south@example.com', ['any-building-fallback']],
  ]);
  assert.deepEqual(told({ organization: organization(true, true, null), location: null }).length, 2);
});

test('several addresses in a field; each address once, without regard to case, with every reason', () => {
  assert.deepEqual(
    told({
      buildingAlertingEmail: 'Desk@Example.com; guard@example.com,',
      responseLocationEmails: ['desk@example.com', 'guard@example.com, floor3@example.com'],
      location: location(true, 'DESK@example.com'),
    }),
    [
      ['Desk@Example.com', ['building-alerts', 'response-location', 'location-setting']],
      ['guard@example.com', ['building-alerts', 'response-location']],
      ['floor3@example.com', ['response-location']],
    ],
  );
});

test('what is no address is passed over', () => {
  assert.deepEqual(told({ buildingAlertingEmail: 'no address, <a@b>, desk@example.com\r\nBcc:x@example.com' }), [
    ['desk@example.com', ['building-alerts']],
  ]);
});
