/** Recipients, groups and rules changed by several administrators at once on a real PostgreSQL: no rule is left without anybody. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readLocationSettings, updateLocationSettings } from '../../src/alerts/location-settings.ts';
import { SILENT_LOCATION, SILENT_ORGANIZATION } from '../../src/alerts/notification-settings.ts';
import { createAlertSettings } from '../../src/alerts/occasions/manage-alert-settings.ts';
import { readOrganizationSettings, updateOrganizationSettings } from '../../src/alerts/organization-settings.ts';
import { type AlertRecipients, createAlertRecipients } from '../../src/alerts/recipients/alert-recipients.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addLocation } from '../support/add-location.ts';
import { addOrganization, createSites, silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const ALL = { start: 0, max: 1_000 };
const sites = createSites();
let cluster: PostgresCluster;
let database: Database;
let recipients: AlertRecipients;
let scope: Scope;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
  await database.migrate();
  scope = await addOrganization(database);
  const clock = createManualClock();
  recipients = createAlertRecipients({
    database,
    audit: createAudit({ database, clock }),
    clock,
    places: sites,
    settings: () => ({ organization: () => SILENT_ORGANIZATION, location: () => SILENT_LOCATION }),
    settingsOf: () => ({ contractTriggers: ['call-placed'], language: 'en' }),
    snapshotFolder: undefined,
    logger: silentLogger,
  });
});

after(async () => {
  if (skip) return;
  await database.close();
  cluster.remove();
});

let count = 0;
const addPerson = () => {
  count += 1;
  return recipients.createRecipient(scope, {
    name: `P${count}`,
    endpoints: [{ channel: 'email', address: `p${count}@example.com` }],
  });
};

test('what is named while it is removed is named or removed, never both; no rule is left without anybody', {
  skip,
}, async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 12; round += 1) {
    const [ann, bob, carl] = [await addPerson(), await addPerson(), await addPerson()];
    const crew = await recipients.createGroup(scope, { name: `Crew ${round}`, recipientIds: [ann.id, carl.id] });
    const rule = await recipients.createRule(scope, {
      name: `Rule ${round}`,
      triggers: ['call-placed'],
      steps: [{ recipientIds: [ann.id] }, { afterSeconds: 30, recipientIds: [bob.id] }],
    });
    const outcomes = await Promise.allSettled([
      recipients.removeRecipient(scope, ann.id, { force: true }),
      recipients.updateRule(scope, rule.id, { steps: [{ groupIds: [crew.id] }] }),
      recipients.removeRecipient(scope, bob.id, { force: true }),
      recipients.updateGroup(scope, crew.id, { recipientIds: [ann.id, carl.id, bob.id] }),
      recipients.removeGroup(scope, crew.id, { force: true }),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      const { reason } = outcome as { reason: unknown };
      assert.ok(reason instanceof ProblemError, String(reason));
      assert.ok(['conflict', 'invalid', 'gone'].includes(reason.kind), `${reason.kind}: ${reason.message}`);
      seen.add(reason.kind);
    }
    const { steps } = await recipients.getRule(scope, rule.id);
    const there = new Set((await recipients.listRecipients(scope, ALL)).map(({ id }) => id));
    const members = new Map((await recipients.listGroups(scope, ALL)).map((group) => [group.id, group.recipientIds]));
    const told = steps.flatMap((step) => [
      ...step.recipientIds,
      ...step.groupIds.flatMap((id) => members.get(id) ?? []),
    ]);
    assert.ok(told.length > 0 && told.every((id) => there.has(id)), JSON.stringify({ steps, outcomes }));
  }
  assert.ok(seen.has('conflict'), 'somebody was in the way of somebody');
});

test('settings that are changed at the same moment all count', { skip }, async () => {
  const deps = { database, audit: createAudit({ database, clock: createManualClock() }), clock: createManualClock() };
  const { locationId } = sites.add(scope.organizationId);
  await addLocation(database, scope, locationId);
  const locationDeps = { ...deps, requireLocation: () => Promise.resolve() };
  const settings = createAlertSettings({ ...deps, logger: silentLogger, snapshotFolder: undefined });
  const emailAddress = 'desk@example.com';
  for (const emergencyCallNotificationEnabled of [true, false, true, false, true]) {
    await Promise.all([
      updateOrganizationSettings(deps, scope, { emergencyCallNotificationEnabled }),
      updateOrganizationSettings(deps, scope, { emailAddress }),
      updateLocationSettings(locationDeps, scope, locationId, { emergencyCallNotificationEnabled }),
      updateLocationSettings(locationDeps, scope, locationId, { emailAddress }),
      settings.updateAlertSettings(scope, { tellsAcknowledgements: emergencyCallNotificationEnabled }),
      settings.updateAlertSettings(scope, { language: 'fr' }),
    ]);
    const organization = await readOrganizationSettings(deps, scope);
    const location = await readLocationSettings(locationDeps, scope, locationId);
    for (const said of [organization, location]) {
      assert.deepEqual(
        [said.emergencyCallNotificationEnabled, said.emailAddress],
        [emergencyCallNotificationEnabled, emailAddress],
      );
    }
    const { language, tellsAcknowledgements } = await settings.readAlertSettings(scope);
    assert.deepEqual([language, tellsAcknowledgements], ['fr', emergencyCallNotificationEnabled]);
    await updateOrganizationSettings(deps, scope, { emailAddress: null });
    await updateLocationSettings(locationDeps, scope, locationId, { emailAddress: null });
    await settings.updateAlertSettings(scope, { language: 'en' });
  }
});

test('a location that is being named while it is removed stays, or is not named', { skip }, async () => {
  const person = await addPerson();
  for (let round = 0; round < 5; round += 1) {
    const { locationId } = sites.add(scope.organizationId);
    await addLocation(database, scope, locationId);
    const steps = [{ recipientIds: [person.id] }];
    const place = { kind: 'location' as const, id: locationId };
    const [named] = await Promise.allSettled([
      recipients.createRule(scope, { name: `At ${round}`, triggers: ['drill'], place, steps }),
      database.db.deleteFrom('locations').where('id', '=', locationId).execute(),
    ]);
    const left = await database.db.selectFrom('locations').select('id').where('id', '=', locationId).execute();
    assert.equal(left.length === 1, named.status === 'fulfilled');
    if (named.status === 'rejected')
      assert.ok(named.reason instanceof ProblemError && named.reason.kind === 'conflict');
  }
});
