import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { PsapBehaviour } from '../../src/calls/psap-simulator/psap-simulator.ts';
import { locationValue } from '../../src/calls/testing/fake-lookups.ts';
import type { Database } from '../../src/storage/database.ts';
import { encodePresence } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { headerValue, headerValues, type SipRequest } from '../../src/wire/sip/message.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { openPhone, type SipPhone } from '../support/sip-phone.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});

beforeEach(() => database.db.deleteFrom('emergencyCalls').execute());

after(() => database.close());

type Scene = { world: CallWorld; phone: SipPhone; psaps: PsapWorld[]; relay: PsapWorld };

/** A platform whose located calls go to PSAPs that behave as told, first to last, and then to a relay centre. */
async function withScene(
  behaviours: readonly PsapBehaviour[],
  play: (scene: Scene) => Promise<void>,
  options: {
    relay?: PsapBehaviour;
    hosts?: string[];
    protocol?: 'udp' | 'tcp';
    lateMs?: number;
    plainSipUser?: boolean;
  } = {},
): Promise<void> {
  const { hosts = ['127.0.0.1'], protocol = 'udp' } = options;
  const host = hosts[0] ?? '127.0.0.1';
  const timing = options.lateMs === undefined ? { hosts } : { hosts, lateMs: options.lateMs };
  const psaps = await Promise.all(behaviours.map((behaviour) => openPsap(behaviour, timing)));
  const relay = await openPsap(options.relay ?? 'answer', { hosts });
  const world = await openCallWorld({
    database,
    psapUris: psaps.map(
      (psap, index) => `${psap.uri(`psap-${index}`, host)}${protocol === 'tcp' ? ';transport=tcp' : ''}`,
    ),
    relayUri: relay.uri('relay-us', host),
    hosts,
    ...(options.plainSipUser && { plainSipUser: true }),
  });
  const phone = await openPhone({ host, target: world.target(protocol, host) });
  try {
    await play({ world, phone, psaps, relay });
  } finally {
    await phone.close();
    await world.stop();
    for (const psap of [...psaps, relay]) await psap.stop();
  }
}

function lastCall({ simulator }: PsapWorld): SipRequest {
  const call = simulator.calls().at(-1);
  assert.ok(call, 'the PSAP was called');
  return call.request;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const limit = performance.now() + 8_000;
  while (!(await condition())) {
    assert.ok(performance.now() < limit, `in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const [name, hosts, protocol] of [
  ['UDP, IPv4', ['127.0.0.1'], 'udp'],
  ['TCP, IPv4', ['127.0.0.1'], 'tcp'],
  ['UDP, IPv6', ['::1'], 'udp'],
  ['TCP, IPv6', ['::1'], 'tcp'],
] as const) {
  test(`a 911 call is proxied to its PSAP, talked on and ended (${name})`, async () => {
    await withScene(
      ['answer'],
      async ({ world, phone, psaps: [psap] }) => {
        assert.ok(psap);
        const call = phone.call();
        const answer = await call.final();
        assert.equal(answer.status, 200);
        assert.equal(headerValue(answer, 'X-Waymark-Simulated-Psap'), 'psap-0');
        assert.equal(call.responses[0]?.status, 100);
        assert.ok((call.arrivalsMs[0] ?? 999) < 200, '100 at once');
        assert.deepEqual(new Set(call.responses.map(({ status }) => status)), new Set([100, 180, 200]));
        await call.ack();
        await until(() => psap.simulator.calls()[0]?.outcome === 'acknowledged', 'ACK at the PSAP');
        assert.equal((await call.request('INVITE', { body: call.invite.body })).status, 200, 're-INVITE');
        await call.ack();
        assert.equal((await call.request('INFO')).status, 200);
        assert.equal((await call.request('BYE')).status, 200);
        assert.equal(psap.simulator.calls()[0]?.outcome, 'ended');
        const [record] = await world.records();
        assert.equal(record?.outcome, 'completed');
        assert.equal(record.destination.kind, 'psap');
        assert.deepEqual(world.alerted, [record.id]);
        assert.deepEqual(
          record.trace.map(({ step }) => step),
          [
            'check-sanity',
            'identify-caller',
            'attach-location',
            'choose-callback',
            'choose-destination',
            'edit-headers',
            'journal',
            'forward',
          ],
        );
        assert.match(record.trace.at(-1)?.reason ?? '', /after 1 attempt$/);
      },
      { hosts: [...hosts], protocol },
    );
  });
}

test('what the PSAP receives: service URN, Route, our Via, reference, identifiers, everything else untouched', async () => {
  await withScene(['answer'], async ({ phone, psaps: [psap] }) => {
    assert.ok(psap);
    const own = [
      { name: 'X-Own', value: 'kept; as="it, is"' },
      { name: 'Privacy', value: 'none' },
    ];
    const call = phone.call({ headers: own, from: '+12145550100' });
    await call.final();
    await call.ack();
    const request = lastCall(psap);
    assert.equal(request.uri, 'urn:service:sos');
    assert.equal(headerValue(request, 'Route'), `<sip:psap-0@127.0.0.1:${psap.port};lr>`);
    assert.equal(headerValues(request, 'Via').length, 2);
    assert.match(headerValue(request, 'Record-Route') ?? '', /;lr(?:;r2=on)?>$/);
    assert.equal(headerValue(request, 'Max-Forwards'), '69');
    assert.deepEqual(headerValues(request, 'Geolocation'), [
      '<https://waymark.example.net/held/l/location-33333333-3333-4333-8333-333333333333>;loc-src=waymark.example.net',
    ]);
    assert.equal(headerValue(request, 'Geolocation-Routing'), 'yes');
    assert.equal(headerValue(request, 'P-Asserted-Identity'), '<sip:+12145550100@waymark.example.net;user=phone>');
    const ids = headerValues(request, 'Call-Info');
    assert.match(
      ids[0] ?? '',
      /^<urn:emergency:uid:callid:[0-9a-z]{10,32}:waymark\.example\.net>;purpose=emergency-CallId$/,
    );
    assert.match(
      ids[1] ?? '',
      /^<urn:emergency:uid:incidentid:[0-9a-z]{10,32}:waymark\.example\.net>;purpose=emergency-IncidentId$/,
    );
    for (const { name, value } of own) assert.equal(headerValue(request, name), value);
    for (const name of ['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Type']) {
      assert.equal(headerValue(request, name), headerValue(call.invite, name), name);
    }
    assert.ok(request.body.equals(call.invite.body), 'the body byte for byte');
  });
});

test('a service URN stays, a conveyed location stays and routes, brought identifiers stay', async () => {
  await withScene(['answer'], async ({ world, phone, psaps: [psap] }) => {
    assert.ok(psap);
    const pidf = encodePresence({ entity: 'pres:x@example.net', locations: [locationValue('PR', 'San Juan')] });
    const boundary = 'edge';
    const body = Buffer.from(
      [
        `--${boundary}\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\n`,
        `--${boundary}\r\nContent-Type: application/pidf+xml\r\nContent-ID: <here@example.net>\r\n\r\n${pidf}`,
        `--${boundary}--\r\n`,
      ].join('\r\n'),
      'utf8',
    );
    const call = phone.call({
      uri: 'urn:service:sos.fire',
      headers: [
        { name: 'Geolocation', value: '<cid:here@example.net>, <https://lis.example.org/ref>;note=x' },
        { name: 'Geolocation-Routing', value: 'no' },
        { name: 'Call-Info', value: '<urn:emergency:uid:callid:0123456789:bcf.example>;purpose=emergency-CallId' },
        { name: 'P-Asserted-Identity', value: '<tel:+12145550100>' },
      ],
      body,
      contentType: `multipart/mixed;boundary=${boundary}`,
    });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    const request = lastCall(psap);
    assert.equal(request.uri, 'urn:service:sos.fire');
    assert.deepEqual(headerValues(request, 'Geolocation'), [
      '<cid:here@example.net>',
      '<https://lis.example.org/ref>;note=x',
    ]);
    assert.equal(headerValue(request, 'Geolocation-Routing'), 'no');
    assert.deepEqual(headerValues(request, 'P-Asserted-Identity'), ['<tel:+12145550100>']);
    assert.equal(headerValues(request, 'Call-Info').filter((value) => value.includes('CallId')).length, 1);
    assert.ok(request.body.equals(body), 'multipart byte for byte');
    const [record] = await world.records();
    assert.equal(record?.location?.source, 'conveyed-value');
    assert.equal(record.location.civic?.A1, 'PR');
    assert.equal(record.emergencyCallId, 'urn:emergency:uid:callid:0123456789:bcf.example');
  });
});

test('a destination may ask for its own URI instead of a service URN', async () => {
  await withScene(
    ['answer'],
    async ({ phone, psaps: [psap] }) => {
      assert.ok(psap);
      const call = phone.call();
      await call.final();
      await call.ack();
      assert.equal(lastCall(psap).uri, psap.uri('psap-0'));
      assert.equal(headerValue(lastCall(psap), 'Route'), undefined);
    },
    { plainSipUser: true },
  );
});

for (const [name, behaviour, outcome, status] of [
  ['silence', 'silence', 'silent', null],
  ['garbage', 'garbage', 'silent', null],
  ['486', 'busy', 'refused', 486],
  ['503', 503, 'refused', 503],
  ['603', 603, 'refused', 603],
] as const) {
  test(`${name} from a PSAP: the next one gets the call`, async () => {
    await withScene([behaviour, 'answer'], async ({ world, phone }) => {
      const call = phone.call();
      const answer = await call.final();
      assert.equal(answer.status, 200);
      assert.equal(headerValue(answer, 'X-Waymark-Simulated-Psap'), 'psap-1');
      await call.ack();
      assert.equal((await call.request('BYE')).status, 200);
      const [record] = await world.records();
      assert.deepEqual(
        record?.attempts.map((attempt) => [attempt.outcome, attempt.status]),
        [
          [outcome, status],
          ['answered', 200],
        ],
      );
      assert.ok(record.flags.includes('failover'));
    });
  });
}

test('every PSAP fails: the relay centre gets the call', async () => {
  await withScene(['silence', 503], async ({ world, phone }) => {
    const call = phone.call();
    assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'relay-us');
    await call.ack();
    const [record] = await world.records();
    assert.equal(record?.destination.kind, 'relay');
    assert.ok(record.flags.includes('relay'));
  });
});

test('nobody listens there at all: the next one gets the call', async (t) => {
  const relay = await openPsap('answer');
  t.after(() => relay.stop());
  const gone = await openPsap('answer');
  await gone.stop();
  const world = await openCallWorld({
    database,
    psapUris: [`${gone.uri('gone')};transport=tcp`, 'sip:psap@no-such-host.invalid'],
    relayUri: relay.uri('relay-us'),
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const call = phone.call();
  assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'relay-us');
  await call.ack();
  const [record] = await world.records();
  assert.deepEqual(
    record?.attempts.map((attempt) => attempt.outcome),
    ['unreachable', 'unreachable', 'answered'],
  );
});

test('all fail, the relay twice: the caller gets the best response, the call is recorded and alerted', async () => {
  await withScene(
    [480],
    async ({ world, phone, relay }) => {
      const call = phone.call();
      assert.equal((await call.final()).status, 480);
      assert.equal(relay.simulator.calls().length, 2);
      const [record] = await world.records();
      assert.equal(record?.outcome, 'failed');
      assert.equal(world.alerted.length, 1);
    },
    { relay: 503 },
  );
});

test('a late 200 of a PSAP that was passed over is acknowledged and ended; one session survives', async () => {
  await withScene(
    ['late', 'answer'],
    async ({ phone, psaps: [late, second] }) => {
      assert.ok(late && second);
      const call = phone.call();
      assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'psap-1');
      await call.ack();
      await until(() => late.simulator.calls()[0]?.outcome === 'ended', 'the late PSAP is hung up on');
      assert.equal(second.simulator.calls()[0]?.outcome, 'acknowledged');
      assert.equal(call.responses.filter(({ status }) => status >= 200).length, 1, 'the caller saw one answer');
      assert.equal((await call.request('BYE')).status, 200);
    },
    { lateMs: 800 },
  );
});

test('CANCEL reaches the PSAP; the call is abandoned, recorded and alerted', async () => {
  await withScene(['ring-only'], async ({ world, phone, psaps: [psap] }) => {
    assert.ok(psap);
    const call = phone.call();
    await call.status(180);
    call.cancel();
    assert.equal((await call.final()).status, 487);
    assert.equal(psap.simulator.calls()[0]?.outcome, 'cancelled');
    const [record] = await world.records();
    assert.equal(record?.outcome, 'abandoned');
    assert.deepEqual(world.alerted, [record.id]);
  });
});

test('CANCEL while the PSAP is silent: the caller is not kept waiting', async () => {
  await withScene(['silence'], async ({ world, phone, psaps: [psap], relay }) => {
    assert.ok(psap);
    const call = phone.call();
    await until(() => psap.simulator.calls().length > 0, 'INVITE at the PSAP');
    call.cancel();
    assert.equal((await call.final()).status, 487);
    assert.equal((await world.records())[0]?.outcome, 'abandoned');
    assert.equal(relay.simulator.calls().length, 0, 'nobody else is called');
  });
});

test('the PSAP hangs up: BYE reaches the caller', async () => {
  await withScene(['answer'], async ({ world, phone, psaps: [psap] }) => {
    assert.ok(psap);
    const call = phone.call();
    await call.final();
    await call.ack();
    await until(() => psap.simulator.calls()[0]?.outcome === 'acknowledged', 'ACK at the PSAP');
    await psap.simulator.hangUpAll();
    assert.equal((await call.hungUp()).method, 'BYE');
    await until(async () => (await world.records())[0]?.outcome === 'completed', 'recorded as completed');
  });
});

test('a dialog survives a restart of the platform', async (t) => {
  const psap = await openPsap('answer');
  t.after(() => psap.stop());
  const first = await openCallWorld({ database, psapUris: [psap.uri('psap-0')], relayUri: psap.uri('relay-us') });
  const target = first.target();
  const phone = await openPhone({ target });
  t.after(() => phone.close());
  const call = phone.call();
  await call.final();
  await call.ack();
  await until(() => psap.simulator.calls()[0]?.outcome === 'acknowledged', 'ACK at the PSAP');
  await first.stop();
  const second = await openCallWorld({
    database,
    psapUris: [psap.uri('psap-0')],
    relayUri: psap.uri('relay-us'),
    port: target.port,
  });
  t.after(() => second.stop());
  assert.equal((await call.request('BYE')).status, 200);
  assert.equal(psap.simulator.calls()[0]?.outcome, 'ended');
});

test('caller on IPv4, PSAP on IPv6 and TCP: both sides stay on the path', async (t) => {
  const psap = await openPsap('answer', { hosts: ['::1'] });
  t.after(() => psap.stop());
  const world = await openCallWorld({
    database,
    psapUris: [`${psap.uri('psap-0', '::1')};transport=tcp`],
    relayUri: psap.uri('relay-us', '::1'),
    hosts: ['127.0.0.1', '::1'],
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target('udp', '127.0.0.1') });
  t.after(() => phone.close());
  const call = phone.call();
  const answer = await call.final();
  assert.equal(answer.status, 200);
  assert.equal(headerValues(answer, 'Record-Route').length, 2);
  await call.ack();
  await until(() => psap.simulator.calls()[0]?.outcome === 'acknowledged', 'ACK at the PSAP');
  await psap.simulator.hangUpAll();
  assert.equal((await call.hungUp()).method, 'BYE');
});

test('an unknown number without location reaches the relay centre, flagged; nothing is made up for it', async () => {
  await withScene(['answer'], async ({ world, phone, relay }) => {
    const call = phone.call({ from: '+12145559999' });
    assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'relay-us');
    await call.ack();
    const request = lastCall(relay);
    assert.equal(headerValue(request, 'Geolocation'), undefined);
    assert.equal(headerValue(request, 'P-Asserted-Identity'), undefined);
    const [record] = await world.records();
    assert.equal(record?.organizationId, null);
    assert.ok(record.flags.includes('unknown-caller') && record.flags.includes('no-location'));
  });
});

test('a foreign reference is asked for its value within its deadline and passed on untouched in any case', async (t) => {
  for (const [answers, expected] of [
    [true, 'conveyed-reference'],
    [false, 'number'],
  ] as const) {
    const psap = await openPsap('answer');
    t.after(() => psap.stop());
    const world = await openCallWorld({
      database,
      psapUris: [psap.uri('psap-0')],
      relayUri: psap.uri('relay-us'),
      deps: {
        dereference: () =>
          answers
            ? Promise.resolve({ value: locationValue('AK', 'Anchorage'), how: 'POST answered' })
            : new Promise(() => undefined),
        timers: { dereferenceMs: 150, journalMs: 1_000 },
      },
    });
    t.after(() => world.stop());
    const phone = await openPhone({ target: world.target() });
    t.after(() => phone.close());
    const call = phone.call({ headers: [{ name: 'Geolocation', value: '<https://lis.example.org/ref>' }] });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    assert.equal(headerValues(lastCall(psap), 'Geolocation')[0], '<https://lis.example.org/ref>');
    assert.equal((await world.records()).at(-1)?.location?.source, expected);
  }
});

test('933 is answered by the agent, which speaks, hangs up and leaves its text', async () => {
  await withScene(['answer'], async ({ world, phone, psaps: [psap] }) => {
    const call = phone.call({ uri: `sip:933@${phone.sentBy}` });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    assert.equal((await call.hungUp()).method, 'BYE');
    const [record] = await world.records();
    assert.equal(record?.kind, '933');
    assert.equal(record.outcome, 'completed');
    assert.equal(record.destination.kind, 'test-agent');
    assert.match(record.spokenText ?? '', /Floor 3|floor 3|room/i);
    assert.deepEqual(world.alerted, []);
    assert.equal(psap?.simulator.calls().length, 0, 'no PSAP is called');
  });
});

test('the caller may hang up a 933 call first', async () => {
  await withScene(['answer'], async ({ world, phone }) => {
    const call = phone.call({ uri: `sip:933@${phone.sentBy}` });
    await call.final();
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200);
    assert.equal((await world.records())[0]?.outcome, 'completed');
  });
});

test('what is no emergency call is refused sensibly; OPTIONS is answered', async () => {
  await withScene(['answer'], async ({ phone, world }) => {
    const body = Buffer.alloc(0);
    assert.equal((await phone.send({ method: 'OPTIONS', uri: `sip:${phone.sentBy}`, body })).status, 200);
    assert.equal((await phone.send({ method: 'OPTIONS', uri: `sip:911@${phone.sentBy}`, body })).status, 200);
    assert.equal((await phone.send({ method: 'REGISTER', uri: 'sip:example.net', body })).status, 404);
    assert.equal((await phone.send({ method: 'MESSAGE', uri: 'urn:service:sos', body })).status, 405);
    assert.equal((await phone.call({ uri: 'sip:+12145550123@example.net' }).final()).status, 404);
    assert.deepEqual(await world.records(), []);
  });
});

test('a call that comes back to us is refused, so that its first passage goes on to the next destination', async (t) => {
  const relay = await openPsap('answer');
  t.after(() => relay.stop());
  const world = await openCallWorld({ database, psapUris: [], relayUri: relay.uri('relay-us') });
  const { port } = world.target();
  await world.stop();
  const looping = await openCallWorld({
    database,
    psapUris: [`sip:911@127.0.0.1:${port}`],
    relayUri: relay.uri('relay-us'),
    port,
  });
  t.after(() => looping.stop());
  const phone = await openPhone({ target: looping.target() });
  t.after(() => phone.close());
  const call = phone.call();
  assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'relay-us');
  await call.ack();
  const [record] = await looping.records();
  assert.deepEqual(
    record?.attempts.map((attempt) => attempt.status),
    [482, 200],
  );
});

test('faults: rooms that throw, a journal that cannot be written, a database that is away; the call goes on', async (t) => {
  const psap = await openPsap('answer');
  t.after(() => psap.stop());
  const broken = (): never => {
    throw new Error('made to fail');
  };
  const scenes: [string, Partial<Parameters<typeof openCallWorld>[0]>][] = [
    ['routing', { rooms: { routing: { destinationsFor: broken } } }],
    [
      'members',
      {
        rooms: {
          members: {
            findByNumber: broken,
            findInOrganization: broken,
            findEmergencyPlace: broken,
            elinExpiryMinutes: broken,
            mainNumber: broken,
          },
        },
      },
    ],
    ['compliance', { rooms: { compliance: { standing: broken } } }],
    [
      'location',
      {
        rooms: {
          location: {
            isOwnLocationUri: broken,
            resolveLocationUri: broken,
            issueLocationUri: broken,
            locateDevice: broken,
          },
        },
      },
    ],
    ['journal', { journalFolder: '/dev/null/journal' }],
    ['database', { deps: { timers: { essentialAlertMs: 50, journalMs: 1_000 } } }],
  ];
  for (const [name, scene] of scenes) {
    const world = await openCallWorld({
      psapUris: [psap.uri('psap-0')],
      relayUri: psap.uri('relay-us'),
      ...scene,
      ...(name === 'database' && { deps: { ...scene.deps, database: withDatabaseAway(database) } }),
      database,
    });
    t.after(() => world.stop());
    const phone = await openPhone({ target: world.target() });
    t.after(() => phone.close());
    const call = phone.call({ headers: [{ name: 'Geolocation', value: '<https://waymark.example.net/held/l/erl>' }] });
    assert.equal((await call.final()).status, 200, name);
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200, name);
    if (name === 'database') await until(() => world.essential.length === 1, 'essential alert');
    else assert.equal((await world.records()).at(-1)?.outcome, 'completed', name);
  }
});

/** Snapshot definitions that need the database to be made: trunks and ELINs. */
const READS_WHILE_WIRED = 2;

/** The real database until calls start, and then nothing. */
function withDatabaseAway(real: Database): Database {
  let reads = 0;
  return new Proxy(real, {
    get(target, name) {
      if (name !== 'db') return Reflect.get(target, name) as unknown;
      if (reads++ >= READS_WHILE_WIRED) throw new Error('connection refused');
      return target.db;
    },
  });
}
