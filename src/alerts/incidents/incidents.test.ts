import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { addOrganization, openTestDatabase, withFolder } from '../../../test/support/alerts-fixture.ts';
import {
  callOccasion,
  createTestIncidents,
  type IncidentsFixture,
  toldRecipient,
} from '../../../test/support/incidents-fixture.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { LinkView } from './incidents.ts';

let database: Database;
let scope: Scope;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const CHAIN = [toldRecipient('desk'), toldRecipient('second', 60), toldRecipient('third', 300)];

async function withIncidents(
  use: (room: IncidentsFixture) => Promise<void>,
  overrides: Parameters<typeof createTestIncidents>[2] = {},
): Promise<void> {
  await database.db.deleteFrom('incidents').execute();
  scope = await addOrganization(database);
  const room = createTestIncidents(database, CHAIN, overrides);
  for (const snapshot of room.incidents.snapshots) await snapshot.loadFromDatabase();
  await room.incidents.start();
  try {
    await use(room);
  } finally {
    room.setAway(false);
    await room.incidents.stop();
  }
}

const openCall = async (room: IncidentsFixture): Promise<AlertOccasion & { id: string }> => {
  const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
  await room.open(occasion);
  return { ...occasion, id: occasion.call.id };
};

const labelsOf = ({ told }: IncidentsFixture, id: string) =>
  told.filter(({ incidentId }) => incidentId === id).map(({ label }) => label.replace('@example.com', ''));

function tokenOf(room: IncidentsFixture, id: string, name = 'desk', action?: 'acknowledge' | 'resolve'): string {
  const link = room.incidents.actionLink(id, toldRecipient(name), action);
  assert.ok(link);
  return link.split('/').at(-1) ?? '';
}

function foundIn(view: LinkView): Extract<LinkView, { kind: 'found' }> {
  assert.ok(view.kind === 'found', JSON.stringify(view));
  return view;
}

const isProblem = (kind: string) => (error: unknown) => error instanceof ProblemError && error.kind === kind;

test('the title is in the language of the organization, and behind a link in the language of its reader', () =>
  withIncidents(async (room) => {
    room.rules.language = 'fr';
    const { id } = await openCall(room);
    assert.equal((await room.incidents.getIncident(scope, id)).title, 'Appel d’urgence\u00a0: Desk 312, +12145550123');
    const { incident, language } = foundIn(await room.incidents.lookAtLink(tokenOf(room, id), '192.0.2.1'));
    assert.deepEqual([language, incident?.title], ['en', 'Emergency call: Desk 312, +12145550123']);
  }));

test('a step for which memory has no room while the database is away waits for it', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    room.setAway(true);
    room.rules.hasRoom = false;
    await room.advance(90_000);
    assert.deepEqual(labelsOf(room, id), []);
    room.rules.hasRoom = true;
    await room.advance(5_000);
    assert.deepEqual(labelsOf(room, id), ['second']);
  }));

for (const isAway of [false, true]) {
  test(`what came to light late has its steps counted from then, ${isAway ? 'without' : 'with'} the database`, () =>
    withIncidents(async (room) => {
      const opened = await openCall(room);
      const relayed: AlertOccasion = {
        ...opened,
        triggers: ['call-placed', 'relay-used'],
        knownAt: new Date(room.clock.nowMs() + 50_000).toISOString(),
      };
      await room.advance(50_000);
      const opening = { occasion: relayed, told: [toldRecipient('relay desk', 90)] };
      if (isAway) room.incidents.openWithoutDatabase([opening]);
      else await database.db.transaction().execute((tx) => room.incidents.openIncidents(tx, [opening]));
      room.setAway(isAway);
      await room.advance(85_000);
      assert.ok(!labelsOf(room, opened.id).includes('relay desk'), 'counted from the start of the call');
      await room.advance(10_000);
      assert.ok(labelsOf(room, opened.id).includes('relay desk'));
    }));
}

test('an emergency call is an incident; its steps are told at their time while nobody acknowledges', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    const incident = await room.incidents.getIncident(scope, id);
    assert.deepEqual(
      [incident.state, incident.severity, incident.callId, incident.stepsWaiting, incident.isDrill],
      ['open', 'emergency', id, 2, false],
    );
    assert.equal(Date.parse(incident.nextStepAt ?? ''), room.clock.nowMs() + 60_000);
    assert.match(incident.title, /^Emergency call: Desk 312, \+12145550123$/);
    await room.advance(59_999);
    assert.deepEqual(labelsOf(room, id), []);
    await room.advance(1);
    assert.deepEqual(labelsOf(room, id), ['second']);
    await room.advance(600_000);
    assert.deepEqual(labelsOf(room, id), ['second', 'third']);
    await room.advance(600_000);
    assert.deepEqual(labelsOf(room, id), ['second', 'third']);
    assert.deepEqual(
      room.events.map(({ type }) => type),
      ['incident.opened', 'incident.escalated', 'incident.escalated'],
    );
    assert.match(await room.metrics.text(), /waymark_incident_steps_total\{path="stored"\} 2/);
  }));

test('a call stored again opens nothing again, tells nobody again', () =>
  withIncidents(async (room) => {
    const occasion = await openCall(room);
    await room.advance(60_000);
    await room.open(occasion);
    await room.advance(60_000);
    assert.deepEqual(labelsOf(room, occasion.id), ['second']);
    assert.equal(room.events.filter(({ type }) => type === 'incident.opened').length, 1);
  }));

test('a transaction that came to nothing leaves no incident and no event', () =>
  withIncidents(async (room) => {
    const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
    await assert.rejects(
      database.db.transaction().execute(async (tx) => {
        await room.incidents.openIncidents(tx, [{ occasion, told: [] }]);
        throw new Error('the call could not be stored');
      }),
    );
    await room.advance(5_000);
    assert.equal(room.events.length, 0);
    await assert.rejects(room.incidents.getIncident(scope, occasion.call.id), isProblem('not-found'));
    await room.open(occasion);
    assert.equal(room.events[0]?.type, 'incident.opened');
  }));

test('who does not tell of the commit is found out', () =>
  withIncidents(async (room) => {
    const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
    await database.db.transaction().execute((tx) => room.incidents.openIncidents(tx, [{ occasion, told: CHAIN }]));
    assert.deepEqual(room.events, []);
    await room.advance(1_000);
    assert.deepEqual(
      room.events.map(({ type, data }) => [type, data['id']]),
      [['incident.opened', occasion.call.id]],
    );
  }));

test('what is no call: warnings and above are incidents, the rest is a message', () =>
  withIncidents(async (room) => {
    const news = (trigger: AlertOccasion['triggers'][0], moment: AlertOccasion['moment'], subjectId: string) =>
      ({
        ...callOccasion(scope.organizationId, room.clock.nowMs()),
        call: null,
        triggers: [trigger],
        moment,
        subjectId,
        news: { sentence: 'x', values: { destination: 'Dallas' } },
      }) satisfies AlertOccasion;
    room.rules.told = [];
    await room.open(news('destination-unreachable', 'destination-unreachable', 'psap-1'));
    await room.open(news('destination-unreachable', 'destination-unreachable', 'psap-1'));
    await room.open(news('stage-changed', 'stage-changed', 'location-1'));
    await room.open(news('drill', 'drill', 'drill-1'));
    const { items } = await room.incidents.listIncidents(scope);
    assert.deepEqual(
      new Map(items.map(({ trigger, isDrill }) => [trigger, isDrill])),
      new Map([
        ['destination-unreachable', false],
        ['drill', true],
      ]),
    );
    assert.equal(items.length, 2);
    assert.equal((await room.incidents.listIncidents(scope, { isDrill: true })).items.length, 1);
  }));

test('a drill is passed on to those who were chosen with it, whatever the rules say of drills', () =>
  withIncidents(async (room) => {
    const drill: AlertOccasion = {
      ...callOccasion(scope.organizationId, room.clock.nowMs()),
      call: null,
      triggers: ['drill'],
      moment: 'drill',
      subjectId: 'drill-2',
      news: { sentence: 'drill', values: { by: 'Safety' } },
    };
    const many = Array.from({ length: 600 }, (_, nth) => toldRecipient(`chosen-${nth}`, 60));
    room.rules.told = [toldRecipient('chosen'), ...many];
    await room.open(drill);
    room.rules.told = [toldRecipient('other', 60)];
    await room.advance(60_000);
    assert.deepEqual(
      room.told.map(({ label }) => label),
      many.map(({ label }) => label),
    );
  }));

test('what concerns several places is one incident; the later steps of each place are told', () => {
  const chainOf = ({ place }: AlertOccasion) => [
    toldRecipient(`desk-${place.locationId}`),
    toldRecipient(`chief-${place.locationId}`, 60),
  ];
  return withIncidents(
    async (room) => {
      const openings = [null, 'here', 'there'].map((locationId) => {
        const occasion: AlertOccasion = {
          ...callOccasion(scope.organizationId, room.clock.nowMs()),
          call: null,
          triggers: ['destination-unreachable'],
          moment: 'destination-unreachable',
          subjectId: 'psap-1',
          place: { locationId, responseLocationId: null },
          news: { sentence: 'destination-unreachable', values: { destination: 'Dallas' } },
        };
        return { occasion, told: chainOf(occasion) };
      });
      for (const opening of openings) {
        const afterCommit = await database.db
          .transaction()
          .execute((tx) => room.incidents.openIncidents(tx, [opening]));
        afterCommit();
      }
      assert.equal((await room.incidents.listIncidents(scope)).items.length, 1);
      await room.advance(60_000);
      assert.deepEqual(room.told.map(({ label }) => label).toSorted(), [
        'chief-here@example.com',
        'chief-null@example.com',
        'chief-there@example.com',
      ]);
    },
    { whoIsTold: chainOf },
  );
});

test('a link: reading it changes nothing, its button acknowledges once, for whoever is told after', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    const token = tokenOf(room, id);
    const seen = foundIn(await room.incidents.lookAtLink(token, '192.0.2.1'));
    assert.deepEqual([seen.outcome, seen.label, seen.incident?.state], ['ask', 'desk@example.com', 'open']);
    await room.advance(10_000);
    const done = foundIn(await room.incidents.actByLink(token, '192.0.2.1'));
    assert.deepEqual([done.outcome, done.incident?.acknowledgedBy], ['done', 'desk@example.com']);
    assert.ok(done.resolveToken);
    await room.advance(1);
    const again = foundIn(await room.incidents.actByLink(token, '192.0.2.1'));
    const other = foundIn(await room.incidents.actByLink(tokenOf(room, id, 'second'), '192.0.2.2'));
    for (const { outcome, incident } of [again, other]) {
      assert.deepEqual([outcome, incident?.acknowledgedBy], ['already', 'desk@example.com']);
    }
    await room.advance(3_600_000);
    assert.deepEqual(labelsOf(room, id), []);
    const item = await room.incidents.getIncident(scope, id);
    assert.deepEqual(
      [item.state, item.nextStepAt, item.stepsWaiting, item.acknowledgedVia],
      ['acknowledged', null, 2, 'link'],
    );
    const settled = foundIn(await room.incidents.actByLink(done.resolveToken, '192.0.2.1'));
    assert.deepEqual([settled.outcome, settled.incident?.state, settled.resolveToken], ['done', 'resolved', null]);
    const { entries } = await room.incidents.readTimeline(scope, id);
    assert.deepEqual(
      entries.filter(({ source }) => source === 'incident').map(({ text }) => text.replaceAll('@example.com', '')),
      [
        'Incident opened: Emergency call: Desk 312, +12145550123 (emergency)',
        'desk acknowledged by the link in a message',
        'second acknowledged by the link in a message',
        'desk resolved by the link in a message',
      ],
    );
  }));

test('links that are none, too many of them, and those of yesterday', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    const token = tokenOf(room, id);
    for (let guess = 0; guess < 20; guess++) {
      assert.equal((await room.incidents.lookAtLink(`guess${guess}`, '192.0.2.9')).kind, 'unknown');
    }
    assert.equal((await room.incidents.lookAtLink('guess', '192.0.2.9')).kind, 'too-many');
    assert.equal((await room.incidents.lookAtLink(token, '192.0.2.9')).kind, 'found', 'a good one passes');
    for (let use = 1; use < 30; use++) await room.incidents.lookAtLink(token, '192.0.2.9');
    assert.equal((await room.incidents.actByLink(token, '192.0.2.9')).kind, 'too-many');
    await room.advance(24 * 3_600_000);
    assert.equal((await room.incidents.actByLink(token, '192.0.2.9')).kind, 'expired');
    assert.equal((await room.incidents.getIncident(scope, id)).state, 'open');
  }));

test('through the API: acknowledged, opened again, settled, noted; audited', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    const guard = { ...scope, label: 'Guard desk' };
    const acknowledged = await room.incidents.actOn(guard, id, 'acknowledge', 'on my way');
    assert.deepEqual([acknowledged.state, acknowledged.acknowledgedBy], ['acknowledged', 'Guard desk']);
    await room.advance(120_000);
    assert.deepEqual(labelsOf(room, id), []);
    await room.incidents.actOn(guard, id, 'reopen');
    await room.incidents.drained();
    assert.deepEqual(labelsOf(room, id), ['second'], 'what is overdue is told at once');
    await room.incidents.actOn(guard, id, 'resolve');
    await room.incidents.actOn(guard, id, 'note', 'line one\nline two');
    await room.advance(600_000);
    assert.deepEqual(labelsOf(room, id), ['second']);
    await assert.rejects(room.incidents.actOn(guard, id, 'note', '  '), isProblem('invalid'));
    await assert.rejects(room.incidents.actOn(guard, 'nonsense', 'acknowledge'), isProblem('not-found'));
    const rows = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'before', 'after'])
      .where('subject', '=', `incident ${id}`)
      .orderBy('sequence')
      .execute();
    assert.deepEqual(
      rows.map(({ action, before: was, after: is }) => [action, was, is]),
      [
        ['incident.acknowledged', { state: 'open' }, { state: 'acknowledged' }],
        ['incident.reopened', { state: 'acknowledged' }, { state: 'open' }],
        ['incident.resolved', { state: 'open' }, { state: 'resolved' }],
        ['incident.noted', { state: 'resolved' }, { state: 'resolved' }],
      ],
    );
    assert.deepEqual(
      room.events.map(({ type }) => type),
      ['incident.opened', 'incident.acknowledged', 'incident.reopened', 'incident.escalated', 'incident.resolved'],
    );
  }));

test('after it was opened again, the same link takes it on once more', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    const token = tokenOf(room, id);
    await room.incidents.actByLink(token, '192.0.2.1');
    await room.advance(1_000);
    await room.incidents.actOn(scope, id, 'reopen');
    await room.advance(1_000);
    assert.equal(foundIn(await room.incidents.actByLink(token, '192.0.2.1')).outcome, 'done');
    assert.equal((await room.incidents.getIncident(scope, id)).state, 'acknowledged');
  }));

test('nobody sees or touches what belongs to another organization, or to another location', () =>
  withIncidents(async (room) => {
    const locationId = '11111111-1111-4111-8111-111111111111';
    const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
    await room.open({ ...occasion, place: { locationId, responseLocationId: null } });
    const { id } = occasion.call;
    const stranger = await addOrganization(database);
    const elsewhere: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set(['other']) };
    for (const other of [stranger, elsewhere]) {
      await assert.rejects(room.incidents.getIncident(other, id), isProblem('not-found'));
      await assert.rejects(room.incidents.readTimeline(other, id), isProblem('not-found'));
      await assert.rejects(room.incidents.actOn(other, id, 'acknowledge'), isProblem('not-found'));
      assert.deepEqual((await room.incidents.listIncidents(other)).items, []);
    }
    const here: Scope = { ...elsewhere, locationIds: new Set([locationId]) };
    assert.equal((await room.incidents.listIncidents(here)).items.length, 1);
    assert.equal((await room.incidents.actOn(here, id, 'acknowledge')).state, 'acknowledged');
  }));

test('however much happened elsewhere, a location administrator finds what happened here', () =>
  withIncidents(async (room) => {
    const locationId = '11111111-1111-4111-8111-111111111111';
    const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
    await room.open({ ...occasion, place: { locationId, responseLocationId: null } });
    await sql`
      insert into incidents (id, organization_id, moment, trigger, severity, is_drill, location_id, opened_at, changed_at, title, occasion)
      select gen_random_uuid(), organization_id, moment, trigger, severity, is_drill, 'elsewhere',
        opened_at + interval '1 second', changed_at, title, occasion
      from incidents, generate_series(1, 10000)`.execute(database.db);
    const here: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([locationId]) };
    const { items } = await room.incidents.listIncidents(here);
    const title = items[0]?.title ?? '';
    const found = await room.incidents.listIncidents(here, { text: title });
    assert.deepEqual(
      found.items.map(({ id }) => id),
      [occasion.call.id],
    );
    // The oldest of all is found behind as many as a search looks into at once, in every order and page after page.
    await sql`update incidents set callback_number = '+12145550911' where id = ${occasion.call.id}`.execute(
      database.db,
    );
    for (const sort of [undefined, 'openedAt', '-openedAt'] as const) {
      const all = await room.incidents.listIncidents(scope, { text: '5550911', sort });
      assert.deepEqual([all.items.map(({ id }) => id), all.next], [[occasion.call.id], null], sort);
    }
    const first = await room.incidents.listIncidents(scope, { text: title, max: 1_000 });
    const second = await room.incidents.listIncidents(scope, { text: title, max: 1_000, after: first.next ?? '' });
    const keys = new Set([...first.items, ...second.items].map(({ id }) => id));
    assert.equal(keys.size, 2_000);
  }));

test('lists: live ones first, filters, pages that hold every incident once', () =>
  withIncidents(async (room) => {
    room.rules.told = [];
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      ids.push((await openCall(room)).id);
      await room.advance(1_000);
    }
    await room.incidents.actOn(scope, ids[5] ?? '', 'acknowledge');
    await room.incidents.actOn(scope, ids[6] ?? '', 'resolve');
    const expected = [4, 3, 2, 1, 0, 5, 6].map((index) => ids[index]);
    const found: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await room.incidents.listIncidents(scope, { max: 2, after: next === '' ? undefined : next });
      found.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    assert.deepEqual(found, expected);
    const count = async (filter: object) => (await room.incidents.listIncidents(scope, filter)).items.length;
    assert.deepEqual(
      [await count({ state: 'open' }), await count({ severity: 'info' }), await count({ text: 'desk 312' })],
      [5, 0, 7],
    );
    assert.deepEqual([await count({ text: '100%' }), await count({ since: new Date(room.clock.nowMs()) })], [0, 0]);
    for (const moment of ['', 'nonsense', '0000-01-01', '-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.000Z']) {
      const after = Buffer.from(`open ${moment} ${ids[0]}`).toString('base64url');
      await assert.rejects(room.incidents.listIncidents(scope, { after }), isProblem('invalid'), moment);
    }
    let csv = '';
    for await (const chunk of await room.incidents.exportIncidents(scope, {}, 'csv')) csv += chunk;
    assert.equal(csv.trimEnd().split('\r\n').length, 8);
  }));

test('a caller may call itself whatever it likes', () =>
  withIncidents(async (room) => {
    const name = `=HYPERLINK("x")\r\nX: y\0\u202e${'é'.repeat(5_000)}\ud83d`;
    const example = callOccasion(scope.organizationId, room.clock.nowMs());
    const occasion = { ...example, call: { ...example.call, caller: { ...example.call.caller, displayName: name } } };
    await room.open(occasion);
    const incident = await room.incidents.getIncident(scope, occasion.call.id);
    assert.ok(
      incident.title.length <= 210 && !/[\p{Cc}\p{Bidi_Control}]/u.test(incident.title + (incident.caller ?? '')),
    );
    const timeline = await room.incidents.readTimeline(scope, occasion.call.id);
    assert.ok(room.incidents.timelineAsCsv(timeline).startsWith('at,source,kind,text,isTimeDerived\r\n'));
  }));

test('the database away: steps go on from memory, a click is kept on disk, and all is stored once it is back', () =>
  withFolder((folder) => {
    const actLogPath = join(folder, 'incident-acts.log');
    return withIncidents(
      async (room) => {
        const first = await openCall(room);
        const second = await openCall(room);
        room.setAway(true);
        await room.advance(60_000);
        assert.deepEqual(
          room.told.map(({ label, path }) => [label, path]),
          [
            ['second@example.com', 'memory'],
            ['second@example.com', 'memory'],
          ],
        );
        const kept = foundIn(await room.incidents.actByLink(tokenOf(room, first.id), '192.0.2.1'));
        assert.deepEqual([kept.outcome, kept.incident?.state], ['kept', 'acknowledged']);
        assert.match(await readFile(actLogPath, 'utf8'), new RegExp(first.id));
        assert.equal(foundIn(await room.incidents.lookAtLink(tokenOf(room, first.id), '192.0.2.1')).outcome, 'already');
        await room.advance(240_000);
        assert.deepEqual(labelsOf(room, first.id), ['second'], 'nobody else is told of what somebody took on');
        assert.deepEqual(labelsOf(room, second.id), ['second', 'third']);

        room.setAway(false);
        await room.advance(5_000);
        assert.equal((await room.incidents.getIncident(scope, first.id)).acknowledgedBy, 'desk@example.com');
        assert.equal((await room.incidents.getIncident(scope, second.id)).stepsTold, 2);
        await room.advance(3_600_000);
        assert.deepEqual(labelsOf(room, first.id), ['second']);
        assert.deepEqual(labelsOf(room, second.id), ['second', 'third'], 'nothing is told twice');
        assert.equal(await readFile(actLogPath, 'utf8'), '');
        const { entries } = await room.incidents.readTimeline(scope, second.id);
        assert.equal(entries.filter(({ kind }) => kind === 'incident.escalated').length, 2);
        assert.equal(room.events.filter(({ type }) => type === 'incident.acknowledged').length, 1);
      },
      { actLogPath },
    );
  }));

test('a click outlives a day without database, whichever is stored first when it is back', () =>
  withFolder((folder) =>
    withIncidents(
      async (room) => {
        const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
        const { id } = occasion.call;
        room.setAway(true);
        await room.incidents.actByLink(tokenOf(room, id), '192.0.2.1');
        await room.incidents.stop();
        // Another process, which never knew the call, takes up both.
        const next = createTestIncidents(
          database,
          CHAIN,
          { actLogPath: join(folder, 'acts.log') },
          room.clock.nowMs() + 30 * 3_600_000,
        );
        await next.incidents.start();
        await next.advance(2_500);
        await next.open(occasion);
        await next.advance(2_500);
        assert.equal((await next.incidents.getIncident(scope, id)).state, 'acknowledged');
        assert.deepEqual(labelsOf(next, id), []);
        await next.incidents.stop();
      },
      { actLogPath: join(folder, 'acts.log') },
    ),
  ));

test('opened again on another node, it is open: what comes to light then is passed on', () =>
  withIncidents(async (room) => {
    const other = createTestIncidents(database, CHAIN, {}, room.clock.nowMs());
    const occasion = await openCall(room);
    const { id } = occasion;
    await other.incidents.actOn(scope, id, 'acknowledge');
    await room.advance(5_000);
    await other.incidents.actOn(scope, id, 'reopen');
    room.rules.told = [toldRecipient('desk'), toldRecipient('relay-chief', 30)];
    await room.open({ ...occasion, triggers: ['call-placed', 'relay-used'] });
    await room.advance(30_000);
    assert.deepEqual(labelsOf(room, id), ['relay-chief']);
  }));

test('a call that is not stored yet: opened in memory, taken on by a click, stored later, told nobody again', () =>
  withFolder((folder) =>
    withIncidents(
      async (room) => {
        const occasion = callOccasion(scope.organizationId, room.clock.nowMs());
        const { id } = occasion.call;
        room.setAway(true);
        room.incidents.openWithoutDatabase([{ occasion, told: CHAIN }]);
        await room.advance(60_000);
        assert.deepEqual(labelsOf(room, id), ['second']);
        assert.equal(foundIn(await room.incidents.actByLink(tokenOf(room, id, 'second'), '192.0.2.1')).outcome, 'kept');
        room.setAway(false);
        await room.advance(2_000);
        await room.open(occasion);
        await room.advance(3_600_000);
        assert.deepEqual(labelsOf(room, id), ['second']);
        const incident = await room.incidents.getIncident(scope, id);
        assert.deepEqual(
          [incident.state, incident.acknowledgedBy, incident.stepsTold],
          ['acknowledged', 'second@example.com', 1],
        );
      },
      { actLogPath: join(folder, 'acts.log') },
    ),
  ));

test('a click that was kept is stored by the next start', () =>
  withFolder(async (folder) => {
    const actLogPath = join(folder, 'acts.log');
    let id = '';
    let nowMs = 0;
    await withIncidents(
      async (room) => {
        id = (await openCall(room)).id;
        nowMs = room.clock.nowMs();
        room.setAway(true);
        await room.incidents.actByLink(tokenOf(room, id), '192.0.2.1');
        // Ends as if killed: nothing is stored on the way out.
        await room.incidents.stop();
      },
      { actLogPath },
    );
    const next = createTestIncidents(database, CHAIN, { actLogPath }, nowMs + 1_000);
    await next.incidents.start();
    await next.incidents.drained();
    const incident = await next.incidents.getIncident(scope, id);
    assert.deepEqual([incident.state, incident.acknowledgedBy], ['acknowledged', 'desk@example.com']);
    await next.advance(3_600_000);
    assert.deepEqual(labelsOf(next, id), []);
    await next.incidents.stop();
  }));

test('an act that cannot be stored does not keep others from being stored', () =>
  withFolder((folder) =>
    withIncidents(
      async (room) => {
        const { id } = await openCall(room);
        room.setAway(true);
        await room.incidents.actByLink(tokenOf(room, id), '192.0.2.1');
        await room.incidents.stop();
        const path = join(folder, 'acts.log');
        const good = (await readFile(path, 'utf8')).trim();
        const bad = { ...(JSON.parse(good) as object), id: 'first', incidentId: 'no id that the database takes' };
        await writeFile(path, `${JSON.stringify(bad)}\n${good}\n`);
        const next = createTestIncidents(database, CHAIN, { actLogPath: path }, room.clock.nowMs());
        await next.incidents.start();
        await next.advance(5_000);
        assert.equal((await next.incidents.getIncident(scope, id)).state, 'acknowledged');
        await next.incidents.stop();
      },
      { actLogPath: join(folder, 'acts.log') },
    ),
  ));

test('after a downtime overdue steps are told at once, by a process that never knew the call', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    await room.incidents.stop();
    const next = createTestIncidents(database, CHAIN, {}, room.clock.nowMs() + 3_600_000);
    const call = room.calls.get(id);
    assert.ok(call);
    next.calls.set(id, call);
    await next.incidents.start();
    await next.incidents.drained();
    assert.deepEqual(labelsOf(next, id).toSorted(), ['second', 'third']);
    await next.incidents.stop();
  }));

test('a step that cannot be told holds up no other, and is tried again', async () => {
  let poisoned = '';
  let failures = 0;
  const told: string[] = [];
  await withIncidents(
    async (room) => {
      poisoned = (await openCall(room)).id;
      const others = [await openCall(room), await openCall(room), await openCall(room)];
      await room.advance(60_000);
      assert.deepEqual(told.toSorted(), others.map(({ id }) => id).toSorted());
      assert.ok(failures > 0);
      const tried = failures;
      await room.advance(2_000);
      assert.equal(failures, tried, 'not at every look');
      const bad = poisoned;
      poisoned = '';
      await room.advance(5_000);
      assert.deepEqual(told.slice(3), [bad]);
    },
    {
      tell(_tx, tellings) {
        if (tellings.some(({ incidentId }) => incidentId === poisoned)) {
          failures += 1;
          return Promise.reject(new Error('no words for this one'));
        }
        return Promise.resolve(() => void told.push(...tellings.map(({ incidentId }) => incidentId)));
      },
    },
  );
});

test('who acknowledged is told to those who were told, where the organization wants that', () =>
  withIncidents(
    async (room) => {
      const { id } = await openCall(room);
      await room.advance(60_000);
      room.told.length = 0;
      await room.incidents.actByLink(tokenOf(room, id, 'second'), '192.0.2.1');
      assert.deepEqual(
        room.told.map(({ moment, label }) => [moment, label]),
        [['acknowledged', 'desk@example.com']],
        'not who did it, not who was never told',
      );
    },
    { tellsAcknowledgements: () => true },
  ));

test('old incidents go, and what happened to them; the figures say how many are open', () =>
  withIncidents(async (room) => {
    const { id } = await openCall(room);
    await room.advance(30_000);
    assert.match(await room.metrics.text(), /waymark_incidents_open\{severity="emergency"\} \d/);
    for (const [days, isThere] of [
      [1, true],
      [3, false],
    ] as const) {
      const startMs = room.clock.nowMs() + days * 24 * 3_600_000;
      const later = createTestIncidents(database, [], { keptDays: 2 }, startMs);
      await later.incidents.start();
      await later.incidents.drained();
      await later.incidents.stop();
      assert.equal(
        (await room.incidents.listIncidents(scope, { text: '312' })).items.some((one) => one.id === id),
        isThere,
      );
    }
  }));
