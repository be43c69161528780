import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSites } from '../../../test/support/alerts-fixture.ts';
import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import { newId } from '../../support/ids.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { Recipient } from '../recipient.ts';
import type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
import type { AlertRule, AlertRulePlace, AlertStep } from './alert-rule.ts';
import type { AlertSchedule } from './alert-schedule.ts';
import { CALL_START_TRIGGERS, momentOf } from './call-start.ts';
import { isOnDuty } from './is-on-duty.ts';
import { judgeOccasion } from './judge-occasion.ts';
import { bookOf } from './recipient-snapshot.ts';

const organizationId = newId();
const sites = createSites();
const site = sites.add(organizationId, { alertingEmail: 'desk@example.com' });
const elsewhere = sites.add(organizationId, { alertingEmail: 'other@example.com' });
const building = sites.building(organizationId, site.locationId) ?? assert.fail('the site has a building');

const DAY: AlertSchedule = {
  timeZone: 'UTC',
  windows: [{ days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '08:00', to: '20:00' }],
  exceptions: [],
};
const NIGHT: AlertSchedule = {
  ...DAY,
  windows: [{ ...DAY.windows[0], days: DAY.windows[0]?.days ?? [], from: '20:00', to: '08:00' }],
};
const NOON = '2026-11-22T12:00:00.000Z';
const MIDNIGHT = '2026-11-22T00:00:00.000Z';

function person(name: string, more: Partial<AlertRecipient> = {}): AlertRecipient {
  const endpoints = [{ channel: 'email', address: `${name.toLowerCase()}@example.com` }] as const;
  return { id: newId(), name, language: 'en', timeZone: null, schedule: null, endpoints, ...more };
}

const step = (
  afterSeconds: number,
  recipients: readonly AlertRecipient[],
  groups: readonly AlertGroup[] = [],
): AlertStep => ({
  afterSeconds,
  recipientIds: recipients.map(({ id }) => id),
  groupIds: groups.map(({ id }) => id),
});

function rule(name: string, steps: readonly AlertStep[], more: Partial<AlertRule> = {}): AlertRule {
  const place: AlertRulePlace = { kind: 'organization', id: null };
  return { id: newId(), name, isEnabled: true, place, triggers: ['call-placed'], severity: null, steps, ...more };
}

type World = {
  recipients?: AlertRecipient[];
  groups?: AlertGroup[];
  rules?: AlertRule[];
  contract?: Recipient[];
  contractOf?: (locationId: string | null) => Recipient[];
  at?: string;
  trigger?: AlertTrigger;
  place?: Partial<AlertOccasion['place']>;
  news?: AlertOccasion['news'];
};

function judge({
  recipients = [],
  groups = [],
  rules = [],
  contract = [],
  contractOf = () => contract,
  at = NOON,
  trigger = 'call-placed',
  place,
  news = null,
}: World) {
  return judgeOccasion(
    {
      book: bookOf({ recipients, groups, rules }),
      contractRecipients: (_organizationId, locationId) => contractOf(locationId),
      settingsOf: () => ({ contractTriggers: CALL_START_TRIGGERS, language: 'en' }),
      places: sites,
    },
    {
      subjectId: newId(),
      ...momentOf(trigger),
      organizationId,
      place: { locationId: site.locationId, responseLocationId: site.erlId, ...place },
      at,
      call: null,
      news,
    },
  );
}

const toldBy = (world: World) =>
  judge(world).told.map(({ afterSeconds, label, reasons }) => [label, afterSeconds, ...reasons]);

const ann = person('Ann');
const bob = person('Bob');

test('a rule holds at its place and at all places in it', () => {
  const here: AlertRulePlace[] = [
    { kind: 'organization', id: null },
    { kind: 'location', id: site.locationId },
    { kind: 'building', id: building.id },
    { kind: 'response-location', id: site.erlId },
  ];
  const holds = (place: AlertRulePlace, at: Partial<AlertOccasion['place']>): boolean =>
    judge({ recipients: [ann], rules: [rule('R', [step(0, [ann])], { place })], place: at, contract: DESK }).told
      .length > 1;
  const DESK: Recipient[] = [{ address: 'desk@example.com', reasons: ['building-alerts'] }];
  const table = [
    { locationId: site.locationId, responseLocationId: site.erlId },
    { locationId: null, responseLocationId: site.erlId },
    { locationId: site.locationId, responseLocationId: null },
    { locationId: elsewhere.locationId, responseLocationId: elsewhere.erlId },
    { locationId: null, responseLocationId: null },
  ].map((at) => here.map((place) => holds(place, at)));
  assert.deepEqual(table, [
    [true, true, true, true],
    [true, true, true, true],
    [true, true, true, false],
    [true, false, false, false],
    [true, false, false, false],
  ]);
});

test('each endpoint once: every reason, the earliest step, the weightiest trigger, the loudest voice', () => {
  const annAgain = person('Ann too', { endpoints: [{ channel: 'email', address: 'ANN@example.com' }], language: 'fr' });
  const guards: AlertGroup = { id: newId(), name: 'Guards', recipientIds: [ann.id, bob.id], schedule: null };
  const { told } = judge({
    recipients: [ann, annAgain, bob],
    groups: [guards],
    rules: [
      rule('Late', [step(60, [], [guards])]),
      rule('Relay', [step(0, [annAgain])], { triggers: ['relay-used'], severity: 'info' }),
    ],
    contract: [{ address: 'Bob@example.com', reasons: ['location-setting', 'response-location'] }],
    trigger: 'relay-used',
  });
  assert.deepEqual(
    told.map(({ label, afterSeconds, trigger, severity, recipientId, language, reasons }) => ({
      label,
      afterSeconds,
      trigger,
      severity,
      recipientId,
      language,
      reasons,
    })),
    [
      {
        label: 'Bob@example.com',
        afterSeconds: 0,
        trigger: 'call-placed',
        severity: 'emergency',
        recipientId: bob.id,
        language: 'en',
        reasons: [
          'emergency call notification of the location',
          'alert address of the emergency response location',
          'rule "Late", group "Guards"',
        ],
      },
      {
        label: 'ann@example.com',
        afterSeconds: 0,
        trigger: 'call-placed',
        severity: 'emergency',
        recipientId: ann.id,
        language: 'en',
        reasons: ['rule "Late", group "Guards"', 'rule "Relay"'],
      },
    ],
  );
});

test('quiet hours silence whom rules name, never whom the contract names', () => {
  const sleeper = person('Sleeper', { schedule: DAY });
  const info = rule('Facilities', [step(0, [sleeper, ann])], { severity: 'info' });
  const world = {
    recipients: [ann, sleeper],
    rules: [info],
    contract: [{ address: 'desk@example.com', reasons: ['building-alerts' as const] }],
  };
  assert.deepEqual(
    toldBy({ ...world, at: NOON }).map(([label]) => label),
    ['desk@example.com', 'sleeper@example.com', 'ann@example.com'],
  );
  const night = judge({ ...world, at: MIDNIGHT });
  assert.deepEqual(
    night.told.map(({ label }) => label),
    ['desk@example.com', 'ann@example.com'],
  );
  assert.deepEqual(
    night.passedOver.map(({ name, why }) => [name, why]),
    [['Sleeper', 'off-duty']],
  );
});

test('an emergency with nobody of a rule on duty is told to everybody of it, and says so', () => {
  const crew: AlertGroup = { id: newId(), name: 'Crew', recipientIds: [ann.id], schedule: DAY };
  const sleeper = person('Sleeper', { schedule: DAY });
  const steps = [step(0, [], [crew]), step(300, [sleeper])];
  const world = { recipients: [ann, sleeper], groups: [crew], at: MIDNIGHT };
  assert.deepEqual(toldBy({ ...world, rules: [rule('R', steps)] }), [
    ['ann@example.com', 0, 'rule "R", group "Crew", as nobody of it is on duty'],
    ['sleeper@example.com', 300, 'rule "R", as nobody of it is on duty'],
  ]);
  // A rule that is not loud stays quiet as long as somebody else hears of it; not where nobody would.
  const quiet = rule('R', steps, { severity: 'info' });
  const other = rule('Other', [step(0, [bob])]);
  assert.deepEqual(toldBy({ ...world, recipients: [ann, bob, sleeper], rules: [quiet, other] }), [
    ['bob@example.com', 0, 'rule "Other"'],
  ]);
  assert.deepEqual(toldBy({ ...world, rules: [quiet] })[0], [
    'ann@example.com',
    0,
    'rule "R", group "Crew", as nobody else would be told',
  ]);
  // What is no emergency may wait for the morning.
  const test933 = rule('Tests', steps, { triggers: ['test-call'] });
  assert.deepEqual(toldBy({ ...world, rules: [test933], trigger: 'test-call' }), []);
});

test('of an emergency, the first step with somebody on duty does not wait for a step in which nobody is', () => {
  const day = person('Day', { schedule: DAY });
  const night = person('Night', { schedule: NIGHT });
  const steps = [step(10, [day]), step(130, [night]), step(310, [ann])];
  const world = { recipients: [ann, day, night], rules: [rule('R', steps)] };
  const times = (at: string) => toldBy({ ...world, at }).map(([label, after]) => [label, after]);
  assert.deepEqual(times(MIDNIGHT), [
    ['night@example.com', 10],
    ['ann@example.com', 190],
  ]);
  assert.deepEqual(times(NOON), [
    ['day@example.com', 10],
    ['ann@example.com', 310],
  ]);
  // Whoever comes on duty before the step is due is told by it.
  assert.deepEqual(times('2026-11-22T19:59:00.000Z'), [
    ['day@example.com', 10],
    ['night@example.com', 130],
    ['ann@example.com', 310],
  ]);
});

test('what nobody has to act on has one step, told at once: no later one ever comes', () => {
  const late = rule('R', [step(30, [ann]), step(90, [bob])], { triggers: ['call-ended', 'destination-unreachable'] });
  const world = { recipients: [ann, bob], rules: [late] };
  const times = (more: World) =>
    judge({ ...world, ...more }).told.map(({ label, afterSeconds }) => [label, afterSeconds]);
  const onceOnly = [['ann@example.com', 0]];
  assert.deepEqual(times({ trigger: 'call-ended' }), onceOnly);
  assert.deepEqual(
    judge({ ...world, trigger: 'call-ended' }).passedOver.map(({ name, why }) => [name, why]),
    [['Bob', 'no-later-step']],
  );
  const stepped = [
    ['ann@example.com', 30],
    ['bob@example.com', 90],
  ];
  assert.deepEqual(times({ trigger: 'destination-unreachable' }), stepped);
  const well = { sentence: 'destination-reachable', values: {} };
  assert.deepEqual(times({ trigger: 'destination-unreachable', news: well }), onceOnly, 'it is well again');
  const loud = rule('Loud', [step(30, [ann]), step(90, [bob])], { triggers: ['test-call'], severity: 'warning' });
  assert.deepEqual(times({ rules: [loud], trigger: 'test-call' }), stepped, 'the rule makes an incident of it');
});

test('a schedule without a zone is read by the clock of the recipient, else of the site', () => {
  const office = { ...DAY, timeZone: null };
  // 02:30 UTC is 20:30 the evening before in Chicago, where the site is, and 18:30 in Los Angeles.
  const at = '2026-11-22T02:30:00.000Z';
  const here = person('Here', { schedule: office });
  const west = person('West', { schedule: office, timeZone: 'America/Los_Angeles' });
  const rules = [rule('R', [step(0, [here, west])])];
  assert.deepEqual(
    toldBy({ recipients: [here, west], rules, at }).map(([label]) => label),
    ['west@example.com'],
  );
});

test('a disabled rule tells nobody, and the judgement says whom it would have told', () => {
  const off = rule('Off', [step(0, [ann])], { isEnabled: false });
  const { told, passedOver } = judge({ recipients: [ann], rules: [off] });
  assert.deepEqual(told, []);
  assert.deepEqual(
    passedOver.map(({ name, ruleName, why }) => [name, ruleName, why]),
    [['Ann', 'Off', 'rule-disabled']],
  );
});

test('an emergency at an unknown place of which nobody would hear goes to the rules of all places', () => {
  const local = rule('Local', [step(0, [ann])], { place: { kind: 'location', id: site.locationId } });
  const place = { locationId: null, responseLocationId: null };
  assert.deepEqual(toldBy({ recipients: [ann], rules: [local], place }), [
    ['ann@example.com', 0, 'rule "Local", as the site is not known and nobody else would be told'],
  ]);
  // A location that this node does not know yet, or no more.
  const unheardOf = { locationId: newId(), responseLocationId: null };
  assert.deepEqual(toldBy({ recipients: [ann], rules: [local], place: unheardOf }), [
    ['ann@example.com', 0, 'rule "Local", as the site is not known and nobody else would be told'],
  ]);
  const contract = (locationId: string | null): Recipient[] =>
    locationId === null ? [{ address: 'desk@example.com', reasons: ['any-building-fallback'] }] : [];
  assert.deepEqual(
    toldBy({ contractOf: contract, place: unheardOf }).map(([label]) => label),
    ['desk@example.com'],
  );
  assert.deepEqual(toldBy({ contractOf: contract }), [], 'where the site is known it is no fallback');
  const drills = rule('Drills', [step(0, [bob])], { triggers: ['drill'] });
  assert.deepEqual(toldBy({ recipients: [bob], rules: [drills], place }), []);
});

test('whom the contract names is told of everything at the start of a call, and of nothing else', () => {
  const contract: Recipient[] = [{ address: 'desk@example.com', reasons: ['building-alerts'] }];
  for (const trigger of CALL_START_TRIGGERS) assert.equal(judge({ contract, trigger }).told.length, 1, trigger);
  for (const trigger of ['call-ended', 'test-call', 'undefined-element', 'drill', 'delivery-failing'] as const) {
    assert.deepEqual(judge({ contract, trigger }).told, [], trigger);
  }
});

test('five thousand recipients in a rule, in a group and by themselves', () => {
  const crowd = Array.from({ length: 5_000 }, (_, index) =>
    person(`P${index}`, { schedule: index % 2 === 0 ? DAY : NIGHT, timeZone: index % 3 === 0 ? 'Asia/Tokyo' : null }),
  );
  const everybody: AlertGroup = { id: newId(), name: 'All', recipientIds: crowd.map(({ id }) => id), schedule: null };
  const rules = [rule('Crowd', [step(0, crowd.slice(0, 2_500), [everybody])])];
  const { told, passedOver } = judge({ recipients: crowd, groups: [everybody], rules });
  assert.equal(told.length, 2_500);
  assert.equal(new Set(told.map(({ label }) => label)).size, 2_500);
  assert.equal(new Set(passedOver.map(({ recipientId }) => recipientId)).size, 2_500);
});

test('whatever the rules: nobody twice, nobody early, nobody silent that must be told', () => {
  const people = ['A', 'B', 'C', 'D', 'E'].map((name) => person(name));
  const schedules = [null, DAY, NIGHT, { ...DAY, windows: [] }];
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }),
      fc.array(
        fc.record({
          isEnabled: fc.boolean(),
          severity: fc.constantFrom(null, 'info' as const),
          triggers: fc.constantFrom<AlertTrigger[][]>(['call-placed'], ['relay-used'], ['test-call']),
          steps: fc.uniqueArray(
            fc.record({ after: fc.nat({ max: 86_400 }), who: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }) }),
            { minLength: 1, maxLength: 4, selector: ({ after }) => after },
          ),
        }),
        { maxLength: 4 },
      ),
      fc.integer({ min: 0, max: 3 * 86_400 }),
      (which, wanted, offset) => {
        const recipients = people.map((one, index) => ({ ...one, schedule: schedules[which[index] ?? 0] ?? null }));
        const rules = wanted.map(({ steps, ...more }, index) =>
          rule(
            `R${index}`,
            [...steps]
              .sort((a, b) => a.after - b.after)
              .map(({ after, who }) =>
                step(
                  after,
                  who.map((one) => recipients[one] ?? assert.fail()),
                ),
              ),
            more,
          ),
        );
        const atMs = Date.parse(NOON) + offset * 1_000;
        const at = new Date(atMs).toISOString();
        const { told } = judge({ recipients, rules, at });
        const matching = rules.filter(({ isEnabled, triggers }) => isEnabled && triggers.includes('call-placed'));
        const named = new Set(matching.flatMap(({ steps }) => steps.flatMap((one) => one.recipientIds)));
        assert.equal(told.length > 0, named.size > 0, 'an emergency that a rule covers is heard by somebody');
        assert.equal(new Set(told.map(({ label }) => label)).size, told.length);
        assert.deepEqual(
          told,
          [...told].sort((a, b) => a.afterSeconds - b.afterSeconds),
        );
        for (const one of told) {
          assert.ok(one.recipientId !== null && named.has(one.recipientId));
          const of = recipients.find(({ id }) => id === one.recipientId) ?? assert.fail();
          const isAwake = !of.schedule || isOnDuty(of.schedule, 'UTC', atMs + one.afterSeconds * 1_000);
          assert.ok(
            isAwake || one.reasons.some((reason) => reason.includes(', as nobody')),
            'off duty only for a reason',
          );
          const first = Math.min(
            ...matching
              .filter(({ steps }) => steps.some((s) => s.recipientIds.includes(of.id)))
              .map(({ steps }) => steps[0]?.afterSeconds ?? 0),
          );
          assert.ok(one.afterSeconds >= first, 'nobody before the first step of a rule that names them');
        }
      },
    ),
    { numRuns: 300, seed: 911 },
  );
});
