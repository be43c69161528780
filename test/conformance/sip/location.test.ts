/**
 * Location and additional data on calls, seen at both ends by SIPp against a running platform. Which clause each scenario shows
 * stands in docs/conformance/location-conveyance.md.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { encodeLocationResponse } from '../../../src/wire/held/held.ts';
import { decodePresence, encodePresence, preferredLocation } from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { findPartByCid, readBodyParts } from '../../../src/wire/sip/multipart.ts';
import { askHeld, followLocationUri } from '../../support/journey-steps.ts';
import { skipWithout } from '../../support/parts.ts';
import {
  type CallDetail,
  eventually,
  listAllCalls,
  openClient,
  type PlatformClient,
} from '../../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../../support/run-platform.ts';
import {
  freePort,
  headerOf,
  headersOf,
  type PhonePlan,
  type PhoneReport,
  type Psap,
  runSippUac,
  type SippMessage,
  type SippProtocol,
  startSippUas,
} from '../../support/sipp.ts';
import { makeSippTls, type SippTls } from '../../support/sipp-tls.ts';
import { stablePort } from '../../support/stable-port.ts';
import { assertValid } from '../../support/xml-schemas.ts';

const skip = skipWithout('sipp');
const AUSTIN = 'us-county-48453';
const WAIT_MS = 20_000;
/** Where a proxy before the platform takes HTTPS. */
const PUBLIC_URL = 'https://waymark.example.net';
const MAC = '00:50:56:ab:cd:ef';
const ELIN = '+15125550155';
const SDP = 'v=0\no=phone 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0';

let server: RunningPlatform;
/** Where it is asked without that proxy. */
let http: string;
let operator: PlatformClient;
let administrator: PlatformClient;
let psap: Psap;
let relay: Psap;
let responseLocationId: string;
let tls: SippTls;
let tlsPort: number;
/** What the phone of the test that runs speaks. */
let way: SippProtocol = 'udp';

before(async () => {
  if (skip !== false) return;
  tls = makeSippTls();
  tlsPort = await freePort('127.0.0.1');
  relay = await startSippUas({ scenario: 'uas-200', protocol: 'tcp' });
  psap = await startSippUas({ scenario: 'uas-200', protocol: 'tls', tls: tls.peer });
  const port = await stablePort();
  http = `http://127.0.0.1:${port}`;
  server = await runPlatform({
    env: {
      ...tls.env,
      WAYMARK_SIP_TLS_PORT: String(tlsPort),
      WAYMARK_RELAY_URI: relay.uri('relay'),
      WAYMARK_SIP_DOMAIN: 'esrp.example.net',
      WAYMARK_LIS_NETWORKS: '127.0.0.1',
      WAYMARK_HTTP_PORT: String(port),
      WAYMARK_PUBLIC_URL: PUBLIC_URL,
      WAYMARK_PROVIDER_NAME: 'Example Telephony',
      WAYMARK_PROVIDER_CONTACT: 'tel:+15125550111',
    },
  });
  operator = openClient(http, server.firstRun().tokens.operator);
  administrator = openClient(http, server.firstRun().tokens.fullAdmin ?? '');
  await operator.must('POST', '/api/psaps', {
    name: 'Austin by SIPp',
    uri: psap.uri(),
    sourceId: AUSTIN,
    ringTimeoutMs: 4_000,
  });
  const { items } = await administrator.must<{ items: { kind: string; responseLocationId: string }[] }>(
    'GET',
    '/api/wire-map?max=100',
  );
  responseLocationId = items.find(({ kind }) => kind === 'switch-port')?.responseLocationId ?? '';
  await administrator.must('POST', '/api/wire-map', { kind: 'mac', value: MAC, responseLocationId });
  await administrator.must('PATCH', `/api/response-locations/${responseLocationId}`, { elins: [ELIN] });
});

after(async () => {
  if (skip !== false) return;
  await server.stop();
  removeData(server.dataDir);
  await Promise.all([relay.stop(), psap.stop()]);
  tls.remove();
});

const callerNumber = (): string => server.firstRun().examples?.['callerNumber'] ?? '';
const asserted = (number: string): string => `P-Asserted-Identity: <sip:${number}@example.com;user=phone>`;
const UNKNOWN = '+12025550177';

type Seen = { report: PhoneReport; invite: SippMessage; record: CallDetail };

/** Places a call and gives what the phone sent, what the PSAP (or relay centre) got, and the record of it. */
async function call(plan: Partial<PhonePlan>): Promise<Seen> {
  const target = { address: '127.0.0.1', port: way === 'tls' ? tlsPort : server.sipPort };
  const report = await runSippUac({
    scenario: 'uac-911',
    caller: UNKNOWN,
    protocol: way,
    tls: tls.peer,
    ...plan,
    target,
  });
  assert.equal(report.exitCode, 0, report.errors);
  const sent = report.messages[0];
  assert.ok(sent);
  const callId = headerOf(sent, 'Call-ID');
  const invite = [...psap.messages(), ...relay.messages()].find(
    (message) =>
      message.direction === 'received' &&
      message.startLine.startsWith('INVITE ') &&
      headerOf(message, 'Call-ID') === callId,
  );
  assert.ok(invite, 'somebody was called');
  const { id } = await eventually('the record of the call', WAIT_MS, async () =>
    (await listAllCalls(operator)).find((one) => one.callId === callId && one.outcome === 'completed'),
  );
  return { report, invite, record: await operator.must<CallDetail>('GET', `/api/calls/${id}`) };
}

function reasonOf({ trace }: CallDetail, step: string): string {
  return trace.find((entry) => entry.step === step)?.reason ?? '';
}

function pidf(latitude: number, longitude: number): string {
  const position = { latitude, longitude };
  return encodePresence({ entity: 'pres:phone@example.com', locations: [{ shape: { type: 'point', position } }] });
}

const AUSTIN_PIDF = pidf(30.2672, -97.7431);

function multipart(...parts: readonly (readonly [headers: string, content: string])[]): PhonePlan['body'] {
  const text = parts.map(([headers, content]) => `--part\n${headers}\n\n${content}\n\n`).join('');
  return { contentType: 'multipart/mixed;boundary=part', text: `${text}--part--` };
}

function locatedBody(document: string, id = 'here@example.com'): PhonePlan['body'] {
  return multipart(
    ['Content-Type: application/sdp', SDP],
    [`Content-Type: application/pidf+xml\nContent-ID: <${id}>`, document],
  );
}

/** A trunk for calls from loopback, for the length of one test. */
async function withTrunk(t: TestContext, settings: Record<string, unknown>): Promise<void> {
  const trunk = await administrator.must<{ id: string }>('POST', '/api/trunks', {
    name: 'SIPp',
    addresses: ['127.0.0.1'],
    ...settings,
  });
  t.after(() => administrator.must('DELETE', `/api/trunks/${trunk.id}`));
}

async function openLis(t: TestContext, host: string, handle: RequestListener): Promise<string> {
  const lis = createServer(handle).listen(0, host);
  await once(lis, 'listening');
  t.after(() => {
    lis.closeAllConnections();
    lis.close();
  });
  return `http://${host}:${(lis.address() as AddressInfo).port}/l/x`;
}

async function ownReference(): Promise<string> {
  const { companyId = '', examples = {} } = server.firstRun();
  const { locationUri } = await askHeld(http, {
    companyId,
    chassis: examples['switchChassis'] ?? '',
    port: examples['switchPort'] ?? '',
  });
  assert.notEqual(locationUri, '');
  return locationUri;
}

/** One test for each transport of the phone. The PSAP is called over TLS, the relay centre over TCP. */
function everyWay(name: string, run: (t: TestContext) => Promise<void>): void {
  for (const protocol of ['udp', 'tcp', 'tls'] as const) {
    test(`${name} (${protocol})`, { skip }, (t) => {
      way = protocol;
      return run(t);
    });
  }
}

everyWay('by value: routed by the body, which goes on byte for byte', async () => {
  const { report, invite, record } = await call({
    headers: ['Geolocation: <cid:here@example.com>', 'Geolocation-Routing: yes', asserted(UNKNOWN)],
    body: locatedBody(AUSTIN_PIDF) as NonNullable<PhonePlan['body']>,
  });
  assert.equal(record.destination.sourceId, AUSTIN);
  assert.equal(record.location?.source, 'conveyed-value');
  assert.ok(invite.body.equals(report.messages[0]?.body ?? Buffer.alloc(0)));
  assert.deepEqual(headersOf(invite, 'Geolocation'), ['<cid:here@example.com>']);
});

everyWay(
  'several headers, several values in one, a nested body: the one that can be read routes, all go on',
  async () => {
    const inner = `--inner\nContent-Type: application/pidf+xml\nContent-ID: <nested@example.com>\n\n${AUSTIN_PIDF}\n--inner--`;
    const { report, invite, record } = await call({
      headers: [
        'Geolocation: <sip:phone@lis.example.org>, <cid:nobody@example.com>;x=1',
        'Geolocation: <cid:nested@example.com>',
        'Geolocation-Routing: no',
        asserted(UNKNOWN),
      ],
      body: multipart(
        ['Content-Type: application/sdp', SDP],
        ['Content-Type: multipart/related;boundary=inner', inner],
      ) as NonNullable<PhonePlan['body']>,
    });
    assert.equal(record.destination.sourceId, AUSTIN);
    assert.deepEqual(headersOf(invite, 'Geolocation'), [
      '<sip:phone@lis.example.org>, <cid:nobody@example.com>;x=1',
      '<cid:nested@example.com>',
    ]);
    assert.equal(headerOf(invite, 'Geolocation-Routing'), 'no');
    assert.ok(invite.body.equals(report.messages[0]?.body ?? Buffer.alloc(0)));
    assert.match(reasonOf(record, 'attach-location'), /Geolocation-Routing no: .*routed by its location all the same/);
    assert.match(reasonOf(record, 'attach-location'), /cid:nobody@example\.com not used: no body part has that id/);
  },
);

everyWay('a garbled location is passed on as it is, with its reason in the trace; ours stands behind it', async () => {
  const { report, invite, record } = await call({
    headers: ['Geolocation: <cid:here@example.com>', asserted(callerNumber())],
    body: locatedBody('<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple') as NonNullable<PhonePlan['body']>,
  });
  assert.equal(record.location?.source, 'number');
  assert.match(reasonOf(record, 'attach-location'), /as cid:here@example\.com not used: unreadable/);
  const [first, second] = headersOf(invite, 'Geolocation');
  assert.equal(first, '<cid:here@example.com>');
  assert.match(second ?? '', /^<http.*>;loc-src=esrp\.example\.net$/);
  assert.equal(headerOf(invite, 'Geolocation-Routing'), undefined, 'the silence of the call is not broken');
  assert.ok(invite.body.equals(report.messages[0]?.body ?? Buffer.alloc(0)));
});

everyWay('by our own reference; revoked, it stays on the call and another way is found', async () => {
  const uri = await ownReference();
  const headers = [`Geolocation: <${uri}>`, 'Geolocation-Routing: yes', asserted(callerNumber())];
  const found = await call({ headers });
  assert.equal(found.record.location?.source, 'conveyed-reference');
  assert.equal(found.record.location.civic?.ROOM, '312');
  assert.deepEqual(headersOf(found.invite, 'Geolocation'), [`<${uri}>`]);

  await administrator.must('POST', '/api/location-uris/revoke', { uri });
  const revoked = await call({ headers });
  assert.equal(revoked.record.location?.source, 'number');
  assert.match(reasonOf(revoked.record, 'attach-location'), /our reference is revoked/);
  const [first, second] = headersOf(revoked.invite, 'Geolocation');
  assert.equal(first, `<${uri}>`);
  assert.match(second ?? '', /;loc-src=esrp\.example\.net$/);
});

everyWay('by reference to another LIS: HELD by POST, the reference goes on', async (t) => {
  const document = decodePresence(AUSTIN_PIDF);
  const uri = await openLis(t, '127.0.0.1', (request, response) => {
    assert.equal(request.method, 'POST');
    response.writeHead(200, { 'content-type': 'application/held+xml' });
    response.end(encodeLocationResponse({ presence: document }));
  });
  const { invite, record } = await call({ headers: [`Geolocation: <${uri}>`, asserted(UNKNOWN)] });
  assert.equal(record.destination.sourceId, AUSTIN);
  assert.equal(record.location?.source, 'conveyed-reference');
  assert.deepEqual(headersOf(invite, 'Geolocation'), [`<${uri}>`]);
  assert.match(reasonOf(record, 'dereference'), /dereferenced: POST answered by 127\.0\.0\.1:\d+ after \d+ ms/);
});

test('a LIS that is slow, dead, too talkative or not public: the call goes on in time', { skip }, async (t) => {
  way = 'udp';
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const dead = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/l/x`;
  gone.close();
  const cases: [name: string, uri: string, reason: RegExp][] = [
    ['slow', await openLis(t, '127.0.0.1', () => undefined), /no answer .*within 1500 ms/],
    ['dead', dead, /ECONNREFUSED/],
    [
      'huge',
      await openLis(t, '127.0.0.1', (_request, response) => response.end(Buffer.alloc(400_000, 32))),
      /more than 262144 bytes/,
    ],
    ['private', await openLis(t, '127.0.0.2', (_request, response) => response.end('secret')), /may not be asked/],
    ['metadata', 'http://169.254.169.254/latest/meta-data', /may not be asked/],
  ];
  for (const [name, uri, reason] of cases) {
    const { invite, record } = await call({ headers: [`Geolocation: <${uri}>`, asserted(callerNumber())] });
    assert.equal(record.location?.source, 'number', name);
    assert.match(reasonOf(record, 'dereference'), reason, name);
    assert.equal(headersOf(invite, 'Geolocation')[0], `<${uri}>`, name);
  }
});

everyWay('by a header that names the device, by MAC address or by our id of it', async (t) => {
  await withTrunk(t, { deviceHeader: 'X-Device-Id', identityHeaders: ['X-Caller', 'From'] });
  const byMac = await call({
    headers: [`X-Device-Id: ${MAC.replaceAll(':', '').toUpperCase()}`, `X-Caller: ${callerNumber()}`],
  });
  assert.equal(byMac.record.location?.source, 'device');
  assert.equal(byMac.record.location.foundBy, 'mac');
  assert.equal(byMac.record.location.civic?.ROOM, '312');
  assert.equal(byMac.record.callerNumber, callerNumber(), 'the caller is known by the trunk’s own header');
  const reference = /^<(http[^>]+)>;loc-src=/.exec(headerOf(byMac.invite, 'Geolocation') ?? '')?.[1] ?? '';
  assert.match((await followLocationUri(reference.replace(PUBLIC_URL, http))).xml, /<ROOM>312<|ROOM[^<]*>312</);
  assert.equal(headerOf(byMac.invite, 'Geolocation-Routing'), 'yes');

  await administrator.must('PUT', '/api/devices/softphone-17/override', { responseLocationId });
  const byId = await call({ headers: ['X-Device-Id: "Softphone-17"'] });
  assert.equal(byId.record.location?.foundBy, 'device-override');
});

everyWay('by an ELIN as caller number', async () => {
  const { record, invite } = await call({ headers: [asserted(ELIN)] });
  assert.equal(record.location?.source, 'elin');
  assert.equal(record.location.erlId, responseLocationId);
  assert.equal(record.destination.sourceId, AUSTIN);
  assert.match(headerOf(invite, 'Geolocation') ?? '', /;loc-src=/);
});

everyWay('privacy hides nobody, redirections and errors are told', async () => {
  const { invite, record } = await call({
    headers: [
      'Privacy: id;header',
      'Diversion: <sip:4711@pbx.example.com>;reason=unconditional',
      'History-Info: <sip:4711@pbx.example.com>;index=1, <sip:911@pbx.example.com>;index=1.1',
      'Geolocation-Error: 201;code="Permission To Retransmit"',
      asserted(callerNumber()),
    ],
  });
  assert.equal(headerOf(invite, 'Privacy'), undefined);
  assert.ok(headerOf(invite, 'P-Asserted-Identity')?.includes(callerNumber()));
  assert.equal(headersOf(invite, 'History-Info').length, 1, 'and what tells of redirections stays');
  assert.match(reasonOf(record, 'identify-caller'), /History-Info names .*Diversion names .*privacy is asked for/);
  assert.match(reasonOf(record, 'attach-location'), /Geolocation-Error 201: permission to pass the location on/);
});

everyWay(
  'a destination that refuses the location (424) is passed over, with its Geolocation-Error in the trace',
  async (t) => {
    const picky = await startSippUas({
      scenario: 'uas-503',
      status: '424 Bad Location Information',
      headers: ['Geolocation-Error: 300;code="Dereference Failure"'],
    });
    t.after(() => picky.stop());
    const { id } = await operator.must<{ id: string }>('POST', '/api/psaps', {
      name: 'San Juan by SIPp',
      uri: picky.uri(),
      alternateUris: [psap.uri()],
      sourceId: 'us-county-72127',
    });
    t.after(() => operator.must('DELETE', `/api/psaps/${id}`));
    const { record } = await call({
      headers: ['Geolocation: <cid:here@example.com>', asserted(UNKNOWN)],
      body: locatedBody(pidf(18.4655, -66.1057)) as NonNullable<PhonePlan['body']>,
    });
    assert.deepEqual(
      record.attempts.map(({ outcome, status }) => [outcome, status]),
      [
        ['refused', 424],
        ['answered', 200],
      ],
    );
    assert.match(reasonOf(record, 'forward'), /Geolocation-Error 300: the reference could not be dereferenced/);
  },
);

everyWay('towards an ESInet: what we know goes on top of the body, by value', async (t) => {
  await withTrunk(t, { mode: 'esrp' });
  const { invite, report, record } = await call({ headers: [asserted(callerNumber())] });
  assert.equal(record.conveyed.form, 'value-added');
  const [cid = ''] = /cid:[^>]+/.exec(headersOf(invite, 'Geolocation')[0] ?? '') ?? [];
  const parts = readBodyParts({
    kind: 'request',
    method: 'INVITE',
    uri: '',
    headers: [{ name: 'Content-Type', value: headerOf(invite, 'Content-Type') ?? '' }],
    body: invite.body,
  });
  assert.equal(parts.length, 2);
  assert.ok(parts[0]?.bytes.equals(report.messages[0]?.body ?? Buffer.alloc(0)), 'the SDP byte for byte');
  const document = findPartByCid(parts, cid)?.bytes ?? Buffer.alloc(0);
  assertValid('pidf-lo', document);
  assert.equal(preferredLocation(decodePresence(document))?.civic?.A3, 'Austin');
});

everyWay(
  'towards an ESInet: a garbled location stays, the default comes first; nobody known has the country alone',
  async (t) => {
    await withTrunk(t, { mode: 'esrp' });
    const { invite, report, record } = await call({
      headers: ['Geolocation: <cid:here@example.com>', 'Geolocation-Routing: no', asserted(UNKNOWN)],
      body: locatedBody('no PIDF at all') as NonNullable<PhonePlan['body']>,
    });
    const [first, second] = headersOf(invite, 'Geolocation');
    assert.match(first ?? '', /^<cid:[\w-]+@esrp\.example\.net>;loc-src=esrp\.example\.net$/);
    assert.equal(second, '<cid:here@example.com>');
    assert.equal(headerOf(invite, 'Geolocation-Routing'), 'no');
    const sent = report.messages[0]?.body.toString('latin1') ?? '';
    const got = invite.body.toString('latin1');
    assert.ok(got.startsWith(sent.slice(0, sent.lastIndexOf('--part--'))), 'what stood in the body stands there');
    assert.match(got, /<method>Default<\/method>/);
    assert.equal(record.destination.kind, 'relay');
    assert.ok(record.flags.includes('no-location'));
  },
);

everyWay(
  'additional data: ours by reference, valid and fetched by who has it; what the call brings is untouched',
  async () => {
    const own = '<https://provider.example/1>;purpose=EmergencyCallData.ServiceInfo';
    const { invite, record } = await call({ headers: [`Call-Info: ${own}`, asserted(callerNumber())] });
    const values = headersOf(invite, 'Call-Info');
    assert.equal(values[0], own);
    assert.match(reasonOf(record, 'attach-location'), /additional data passed on: ServiceInfo by reference/);
    const ours = values.filter((value) => value.includes('/additional-data/'));
    assert.equal(ours.length, 4);
    for (const value of ours) {
      const uri = /<([^>]+)>/.exec(value)?.[1] ?? '';
      assert.ok(uri.startsWith(`${PUBLIC_URL}/`), 'by HTTPS (RFC 7852 §6.1)');
      const answer = await fetch(uri.replace(PUBLIC_URL, http));
      assert.equal(answer.status, 200, value);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/EmergencyCallData\.\w+\+xml/);
      assertValid('additional-data', await answer.text());
    }
    assert.equal((await fetch(`${http}/additional-data/SubscriberInfo/guessed`)).status, 404);
  },
);
