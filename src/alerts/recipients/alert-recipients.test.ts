import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addLocation } from '../../../test/support/add-location.ts';
import { addOrganization, createSites, openTestDatabase, silentLogger } from '../../../test/support/alerts-fixture.ts';
import { changeBetweenReads } from '../../../test/support/change-between-reads.ts';
import { createAudit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { systemClock } from '../../support/clock.ts';
import { newId } from '../../support/ids.ts';
import { type OrganizationNotification, SILENT_LOCATION, SILENT_ORGANIZATION } from '../notification-settings.ts';
import { type AlertRecipients, createAlertRecipients, type NewRecipient, type NewRule } from './alert-recipients.ts';
import { CALL_START_TRIGGERS } from './call-start.ts';

let database: Database;
const sites = createSites();
const organizationSettings = new Map<string, OrganizationNotification>();
let recipients: AlertRecipients;

function openRecipients(of: Database): AlertRecipients {
  return createAlertRecipients({
    database: of,
    audit: createAudit({ database: of, clock: systemClock }),
    clock: systemClock,
    places: sites,
    settings: () => ({
      organization: (id) => organizationSettings.get(id) ?? SILENT_ORGANIZATION,
      location: () => SILENT_LOCATION,
    }),
    settingsOf: () => ({ contractTriggers: CALL_START_TRIGGERS, language: 'en' }),
    snapshotFolder: undefined,
    logger: silentLogger,
  });
}

before(async () => {
  database = await openTestDatabase();
  recipients = openRecipients(database);
});

after(() => database.close());

/** What is stored, in memory, as the change feed would bring it. */
async function follow(scope: Scope): Promise<void> {
  const changes = await database.db
    .selectFrom('changeFeed')
    .selectAll()
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.ok(
    changes.some(({ kind }) => kind === 'alert-recipients'),
    'the change is announced',
  );
  for (const snapshot of recipients.snapshots) {
    await snapshot.apply([{ sequence: 1, kind: 'alert-recipients', organizationId: scope.organizationId }]);
  }
}

/** A location that memory and the database know. */
async function addSite(scope: Scope, options?: { alertingEmail?: string; erlEmails?: string[] }) {
  const site = sites.add(scope.organizationId, options);
  await addLocation(database, scope, site.locationId);
  return site;
}

const mail = (name: string, address = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`): NewRecipient => ({
  name,
  endpoints: [{ channel: 'email', address }],
});

const isProblem =
  (kind: string, ...parts: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof ProblemError, String(error));
    assert.equal(error.kind, kind, error.message);
    const text = `${error.message} ${JSON.stringify(error.fields)}`;
    for (const part of parts) assert.ok(text.includes(part), `${text} does not say ${part}`);
    return true;
  };

const ALL = { start: 0, max: 1_000 };

test('a recipient: created, read, listed, changed, removed, with an audit row for each', async () => {
  const scope = await addOrganization(database);
  const created = await recipients.createRecipient(scope, {
    name: ' Night desk ',
    language: 'fr',
    timeZone: 'America/Toronto',
    schedule: { windows: [{ days: ['fri', 'mon'], from: '22:00', to: '06:00' }] },
    endpoints: [{ channel: 'email', address: 'Night@Example.com' }],
  });
  const expected = {
    id: created.id,
    name: 'Night desk',
    language: 'fr',
    timeZone: 'America/Toronto',
    schedule: { timeZone: null, windows: [{ days: ['mon', 'fri'], from: '22:00', to: '06:00' }], exceptions: [] },
    endpoints: [{ channel: 'email', address: 'Night@Example.com' }],
  };
  assert.deepEqual(created, expected);
  assert.deepEqual(await recipients.getRecipient(scope, created.id), expected);
  const changed = await recipients.updateRecipient(scope, created.id, { schedule: null, language: undefined });
  assert.deepEqual(changed, { ...expected, schedule: null });
  await follow(scope);
  assert.deepEqual(recipients.recipient(scope.organizationId, created.id), changed);
  await recipients.removeRecipient(scope, created.id);
  await assert.rejects(recipients.getRecipient(scope, created.id), isProblem('gone'));
  await follow(scope);
  assert.equal(recipients.recipient(scope.organizationId, created.id), undefined);
  const rows = await createAudit({ database, clock: systemClock }).list(scope.organizationId, { max: 10 });
  assert.deepEqual(
    rows.map(({ action, before: was, after: is }) => [action, was !== null, is !== null]),
    [
      ['alert-recipient.removed', true, false],
      ['alert-recipient.updated', true, true],
      ['alert-recipient.created', false, true],
    ],
  );
});

test('what is wrong with a recipient is told, every field at once', async () => {
  const scope = await addOrganization(database);
  const subscriptionId = newId();
  await assert.rejects(
    recipients.createRecipient(scope, {
      name: 'Line\r\nBcc: x@example.com',
      timeZone: '+05:00',
      schedule: {
        windows: [{ days: [], from: '24:00', to: '25:00' }],
        exceptions: [
          { date: '2026-02-30', windows: 'off' },
          { date: '2026-12-25', windows: [{ from: '8:00', to: '12:00' }] },
          { date: '2026-12-25', windows: 'off' },
        ],
      },
      endpoints: [
        { channel: 'email', address: 'no address' },
        { channel: 'sms', number: '12', connectionId: 'x' },
        { channel: 'webhook', address: 'x@example.com', connectionId: newId() },
        { channel: 'email', address: 'a@example.com' },
        { channel: 'email', address: 'A@example.com' },
      ],
    }),
    isProblem(
      'invalid',
      '"name"',
      '"timeZone"',
      '"schedule.windows.0.days"',
      '"schedule.windows.0.from"',
      '"schedule.windows.0.to"',
      '"schedule.exceptions.0.date"',
      '"schedule.exceptions.1.windows.0.from"',
      '"schedule.exceptions.2.date"',
      '"endpoints.0.address"',
      '"endpoints.1.number"',
      '"endpoints.1.connectionId"',
      '"endpoints.2.address"',
      '"endpoints.4"',
    ),
  );
  await assert.rejects(
    recipients.createRecipient(scope, { name: 'x', endpoints: [] }),
    isProblem('invalid', 'endpoints'),
  );
  await assert.rejects(
    recipients.createRecipient(scope, { name: 'x'.repeat(5_000), endpoints: [{ channel: 'push', subscriptionId }] }),
    isProblem('invalid', 'name'),
  );
  await assert.rejects(
    recipients.createRecipient(scope, {
      name: 'x',
      endpoints: [
        { channel: 'push', subscriptionId },
        { channel: 'chat', connectionId: newId() },
      ],
    }),
    isProblem('invalid', 'endpoints.0.subscriptionId', 'endpoints.1.connectionId', 'there is no connection'),
  );
});

test('names are taken without regard to case; another organization may have the same', async () => {
  const scope = await addOrganization(database);
  await recipients.createRecipient(scope, mail('Émile  Zola', 'emile@example.com'));
  await assert.rejects(
    recipients.createRecipient(scope, mail('émile zola', 'x@example.com')),
    isProblem('conflict', 'name'),
  );
  await recipients.createRecipient(await addOrganization(database), mail('Émile Zola', 'x@example.com'));
});

test('connections: those of the organization, of the kind that the channel needs', async () => {
  const scope = await addOrganization(database);
  const others = await addOrganization(database);
  const connection = async ({ organizationId }: Scope, kind: string): Promise<string> => {
    const id = newId();
    const now = new Date();
    const row = {
      id,
      organizationId,
      kind,
      name: kind,
      isEnabled: true,
      disabledReason: null,
      settings: '{}',
      sealedSecrets: 'x',
      version: 1,
    };
    await database.db
      .insertInto('alertConnections')
      .values({ ...row, createdAt: now, updatedAt: now })
      .execute();
    return id;
  };
  const gateway = await connection(scope, 'sms-gateway');
  const sms = { channel: 'sms' as const, number: '(214) 555-0123', connectionId: gateway.toUpperCase() };
  const guard = await recipients.createRecipient(scope, { name: 'Guard', endpoints: [sms] });
  assert.deepEqual(guard.endpoints, [{ channel: 'sms', number: '+12145550123', connectionId: gateway }]);
  assert.equal(
    await recipients.describeEndpointUse(database.db, scope.organizationId, { connectionId: gateway }),
    'recipient "Guard"',
  );
  assert.equal(
    await recipients.describeEndpointUse(database.db, others.organizationId, { connectionId: gateway }),
    null,
  );
  const found = await recipients.listRecipients(scope, {
    ...ALL,
    connectionId: gateway,
    channel: 'sms',
    text: '5550123',
  });
  assert.deepEqual(
    found.map(({ name }) => name),
    ['Guard'],
  );
  await assert.rejects(
    recipients.createRecipient(scope, { name: 'x', endpoints: [{ channel: 'webhook', connectionId: gateway }] }),
    isProblem('invalid', 'sms-gateway'),
  );
  await assert.rejects(
    recipients.createRecipient(others, { name: 'x', endpoints: [sms] }),
    isProblem('invalid', 'there is no connection'),
  );
});

test('what belongs to another organization does not exist', async () => {
  const [scope, others] = [await addOrganization(database), await addOrganization(database)];
  const site = await addSite(scope);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const crew = await recipients.createGroup(scope, { name: 'Crew', recipientIds: [ann.id] });
  const rule = { name: 'R', triggers: ['call-placed'] as const };
  const own = await recipients.createRule(scope, { ...rule, steps: [{ recipientIds: [ann.id], groupIds: [crew.id] }] });
  await assert.rejects(
    recipients.createGroup(others, { name: 'x', recipientIds: [ann.id] }),
    isProblem('invalid', 'recipientIds.0'),
  );
  for (const target of [{ recipientIds: [ann.id] }, { groupIds: [crew.id] }]) {
    await assert.rejects(recipients.createRule(others, { ...rule, steps: [target] }), isProblem('invalid', 'steps.0'));
  }
  const theirs = await recipients.createRecipient(others, mail('Theirs'));
  await assert.rejects(
    recipients.createRule(others, {
      ...rule,
      place: { kind: 'location', id: site.locationId },
      steps: [{ recipientIds: [theirs.id] }],
    }),
    isProblem('invalid', 'place.id'),
  );
  await assert.rejects(recipients.getRecipient(others, ann.id), isProblem('not-found'));
  await assert.rejects(recipients.updateGroup(others, crew.id, { name: 'y' }), isProblem('not-found'));
  await assert.rejects(recipients.removeRule(others, own.id), isProblem('not-found'));
  assert.throws(
    () => recipients.previewTold(others, { trigger: 'call-placed', locationId: site.locationId }),
    isProblem('invalid', 'locationId'),
  );
  assert.deepEqual(
    (await recipients.listRecipients(others, ALL)).map(({ name }) => name),
    ['Theirs'],
  );
});

test('rules: steps in order, at most twenty, each with somebody', async () => {
  const scope = await addOrganization(database);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const recipientIds = [ann.id];
  const make = (steps: { afterSeconds?: number; recipientIds?: string[] }[]) =>
    recipients.createRule(scope, { name: 'R', triggers: ['drill', 'call-placed', 'drill'], steps });
  await assert.rejects(make([]), isProblem('invalid', 'steps'));
  await assert.rejects(make([{ afterSeconds: 0 }]), isProblem('invalid', 'steps.0'));
  await assert.rejects(make([{ recipientIds }, { recipientIds }]), isProblem('invalid', 'steps.1.afterSeconds'));
  await assert.rejects(make([{ recipientIds, afterSeconds: 86_401 }]), isProblem('invalid', 'steps.0.afterSeconds'));
  await assert.rejects(make([{ recipientIds, afterSeconds: 0.5 }]), isProblem('invalid', 'steps.0.afterSeconds'));
  const many = Array.from({ length: 21 }, (_, afterSeconds) => ({ afterSeconds, recipientIds }));
  await assert.rejects(make(many), isProblem('invalid', 'steps'));
  const rule = await make(many.slice(1));
  assert.equal(rule.steps.length, 20);
  assert.deepEqual(rule.triggers, ['call-placed', 'drill']);
  assert.deepEqual(await recipients.getRule(scope, rule.id), rule);
  const changed = await recipients.updateRule(scope, rule.id, { isEnabled: false, steps: [{ recipientIds }] });
  assert.deepEqual(changed, { ...rule, isEnabled: false, steps: [{ afterSeconds: 0, recipientIds, groupIds: [] }] });
});

test('a rule of before that promises at a place what is known of none is renamed and switched off, not made anew', async () => {
  const scope = await addOrganization(database);
  const { locationId: id } = await addSite(scope);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const steps = [{ recipientIds: [ann.id] }];
  const triggers = ['call-placed'] as const;
  const { id: ruleId } = await recipients.createRule(scope, {
    name: 'Elements',
    triggers,
    steps,
    place: { kind: 'location', id },
  });
  await database.db
    .updateTable('alertRules')
    .set({ triggers: ['call-placed', 'undefined-element'] })
    .where('id', '=', ruleId)
    .execute();
  const renamed = await recipients.updateRule(scope, ruleId, { name: 'Switches', isEnabled: false });
  assert.deepEqual([renamed.name, renamed.isEnabled], ['Switches', false]);
  // As a form sends it: all of it.
  const whole = { triggers: renamed.triggers, place: { kind: 'location', id } as const, steps };
  assert.equal((await recipients.updateRule(scope, ruleId, { name: 'Elements', ...whole })).name, 'Elements');
  const { locationId: other } = await addSite(scope);
  await assert.rejects(
    recipients.updateRule(scope, ruleId, { place: { kind: 'location', id: other } }),
    isProblem('invalid', 'triggers'),
  );
  assert.deepEqual((await recipients.updateRule(scope, ruleId, { triggers })).triggers, triggers);
  await assert.rejects(
    recipients.updateRule(scope, ruleId, { triggers: renamed.triggers }),
    isProblem('invalid', 'triggers'),
  );
});

test('a rule at a place does not promise what is known of the organization alone', async () => {
  const scope = await addOrganization(database);
  const { locationId: id } = await addSite(scope);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const rule: NewRule = {
    name: 'Elements',
    triggers: ['call-placed', 'undefined-element'],
    steps: [{ recipientIds: [ann.id] }],
  };
  await assert.rejects(
    recipients.createRule(scope, { ...rule, place: { kind: 'location', id } }),
    isProblem('invalid', 'triggers'),
  );
  const made = await recipients.createRule(scope, rule);
  await assert.rejects(
    recipients.updateRule(scope, made.id, { place: { kind: 'location', id } }),
    isProblem('invalid', 'triggers'),
  );
  const moved = await recipients.updateRule(scope, made.id, {
    place: { kind: 'location', id },
    triggers: ['call-placed'],
  });
  assert.deepEqual(moved.triggers, ['call-placed']);
});

test('what is still named is not removed, unless forced, and never the last one of a rule', async () => {
  const scope = await addOrganization(database);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const bob = await recipients.createRecipient(scope, mail('Bob'));
  const crew = await recipients.createGroup(scope, { name: 'Crew', recipientIds: [ann.id, bob.id] });
  const rule = await recipients.createRule(scope, {
    name: 'Calls',
    triggers: ['call-placed'],
    steps: [{ groupIds: [crew.id] }, { afterSeconds: 60, recipientIds: [ann.id] }],
  });
  await assert.rejects(
    recipients.removeRecipient(scope, ann.id),
    isProblem('conflict', 'group "Crew"', 'rule "Calls"'),
  );
  await recipients.removeRecipient(scope, ann.id, { force: true });
  assert.deepEqual((await recipients.getGroup(scope, crew.id)).recipientIds, [bob.id]);
  assert.deepEqual((await recipients.getRule(scope, rule.id)).steps, [
    { afterSeconds: 0, recipientIds: [], groupIds: [crew.id] },
  ]);
  await assert.rejects(
    recipients.removeRecipient(scope, bob.id, { force: true }),
    isProblem('conflict', 'nobody would be told'),
  );
  await assert.rejects(recipients.removeGroup(scope, crew.id), isProblem('conflict', 'rule "Calls"'));
  await assert.rejects(recipients.removeGroup(scope, crew.id, { force: true }), isProblem('conflict', 'nobody'));
  await recipients.removeRule(scope, rule.id);
  await recipients.removeGroup(scope, crew.id);
  await recipients.removeRecipient(scope, bob.id);
  assert.deepEqual(await recipients.listRecipients(scope, ALL), []);
});

test('settings of the contract are rules too: read-only, after the own ones, page by page', async () => {
  const scope = await addOrganization(database);
  organizationSettings.set(scope.organizationId, {
    emergencyCallNotificationEnabled: true,
    allowEmailNotificationAllLocationEnabled: false,
    emailAddress: 'org@example.com; second@example.com',
  });
  const site = await addSite(scope, { alertingEmail: 'desk@example.com', erlEmails: ['floor3@example.com'] });
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  for (const name of ['B', 'A']) {
    await recipients.createRule(scope, { name, triggers: ['call-placed'], steps: [{ recipientIds: [ann.id] }] });
  }
  const all = await recipients.listRules(scope, ALL);
  assert.deepEqual(
    all.map((rule) => [rule.source, rule.isReadOnly, 'addresses' in rule ? rule.addresses : rule.name]),
    [
      ['own', false, 'A'],
      ['own', false, 'B'],
      ['organization-settings', true, ['org@example.com', 'second@example.com']],
      ['building-alerts', true, ['desk@example.com']],
      ['response-location-alerts', true, ['floor3@example.com']],
    ],
  );
  for (const max of [1, 2, 3]) {
    const pages = [];
    for (let start = 0; start < 7; start += max) pages.push(...(await recipients.listRules(scope, { start, max })));
    assert.deepEqual(pages, all, `pages of ${max}`);
  }
  const listed = async (filter: object) =>
    (await recipients.listRules(scope, { ...ALL, ...filter })).map(({ id }) => id);
  const [ownA, , settings, building, erl] = all.map(({ id }) => id);
  assert.deepEqual(await listed({ text: 'DESK@' }), [building]);
  assert.deepEqual(await listed({ placeKind: 'response-location' }), [erl]);
  assert.deepEqual(await listed({ placeId: site.erlId }), [erl]);
  assert.deepEqual(await listed({ source: 'organization-settings' }), [settings]);
  assert.deepEqual(await listed({ trigger: 'drill' }), []);
  assert.deepEqual((await listed({ recipientId: ann.id })).length, 2);
  assert.deepEqual(await listed({ text: 'a', source: 'own' }), [ownA]);
  assert.deepEqual(await recipients.getRule(scope, settings ?? ''), all[2]);
  await assert.rejects(recipients.updateRule(scope, settings ?? '', { name: 'x' }), isProblem('conflict'));
  await assert.rejects(recipients.removeRule(scope, building ?? ''), isProblem('conflict'));
});

test('lists: by name, part of the name or address, of a group, page by page', async () => {
  const scope = await addOrganization(database);
  const made = [];
  for (const name of ['Zoë', 'ann', 'Bob 100%_', 'Carl'])
    made.push(await recipients.createRecipient(scope, mail(name, `${made.length}@example.com`)));
  const names = async (filter: object) =>
    (await recipients.listRecipients(scope, { ...ALL, ...filter })).map(({ name }) => name);
  assert.deepEqual(await names({}), ['ann', 'Bob 100%_', 'Carl', 'Zoë']);
  assert.deepEqual(await names({ text: 'ZOË' }), ['Zoë']);
  assert.deepEqual(await names({ text: '%_' }), ['Bob 100%_']);
  assert.deepEqual(await names({ text: '3@EXAMPLE' }), ['Carl']);
  assert.deepEqual(await names({ start: 1, max: 2 }), ['Bob 100%_', 'Carl']);
  const ids = made.slice(0, 2).map(({ id }) => id);
  const group = await recipients.createGroup(scope, { name: 'Two', recipientIds: [...ids, ids[0] ?? ''] });
  assert.deepEqual(group.recipientIds, ids);
  assert.deepEqual(await names({ groupId: group.id }), ['ann', 'Zoë']);
  assert.deepEqual(await names({ groupId: 'nonsense' }), []);
  const groups = await recipients.listGroups(scope, { ...ALL, recipientId: ids[0], text: 'tw' });
  assert.deepEqual(groups, [group]);
});

test('preview: who, when, by what and why, and who not', async () => {
  const scope = await addOrganization(database);
  const site = await addSite(scope, { alertingEmail: 'desk@example.com' });
  const windows = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, from: '08:00', to: '17:00' }];
  const day = await recipients.createRecipient(scope, {
    ...mail('Day'),
    schedule: { windows: [...windows].map((one) => ({ ...one, days: [...one.days] })) },
  });
  const boss = await recipients.createRecipient(scope, mail('Boss'));
  await recipients.createRule(scope, {
    name: 'Site',
    place: { kind: 'location', id: site.locationId },
    triggers: ['call-placed'],
    steps: [{ recipientIds: [day.id, boss.id] }, { afterSeconds: 120, recipientIds: [boss.id] }],
  });
  await recipients.createRule(scope, {
    name: 'Off',
    isEnabled: false,
    triggers: ['call-placed'],
    steps: [{ recipientIds: [day.id] }],
  });
  await follow(scope);
  const ask = (at: string) =>
    recipients.previewTold(scope, { trigger: 'relay-used', locationId: site.locationId, at: new Date(at) });
  // Noon on a Friday, then on a Sunday, in Chicago.
  const friday = ask('2026-11-20T18:00:00Z');
  assert.deepEqual(
    friday.told.map(({ label, recipientName, afterSeconds, trigger }) => [label, recipientName, afterSeconds, trigger]),
    [
      ['desk@example.com', null, 0, 'call-placed'],
      ['day@example.com', 'Day', 0, 'call-placed'],
      ['boss@example.com', 'Boss', 0, 'call-placed'],
    ],
  );
  const sunday = ask('2026-11-22T18:00:00Z');
  assert.deepEqual(sunday.counts, { told: 2, notTold: 2 });
  assert.deepEqual(
    sunday.notTold.map(({ name, ruleName, reason }) => [name, ruleName, reason]),
    [
      ['Day', 'Off', 'the rule is disabled'],
      ['Day', 'Site', 'is not on duty then'],
    ],
  );
});

test('who would hear nothing: locations without a rule and without an address, and why', async () => {
  const scope = await addOrganization(database);
  await addSite(scope, { alertingEmail: 'desk@example.com' });
  const silent = await addSite(scope);
  const floor = await addSite(scope, { erlEmails: ['floor@example.com'] });
  const gaps = () => recipients.listGaps(scope, ALL).map(({ locationId }) => locationId);
  assert.deepEqual(gaps(), [silent.locationId, floor.locationId]);
  for (const sort of [undefined, 'name'] as const) {
    const named = (text: string) => recipients.listGaps(scope, { ...ALL, text, ...(sort && { sort }) });
    assert.deepEqual([named('DALLÁS').length, named('nowhere').length], [2, 0]);
  }
  const empty = await recipients.createGroup(scope, { name: 'Empty' });
  const rule = {
    name: 'Silent',
    triggers: ['call-placed'] as const,
    place: { kind: 'location' as const, id: silent.locationId },
  };
  const own = await recipients.createRule(scope, { ...rule, steps: [{ groupIds: [empty.id] }] });
  await follow(scope);
  assert.deepEqual(recipients.listGaps(scope, { start: 0, max: 1 })[0]?.reasons, [
    'it has no building, which has an alert address',
    'rule "Silent" names only groups that are empty',
  ]);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  await recipients.updateGroup(scope, empty.id, { recipientIds: [ann.id] });
  await follow(scope);
  assert.deepEqual(gaps(), [floor.locationId]);
  await recipients.updateRule(scope, own.id, { place: { kind: 'organization' } });
  await follow(scope);
  assert.deepEqual(gaps(), []);
  await recipients.updateRule(scope, own.id, { isEnabled: false });
  await follow(scope);
  assert.equal(gaps().length, 2);
});

test('a location that a rule names is not removed under it', async () => {
  const scope = await addOrganization(database);
  const { locationId } = await addSite(scope);
  const ann = await recipients.createRecipient(scope, mail('Ann'));
  const steps = [{ recipientIds: [ann.id] }];
  await recipients.createRule(scope, {
    name: 'R',
    triggers: ['drill'],
    place: { kind: 'location', id: locationId },
    steps,
  });
  await assert.rejects(
    database.db.deleteFrom('locations').where('id', '=', locationId).execute(),
    /alert_rules_location/,
  );
});

test('CSV: whoever is there all the while is in the export once, though others go between its pages', async () => {
  const scope = await addOrganization(database);
  const names = Array.from({ length: 1_200 }, (_, nth) => `Guard ${String(nth).padStart(4, '0')}`);
  const rows = names.map((name, nth) => `${name},g${nth}@example.com`);
  await recipients.importRecipients(scope, ['name,endpoints', ...rows].join('\n'));
  const gone = names.slice(0, 10);
  const { organizationId } = scope;
  const busy = openRecipients(
    changeBetweenReads(database, 1_000, () =>
      database.db
        .deleteFrom('alertRecipients')
        .where('organizationId', '=', organizationId)
        .where('name', 'in', gone)
        .execute(),
    ),
  );
  const csv = await busy.exportRecipients(scope);
  const told = csv.match(/Guard \d{4}/g)?.filter((name) => !gone.includes(name));
  assert.deepEqual(told, names.slice(10));
  assert.equal((await recipients.listRecipients(scope, { start: 0, max: 5 }))[0]?.name, 'Guard 0010', 'ten are gone');
});

test('CSV: what is exported is imported without a change, whatever the names', async () => {
  const scope = await addOrganization(database);
  const windows = [{ days: ['mon' as const], from: '08:00', to: '17:00' }];
  const names = ['=SUM(A1)', "'=x", "''+1", 'Zoë "the" guard, 2nd', 'مرحبا 🚒', '-', '@home'];
  for (const [nth, name] of names.entries()) {
    const schedule = nth === 3 ? { windows, exceptions: [{ date: '2026-12-25', windows: 'off' as const }] } : null;
    await recipients.createRecipient(scope, {
      ...mail(name, `+${nth}@example.com`),
      schedule,
      timeZone: nth === 0 ? 'America/Halifax' : null,
    });
  }
  const csv = await recipients.exportRecipients(scope);
  assert.ok(!/(?:^|,)[=+@-]/m.test(csv), csv);
  const unchanged = { added: 0, changed: 0, unchanged: names.length, errors: 0 };
  assert.deepEqual((await recipients.importRecipients(scope, csv)).counts, unchanged);
  const elsewhere = await addOrganization(database);
  const withoutIds = csv.replaceAll(/^[0-9a-f-]{36},/gm, ',');
  assert.equal((await recipients.importRecipients(elsewhere, withoutIds)).counts.added, names.length);
  const own = async (of: Scope) => (await recipients.listRecipients(of, ALL)).map(({ id: _id, ...one }) => one);
  assert.deepEqual(await own(elsewhere), await own(scope));
});

test('CSV: added, changed, renamed crosswise; a dry run stores nothing; one fault and nothing is stored', async () => {
  const scope = await addOrganization(database);
  const ann = await recipients.createRecipient(scope, { ...mail('Ann'), language: 'fr' });
  const bob = await recipients.createRecipient(scope, mail('Bob'));
  const csv = `\uFEFFid,name,Endpoints\r\n${ann.id},Bob,ann@example.com x@example.com\r\n${bob.id},Ann,bob@example.com\r\n,Carl,carl@example.com\r\n`;
  const before = await recipients.listRecipients(scope, ALL);
  const dry = await recipients.importRecipients(scope, csv, { dryRun: true });
  assert.deepEqual(dry.counts, { added: 1, changed: 2, unchanged: 0, errors: 0 });
  assert.deepEqual(
    dry.changed.map(({ id, fields }) => [id, ...fields]),
    [
      [ann.id, 'name', 'endpoints'],
      [bob.id, 'name'],
    ],
  );
  assert.deepEqual(await recipients.listRecipients(scope, ALL), before);
  await recipients.importRecipients(scope, csv);
  const renamed = await recipients.getRecipient(scope, ann.id);
  assert.deepEqual([renamed.name, renamed.language, renamed.endpoints.length], ['Bob', 'fr', 2]);
  await follow(scope);
  const faulty = `id,name,language,endpoints,schedule\n,Dora,de,dora,\n${newId()},E,en,e@example.com,{}\n,Bob,en,b@example.com,nonsense\n,Carl,en,c@example.com webhook:${newId()},\n,x\n`;
  await assert.rejects(
    recipients.importRecipients(scope, faulty),
    isProblem(
      'invalid',
      '"2:language"',
      '"2:endpoints"',
      '"3:id"',
      '"3:schedule"',
      '"4:schedule"',
      '"5:endpoints"',
      '"6:"',
    ),
  );
  assert.equal((await recipients.importRecipients(scope, faulty, { dryRun: true })).counts.errors, 7);
  assert.equal((await recipients.listRecipients(scope, ALL)).length, 3);
  await assert.rejects(recipients.importRecipients(scope, 'id,nom\n'), isProblem('invalid', '1:nom'));
  await assert.rejects(recipients.importRecipients(scope, ''), isProblem('malformed'));
  await assert.rejects(recipients.importRecipients(scope, 'name,endpoints\n"x'), isProblem('malformed'));
});

test('five thousand recipients: in one group and one rule, listed in pages, told at once, loaded whole', async () => {
  const scope = await addOrganization(database);
  const now = new Date();
  const ids = Array.from({ length: 5_000 }, () => newId());
  for (let from = 0; from < ids.length; from += 1_000) {
    const rows = ids.slice(from, from + 1_000).map((id, nth) => ({
      id,
      organizationId: scope.organizationId,
      name: `P${from + nth}`,
      nameKey: `p${from + nth}`,
      language: 'en',
      timeZone: null,
      schedule: null,
      endpoints: JSON.stringify([{ channel: 'email', address: `p${from + nth}@example.com` }]),
      createdAt: now,
      updatedAt: now,
    }));
    await database.db.insertInto('alertRecipients').values(rows).execute();
  }
  const group = await recipients.createGroup(scope, { name: 'All', recipientIds: ids });
  assert.equal((await recipients.getGroup(scope, group.id)).recipientIds.length, 5_000);
  const rule = await recipients.createRule(scope, {
    name: 'Everybody',
    triggers: ['call-placed'],
    steps: [{ recipientIds: ids }, { afterSeconds: 30, groupIds: [group.id] }],
  });
  assert.deepEqual(rule.steps[0]?.recipientIds, ids);
  await follow(scope);
  const told = recipients.whoIsTold({
    subjectId: newId(),
    moment: 'call-started',
    triggers: ['call-placed'],
    organizationId: scope.organizationId,
    place: { locationId: null, responseLocationId: null },
    at: now.toISOString(),
    call: null,
    news: null,
  });
  assert.equal(told.length, 5_000);
  assert.ok(told.every(({ afterSeconds, reasons }) => afterSeconds === 0 && reasons.length === 2));
  const seen = new Set<string>();
  for (let start = 0; start < 5_000; start += 1_000) {
    for (const { id } of await recipients.listRecipients(scope, { start, max: 1_000 })) seen.add(id);
  }
  assert.equal(seen.size, 5_000);
  // A node that starts reads the same.
  for (const snapshot of recipients.snapshots) await snapshot.loadFromDatabase();
  assert.equal(recipients.group(scope.organizationId, group.id)?.recipientIds.length, 5_000);
});
