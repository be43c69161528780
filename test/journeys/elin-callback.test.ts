import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CallsDeps, NewTrunk } from '../../src/calls/calls.ts';
import type { PsapBehaviour } from '../../src/calls/psap-simulator/psap-simulator.ts';
import {
  fakeLookups,
  LOCATION_ID,
  locationValue,
  ORGANIZATION_ID,
  OTHER_ORGANIZATION_ID,
} from '../../src/calls/testing/fake-lookups.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { headerValue, headerValues, type SipHeader, type SipRequest } from '../../src/wire/sip/message.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { openPhone, type SipPhone } from '../support/sip-phone.ts';

const ELINS = ['+12145550181', '+12145550182'];
const MAIN = '+12145550199';
const ERL_ID = 'e1e1e1e1-0000-4000-8000-000000000001';
const OWN_REFERENCE = { name: 'Geolocation', value: '<https://waymark.example.net/erl>' };
const CALLBACK_MARK = { name: 'Priority', value: 'psap-callback' };
/** Every peer has an address of its own, by which it is known. */
const PBX = '127.0.0.1';
const CARRIER = '127.0.0.2';
const PSAP = '127.0.0.3';
const STRANGER = '127.0.0.4';
const OTHERS = '127.0.0.5';

const scopeOf = (organizationId: string): Scope => ({
  organizationId,
  homeOrganizationId: organizationId,
  tokenId: 'token',
  trackingId: 'tracking',
  role: 'fullAdmin',
  scopes: new Set(),
});
const scope = scopeOf(ORGANIZATION_ID);

let cluster: PostgresCluster;

const databases: Partial<Record<'embedded' | 'postgres', Database>> = {};

before(async () => {
  cluster = await startPostgresCluster();
  for (const engine of ['embedded', 'postgres'] as const) databases[engine] = await openOn(engine);
});

after(async () => {
  for (const database of Object.values(databases)) await database.close();
  cluster.remove();
});

function databaseOn(engine: 'embedded' | 'postgres'): Database {
  const database = databases[engine];
  assert.ok(database);
  return database;
}

type Place = { elins: string[]; expiryMinutes: number; mainNumber: string | undefined };

/** Members with an extension only (47xx), and what the world knows without them. */
function roomsOf(place: Place): Partial<CallsDeps['rooms']> {
  const known = fakeLookups();
  type Found = ReturnType<CallsDeps['rooms']['members']['findByNumber']>;
  type Erl = ReturnType<CallsDeps['rooms']['places']['responseLocation']>;
  const erl = () =>
    ({
      id: ERL_ID,
      organizationId: ORGANIZATION_ID,
      name: 'Third floor',
      locationId: LOCATION_ID,
      buildingId: 'building-1',
      elins: place.elins,
      civic: {},
    }) as unknown as Erl;
  return {
    places: {
      location: () => undefined,
      locationsOf: () => [],
      building: () => undefined,
      buildingById: () => undefined,
      responseLocation: (_organizationId, id) => (id === ERL_ID ? erl() : undefined),
      responseLocationOfElin: (number) => (place.elins.includes(number) ? erl() : undefined),
    },
    members: {
      findByNumber: (number) => known.findByNumber(number) as Found,
      findInOrganization(organizationId, number) {
        if (!/^47\d\d$/.test(number) || organizationId !== ORGANIZATION_ID) {
          return known.findInOrganization(organizationId, number) as Found;
        }
        return {
          organizationId,
          memberId: `member ${number}`,
          kind: 'PEOPLE',
          displayName: `Ext ${number}`,
          extension: number,
          locationId: LOCATION_ID,
          callback: { number: MAIN, quality: 'NOT_RECOMMENDED', rule: 'LOCATION_NUMBER', reason: '' },
          hasOwnNumber: false,
          mayUseElin: true,
        };
      },
      findEmergencyPlace: () => undefined,
      elinExpiryMinutes: () => place.expiryMinutes,
      mainNumber: () => place.mainNumber,
    },
    location: {
      locateDevice: () => ({ found: false, reason: 'nothing', needsAddress: false, countedAddresses: [], notes: [] }),
      isOwnLocationUri: (uri) => uri.startsWith('https://waymark.example.net/'),
      resolveLocationUri(_uri, nowMs) {
        const target = { kind: 'erl', id: ERL_ID } as const;
        const places = { locationId: LOCATION_ID, buildingId: 'building-1', erlId: ERL_ID };
        const expires = new Date(nowMs + 60_000);
        const value = locationValue('TX', 'Dallas');
        return {
          found: true,
          id: 'reference',
          organizationId: ORGANIZATION_ID,
          target,
          rule: null,
          value,
          places,
          expires,
        };
      },
      issueLocationUri: () => null,
    },
  };
}

type Scene = {
  world: CallWorld;
  /** The organization's PBX as it calls, and as it is called. */
  pbx: SipPhone;
  pbxSide: PsapWorld;
  psap: PsapWorld;
  database: Database;
  place: Place;
  /** A caller at another address. */
  at: (host: string) => Promise<SipPhone>;
  /** One more node on the same database. */
  openNode: (options?: { journalFolder: string; database: Database }) => Promise<CallWorld>;
};

async function withScene(
  database: Database,
  play: (scene: Scene) => Promise<void>,
  { pbxBehaviour = 'answer', deps }: { pbxBehaviour?: PsapBehaviour; deps?: Partial<CallsDeps> } = {},
): Promise<void> {
  for (const table of ['emergencyCalls', 'elinBindings', 'trunks', 'changeFeed'] as const)
    await database.db.deleteFrom(table).execute();
  const psap = await openPsap('answer', { hosts: [PSAP] });
  const pbxSide = await openPsap(pbxBehaviour, { hosts: [PBX] });
  const place: Place = { elins: [...ELINS], expiryMinutes: 60, mainNumber: MAIN };
  const opened: { stop(): Promise<void> }[] = [];
  const openNode: Scene['openNode'] = async (options) => {
    const rooms = roomsOf(place);
    const node = await openCallWorld({
      database,
      psapUris: [psap.uri('psap', PSAP)],
      relayUri: psap.uri('relay', PSAP),
      rooms,
      ...(deps && { deps }),
      ...options,
    });
    opened.push(node);
    if (options === undefined) for (const snapshot of node.calls.snapshots) await snapshot.loadFromDatabase();
    return node;
  };
  const world = await openNode();
  const trunks: [Scope, NewTrunk][] = [
    [scope, { name: 'PBX', addresses: [PBX], contactUri: pbxSide.uri('pbx', PBX) }],
    [scope, { name: 'Carrier', addresses: [CARRIER] }],
    [scopeOf(OTHER_ORGANIZATION_ID), { name: 'Others', addresses: [OTHERS] }],
  ];
  for (const [owner, trunk] of trunks) await world.calls.createTrunk(owner, trunk);
  for (const snapshot of world.calls.snapshots) await snapshot.loadFromDatabase();
  const at = async (host: string): Promise<SipPhone> => {
    const phone = await openPhone({ host, target: world.target() });
    opened.push({ stop: () => phone.close() });
    return phone;
  };
  const pbx = await at(PBX);
  try {
    await play({ world, pbx, pbxSide, psap, database, place, at, openNode });
  } finally {
    for (const one of opened.reverse()) await one.stop();
    await pbxSide.stop();
    await psap.stop();
  }
}

/** An emergency call, answered and ended. */
async function callForHelp(phone: SipPhone, from: string): Promise<void> {
  const call = phone.call({ from, headers: [{ ...OWN_REFERENCE }] });
  const answer = await call.final();
  assert.equal(answer.status, 200);
  await call.ack();
  assert.equal((await call.request('BYE')).status, 200);
}

async function callNumber(phone: SipPhone, number: string, headers: SipHeader[] = []): Promise<number> {
  const call = phone.call({ uri: `sip:${number}@127.0.0.1`, from: '+12145550911', headers });
  const { status } = await call.final();
  if (status >= 300) return status;
  await call.ack();
  assert.equal((await call.request('BYE')).status, 200);
  return status;
}

const lastAt = ({ simulator }: PsapWorld): SipRequest => {
  const call = simulator.calls().at(-1);
  assert.ok(call, 'a call came');
  return call.request;
};

async function openOn(engine: 'embedded' | 'postgres'): Promise<Database> {
  const url = engine === 'postgres' ? await cluster.createDatabase() : undefined;
  const database = await openDatabase({ url, embeddedDir: undefined }, logger);
  await database.migrate();
  for (const id of [ORGANIZATION_ID, OTHER_ORGANIZATION_ID]) {
    await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  }
  return database;
}

for (const engine of ['embedded', 'postgres'] as const) {
  test(`an extension is lent an ELIN and called back on it, also by another node and after a restart (${engine})`, async () => {
    const database = databaseOn(engine);
    await withScene(database, async ({ world, pbx, pbxSide, psap, place, at, openNode }) => {
      await callForHelp(pbx, '4720');
      const [asserted] = headerValues(lastAt(psap), 'P-Asserted-Identity');
      assert.equal(asserted, `<sip:${ELINS[0]}@waymark.example.net;user=phone>`);

      const carrier = await at(CARRIER);
      assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 200);
      const delivered = lastAt(pbxSide);
      assert.equal(delivered.uri, pbxSide.uri('4720', PBX));
      assert.equal(headerValue(delivered, 'Max-Forwards'), '69');
      assert.equal(headerValue(delivered, 'Priority'), undefined);

      const [emergency, callback] = await world.records();
      assert.equal(emergency?.callback.number, ELINS[0]);
      assert.equal(emergency?.callback.elin?.responseLocationId, ERL_ID);
      assert.equal(callback?.kind, 'callback');
      assert.equal(callback?.outcome, 'completed');
      assert.equal(callback?.incidentId, emergency?.incidentId, 'both are found together');
      assert.equal(callback?.destination.kind, 'caller');
      assert.equal(world.alerted.length, 1, 'a callback is no emergency call');

      const [bound] = world.calls.listElinBindings(scope);
      assert.deepEqual(
        [bound?.number, bound?.caller, bound?.callId, bound?.isActive],
        [ELINS[0], '4720', emergency?.id, true],
      );
      assert.deepEqual(world.calls.listElinBindings(scopeOf(OTHER_ORGANIZATION_ID)), []);

      const another = await openNode();
      assert.equal(another.calls.listElinBindings(scope)[0]?.caller, '4720');
      const elsewhere = await openPhone({ host: CARRIER, target: another.target() });
      assert.equal(await callNumber(elsewhere, ELINS[0] ?? ''), 200);
      await elsewhere.close();
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('4720', PBX));

      // What the other node lends, this one hears of by the change feed.
      const otherPbx = await openPhone({ host: PBX, target: another.target() });
      await callForHelp(otherPbx, '4721');
      await otherPbx.close();
      await another.calls.recordsDrained();
      const changes = (await database.db.selectFrom('changeFeed').selectAll().execute()).filter(
        ({ kind }) => kind === 'elin-bindings',
      );
      assert.equal(changes.length, 2);
      for (const snapshot of world.calls.snapshots) {
        await snapshot.apply([{ sequence: 1, kind: 'elin-bindings', organizationId: ORGANIZATION_ID }]);
      }
      assert.equal(await callNumber(carrier, ELINS[1] ?? ''), 200);
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('4721', PBX));

      // All in use: the oldest goes on to the next caller, whose record and alert say so.
      await callForHelp(pbx, '4722');
      const last = (await world.records()).at(-1);
      assert.ok(last?.flags.includes('elin-exhausted'));
      assert.equal(last?.callback.number, ELINS[0]);
      assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 200);
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('4722', PBX));

      // Taken out of the pool, it still leads to its last caller.
      place.elins = [];
      assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 200);
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('4722', PBX));
    });
  });

  test(`an ELIN that was lent while the database was away is there after a crash, and stored later (${engine})`, async (t) => {
    const database = databaseOn(engine);
    const journalFolder = await mkdtemp(join(tmpdir(), 'waymark-elins-'));
    t.after(() => rm(journalFolder, { recursive: true, force: true }));
    await withScene(database, async ({ openNode }) => {
      const away = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, logger);
      await away.close();
      const first = await openNode({ journalFolder, database: away });
      const pbx = await openPhone({ host: PBX, target: first.target() });
      await callForHelp(pbx, '4730');
      await pbx.close();
      await first.stop();
      assert.deepEqual(await database.db.selectFrom('elinBindings').selectAll().execute(), []);

      const second = await openNode({ journalFolder, database: away });
      assert.deepEqual(
        second.calls.listElinBindings(scope).map(({ number, caller }) => [number, caller]),
        [[ELINS[0], '4730']],
      );
      await second.stop();
      const third = await openNode({ journalFolder, database });
      await third.calls.recordsDrained();
      const [stored] = await database.db.selectFrom('elinBindings').selectAll().execute();
      assert.deepEqual([stored?.number, stored?.caller, stored?.responseLocationId], [ELINS[0], '4730', ERL_ID]);
    });
  });
}

test('an ELIN that leads to nobody any more rings at its site; without a site number nobody is called', async () => {
  const database = databaseOn('embedded');
  await withScene(database, async ({ world, pbx, pbxSide, place, at }) => {
    const carrier = await at(CARRIER);
    assert.equal(await callNumber(carrier, ELINS[1] ?? ''), 200, 'never lent');
    assert.equal(lastAt(pbxSide).uri, pbxSide.uri(MAIN, PBX));
    place.expiryMinutes = 0;
    await callForHelp(pbx, '4720');
    assert.equal(world.calls.listElinBindings(scope, { active: true }).length, 0);
    assert.equal(world.calls.listElinBindings(scope, { active: false, number: '550181' }).length, 1);
    assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 200, 'over');
    assert.equal(lastAt(pbxSide).uri, pbxSide.uri(MAIN, PBX));
    place.mainNumber = undefined;
    assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 404);
    const last = (await world.records()).at(-1);
    assert.deepEqual([last?.kind, last?.outcome, last?.destination.name], ['callback', 'failed', 'nobody']);
  });
});

test('strangers and other organizations reach nobody by an ELIN or a callback number', async () => {
  const database = databaseOn('embedded');
  await withScene(database, async ({ world, pbx, pbxSide, at }) => {
    await callForHelp(pbx, '4720');
    await callForHelp(pbx, '+12145550100');
    const before = (await world.records()).length;
    for (const host of [STRANGER, OTHERS]) {
      const caller = await at(host);
      for (const number of [ELINS[0] ?? '', ELINS[1] ?? '', '+12145550100']) {
        assert.equal(await callNumber(caller, number, [CALLBACK_MARK]), 404, `${host} ${number}`);
      }
      const claim = { name: 'P-Asserted-Identity', value: `<sip:psap@${PSAP}>` };
      assert.equal(await callNumber(caller, '+12145550100', [CALLBACK_MARK, claim]), 404, host);
    }
    const carrier = await at(CARRIER);
    assert.equal(await callNumber(carrier, '+12145550777'), 404, 'nobody called for help with it');
    assert.deepEqual(pbxSide.simulator.calls(), []);
    assert.equal((await world.records()).length, before, 'what is none is no record');
  });
});

test('a PSAP calls back: marked, to the device that called; a mark that nobody vouches for is taken off', async () => {
  const database = databaseOn('embedded');
  await withScene(database, async ({ world, pbx, pbxSide, at }) => {
    await callForHelp(pbx, '+12145550100');
    const psapPhone = await at(PSAP);
    assert.equal(await callNumber(psapPhone, '+12145550100'), 200);
    assert.equal(pbx.invites.length, 1, 'by the Contact of the call');
    assert.equal(headerValue(pbx.invites[0] as SipRequest, 'Priority'), 'psap-callback');
    assert.match((await world.records()).at(-1)?.trace[0]?.reason ?? '', /a PSAP calls back/);

    // Who is no PSAP wants the number, which may be others' too, and not the device.
    const carrier = await at(CARRIER);
    const urgent = { name: 'Priority', value: 'urgent' };
    for (const [priority, kept] of [
      [CALLBACK_MARK, undefined],
      [urgent, 'urgent'],
    ] as const) {
      assert.equal(await callNumber(carrier, '+12145550100', [priority]), 200);
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('+12145550100', PBX));
      assert.equal(headerValue(lastAt(pbxSide), 'Priority'), kept);
    }
    assert.equal(
      await callNumber(pbx, '+12145550100', [CALLBACK_MARK]),
      404,
      'never back to the trunk that it came from',
    );
    assert.equal(pbx.invites.length, 1);
    // RFC 3325: the organization's own carrier vouches for who calls.
    const asserted = { name: 'P-Asserted-Identity', value: `<sip:psap@${PSAP}>` };
    assert.equal(await callNumber(carrier, '+12145550100', [CALLBACK_MARK, asserted]), 200);
    assert.equal(headerValue(pbx.invites[1] as SipRequest, 'Priority'), 'psap-callback');

    // The device is gone: by its trunk.
    await pbx.close();
    assert.equal(await callNumber(psapPhone, '+12145550100'), 200);
    assert.equal(lastAt(pbxSide).uri, pbxSide.uri('+12145550100', PBX));
    assert.equal(headerValue(lastAt(pbxSide), 'Priority'), 'psap-callback');
  });
});

for (const engine of ['embedded', 'postgres'] as const) {
  test(`a PSAP that calls another node, or this one after a restart, reaches the device too (${engine})`, async () => {
    await withScene(databaseOn(engine), async ({ world, pbx, pbxSide, psap, openNode }) => {
      await callForHelp(pbx, '+12145550100');
      await callForHelp(pbx, '4720');
      await world.calls.recordsDrained();
      const another = await openNode();
      const elsewhere = await openPhone({ host: PSAP, target: another.target() });
      assert.equal(await callNumber(elsewhere, '+12145550100'), 200);
      assert.equal(pbx.invites.length, 1, 'by the Contact of the call');
      assert.equal(headerValue(pbx.invites[0] as SipRequest, 'Priority'), 'psap-callback');
      assert.equal(await callNumber(elsewhere, ELINS[0] ?? ''), 200, 'no trunk vouches for it, its call does');
      assert.equal(lastAt(pbxSide).uri, pbxSide.uri('4720', PBX));
      assert.equal(headerValue(lastAt(pbxSide), 'Priority'), 'psap-callback');
      assert.equal(psap.simulator.calls().length, 2);
      assert.equal(await callNumber(elsewhere, '+12145550777'), 404);
      await elsewhere.close();
    });
  });
}

test('after a crash without a database the journal tells who is called back', async (t) => {
  const database = databaseOn('embedded');
  const journalFolder = await mkdtemp(join(tmpdir(), 'waymark-callbacks-'));
  t.after(() => rm(journalFolder, { recursive: true, force: true }));
  await withScene(database, async ({ openNode }) => {
    const away = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, logger);
    await away.close();
    const first = await openNode({ journalFolder, database: away });
    const pbx = await openPhone({ host: PBX, target: first.target() });
    await callForHelp(pbx, '+12145550100');
    await first.stop();
    const second = await openNode({ journalFolder, database: away });
    const psapPhone = await openPhone({ host: PSAP, target: second.target() });
    assert.equal(await callNumber(psapPhone, '+12145550100'), 200);
    assert.equal(pbx.invites.length, 1);
    assert.equal(await callNumber(psapPhone, '+12145550777'), 404, 'what cannot be looked up');
    await psapPhone.close();
    await pbx.close();
  });
});

test('an ELIN that the PBX puts on its calls by itself leads back to who called; a PSAP reaches a site as well', async () => {
  await withScene(databaseOn('embedded'), async ({ pbx, pbxSide, place, at }) => {
    await callForHelp(pbx, ELINS[1] ?? '');
    const psapPhone = await at(PSAP);
    assert.equal(await callNumber(psapPhone, ELINS[1] ?? ''), 200);
    assert.equal(pbx.invites.length, 1, 'the device');
    const carrier = await at(CARRIER);
    assert.equal(await callNumber(carrier, ELINS[1] ?? ''), 200);
    assert.equal(lastAt(pbxSide).uri, pbxSide.uri(ELINS[1] ?? '', PBX), 'the PBX knows whom it lent the number');

    place.expiryMinutes = 0;
    await callForHelp(pbx, '4720');
    assert.equal(await callNumber(psapPhone, ELINS[0] ?? ''), 200, 'over, and called by a PSAP itself');
    assert.equal(lastAt(pbxSide).uri, pbxSide.uri(MAIN, PBX));
  });
});

test('a call for help over a trunk that organizations share is called back over it', async () => {
  await withScene(databaseOn('embedded'), async ({ world, pbxSide, at }) => {
    const shared = await at(OTHERS);
    await callForHelp(shared, '4720');
    const [emergency] = await world.records();
    assert.equal(emergency?.organizationId, ORGANIZATION_ID, 'by its location URI');
    assert.ok(emergency?.flags.includes('conflict'));
    assert.equal(await callNumber(shared, ELINS[0] ?? ''), 200);
    assert.equal(shared.invites.length, 1, 'the device, and nobody’s extension behind another trunk');
    assert.deepEqual(pbxSide.simulator.calls(), []);
    assert.equal(await callNumber(shared, ELINS[1] ?? ''), 404, 'that one is the other organization’s alone');
  });
});

test('calls to one number that come again and again go round, and are ended', async () => {
  await withScene(
    databaseOn('embedded'),
    async ({ pbx, pbxSide, at }) => {
      await callForHelp(pbx, '4720');
      const carrier = await at(CARRIER);
      const call = () => carrier.call({ uri: `sip:${ELINS[0]}@127.0.0.1`, from: '+12145550911' });
      const ringing = Array.from({ length: 8 }, call);
      for (const one of ringing) await one.status(180);
      assert.equal((await call().final()).status, 482);
      for (const one of ringing) one.cancel();
      for (const one of ringing) assert.equal((await one.final()).status, 487);
      assert.equal(pbxSide.simulator.calls().length, 8);
      const later = call();
      await later.status(180);
      later.cancel();
      assert.equal((await later.final()).status, 487);
    },
    { pbxBehaviour: 'ring-only' },
  );
});

test('a trunk whose contact leads inside is not called, and the device is', async () => {
  let isInside = false;
  await withScene(
    databaseOn('embedded'),
    async ({ pbx, pbxSide, at }) => {
      await callForHelp(pbx, '4720');
      isInside = true;
      const carrier = await at(CARRIER);
      assert.equal(await callNumber(carrier, ELINS[0] ?? ''), 200);
      assert.equal(pbx.invites.length, 1);
      assert.deepEqual(pbxSide.simulator.calls(), []);
    },
    { deps: { mayReachTrunk: () => !isInside } },
  );
});

test('a callback is not diverted: busy is busy, and a redirection leads nowhere', async () => {
  const database = databaseOn('embedded');
  for (const behaviour of ['busy', 302] as const) {
    await withScene(
      database,
      async ({ world, pbx, pbxSide, at }) => {
        await callForHelp(pbx, '4720');
        await pbx.close();
        const carrier = await at(CARRIER);
        const status = await callNumber(carrier, ELINS[0] ?? '');
        assert.ok(behaviour === 'busy' ? status === 486 : status >= 400, `${status}`);
        const attempts = pbxSide.simulator.calls().length;
        assert.equal(attempts, 1, 'tried once');
        const last = (await world.records()).at(-1);
        assert.deepEqual([last?.kind, last?.outcome], ['callback', 'failed']);
        assert.equal(last?.attempts[0]?.outcome, 'refused');
      },
      { pbxBehaviour: behaviour },
    );
  }
});

test('who calls hangs up while the phone rings: cancelled there, 487 here', async () => {
  const database = databaseOn('embedded');
  await withScene(
    database,
    async ({ world, pbx, pbxSide, at }) => {
      await callForHelp(pbx, '4720');
      const carrier = await at(CARRIER);
      const call = carrier.call({ uri: `sip:${ELINS[0]}@127.0.0.1`, from: '+12145550911' });
      await call.status(180);
      call.cancel();
      assert.equal((await call.final()).status, 487);
      const last = (await world.records()).at(-1);
      assert.deepEqual([last?.kind, last?.outcome], ['callback', 'abandoned']);
      assert.equal(pbxSide.simulator.calls().at(-1)?.outcome, 'cancelled');
    },
    { pbxBehaviour: 'ring-only' },
  );
});
