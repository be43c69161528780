/**
 * ELINs and callbacks, seen at both ends by SIPp against a running platform: the number that a PSAP gets, and what becomes of a call
 * to it (decision 63; RFC 3325 §9.1, RFC 4916 §4, RFC 6881 SP-35, RFC 7090 §4).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CallItem } from '../../../src/calls/calls.ts';
import { askHeld } from '../../support/journey-steps.ts';
import { skipWithout } from '../../support/parts.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../../support/platform-client.ts';
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

const skip = skipWithout('sipp');
const AUSTIN = 'us-county-48453';
const WAIT_MS = 20_000;
const ELIN = '+15125550166';
const DOMAIN = 'esrp.example.net';

let server: RunningPlatform;
let operator: PlatformClient;
let administrator: PlatformClient;
let psap: Psap;
let responseLocationId: string;
let locationUri: string;
let trunkId: string;
let tls: SippTls;
let tlsPort: number;

type Binding = { number: string; caller: string; callId: string; isActive: boolean };

before(async () => {
  if (skip !== false) return;
  tls = makeSippTls();
  tlsPort = await freePort('127.0.0.1');
  psap = await startSippUas({ scenario: 'uas-200' });
  server = await runPlatform({
    env: {
      WAYMARK_RELAY_URI: psap.uri('relay'),
      WAYMARK_SIP_DOMAIN: DOMAIN,
      WAYMARK_SIP_TLS_PORT: String(tlsPort),
      ...tls.env,
    },
  });
  const { tokens, locations, examples = {}, companyId = '' } = server.firstRun();
  operator = openClient(server.http, tokens.operator);
  administrator = openClient(server.http, tokens.fullAdmin ?? '');
  await operator.must('POST', '/api/psaps', { name: 'Austin by SIPp', uri: psap.uri(), sourceId: AUSTIN });
  const { items } = await administrator.must<{ items: { kind: string; responseLocationId: string }[] }>(
    'GET',
    '/api/wire-map?max=100',
  );
  responseLocationId = items.find(({ kind }) => kind === 'switch-port')?.responseLocationId ?? '';
  await administrator.must('PATCH', `/api/response-locations/${responseLocationId}`, { elins: [ELIN] });
  for (const extension of ['4720', '4721', '4722']) {
    const { id } = await administrator.must<{ id: string }>('POST', '/api/members', {
      kind: 'PEOPLE',
      locationId: locations?.[0]?.id,
      firstName: `Extension ${extension}`,
      extension,
    });
    const personId = Buffer.from(`ciscospark://us/PEOPLE/${id}`).toString('base64url');
    // The last may not use ELINs: its location's number stands in for it.
    const body = { selected: 'LOCATION_ECBN', elinEnabled: extension !== '4722' };
    await administrator.must('PUT', `/v1/telephony/config/people/${personId}/emergencyCallbackNumber`, body);
  }
  ({ locationUri } = await askHeld(server.http, {
    companyId,
    chassis: examples['switchChassis'] ?? '',
    port: examples['switchPort'] ?? '',
  }));
  const trunk = { name: 'PBX', addresses: ['127.0.0.1'], contactUri: 'sip:127.0.0.1:9' };
  ({ id: trunkId } = await administrator.must<{ id: string }>('POST', '/api/trunks', trunk));
});

after(async () => {
  if (skip !== false) return;
  await server.stop();
  removeData(server.dataDir);
  await psap.stop();
  tls.remove();
});

async function call(plan: Partial<PhonePlan>): Promise<PhoneReport> {
  const target = { address: '127.0.0.1', port: server.sipPort };
  const report = await runSippUac({ scenario: 'uac-911', ...plan, target });
  assert.equal(report.exitCode, 0, report.errors);
  return report;
}

const inviteTo = (messages: readonly SippMessage[], report: PhoneReport): SippMessage => {
  const callId = report.messages[0] && headerOf(report.messages[0], 'Call-ID');
  const invite = messages.find(
    (message) => message.startLine.startsWith('INVITE ') && headerOf(message, 'Call-ID') === callId,
  );
  assert.ok(invite, 'the call arrived');
  return invite;
};

function recordOf(report: PhoneReport): Promise<CallItem> {
  const callId = report.messages[0] && headerOf(report.messages[0], 'Call-ID');
  return eventually(`the record of ${callId}`, WAIT_MS, async () =>
    (await listAllCalls(operator)).find((one) => one.callId === callId && one.outcome === 'completed'),
  );
}

const callForHelp = (caller: string): Promise<PhoneReport> =>
  call({ caller, headers: [`Geolocation: <${locationUri}>`] });

async function bindings(): Promise<Binding[]> {
  return (await administrator.must<{ items: Binding[] }>('GET', '/api/elin-bindings?active=true')).items;
}

/** The trunk is as a call finds it: the change has reached memory. */
async function changeTrunk(changes: object): Promise<void> {
  await administrator.must('PATCH', `/api/trunks/${trunkId}`, changes);
}

for (const protocol of ['udp', 'tcp', 'tls'] as const satisfies readonly SippProtocol[]) {
  test(`a call to an ELIN reaches the extension that called last, by its trunk: ${protocol}`, { skip }, async () => {
    const pbx = await startSippUas({ scenario: 'uas-200', protocol, tls: tls.peer });
    try {
      await changeTrunk({
        contactUri: `${pbx.uri('pbx')}${pbx.uri('pbx').includes('transport=') ? '' : `;transport=${protocol}`}`,
      });
      for (const extension of ['4720', '4721']) {
        const emergency = await callForHelp(extension);
        const [asserted] = headersOf(inviteTo(psap.messages(), emergency), 'P-Asserted-Identity');
        assert.equal(asserted, `<sip:${ELIN}@${DOMAIN};user=phone>`);
        const record = await recordOf(emergency);
        assert.equal(record.callbackNumber, ELIN);
        const [bound] = await bindings();
        assert.deepEqual([bound?.number, bound?.caller, bound?.callId], [ELIN, extension, record.id]);

        const callback = await eventually('the changed trunk is known', WAIT_MS, async () => {
          const tried = await runSippUac({
            scenario: 'uac-911',
            protocol,
            tls: tls.peer,
            caller: '+15125550911',
            headers: ['Priority: psap-callback'],
            requestUri: `sip:${ELIN}@127.0.0.1:${server.sipPort}`,
            target: { address: '127.0.0.1', port: protocol === 'tls' ? tlsPort : server.sipPort },
          });
          return pbx.messages().length > 0 && tried.exitCode === 0 ? tried : undefined;
        });
        const delivered = inviteTo(pbx.messages(), callback);
        assert.match(delivered.startLine, new RegExp(`^INVITE sip:${extension}@127\\.0\\.0\\.1:${pbx.port}[; ]`));
        assert.equal(headerOf(delivered, 'Max-Forwards'), '69');
        assert.deepEqual(headersOf(delivered, 'Priority'), [], 'nobody vouches for a PSAP');
        assert.ok(headerOf(delivered, 'Record-Route'));
        const sent = callback.messages[0];
        assert.ok(sent && delivered.body.equals(sent.body));
        for (const name of ['From', 'To', 'CSeq', 'Contact']) {
          assert.equal(headerOf(delivered, name), headerOf(sent, name), name);
        }
        const methods = pbx
          .messages()
          .filter((one) => one.direction === 'received' && headerOf(one, 'Call-ID') === headerOf(sent, 'Call-ID'))
          .map(({ startLine }) => startLine.split(' ')[0]);
        assert.deepEqual(methods, ['INVITE', 'ACK', 'BYE']);
        const came = await recordOf(callback);
        assert.deepEqual([came.kind, came.destination.kind], ['callback', 'caller']);
      }
      // One number for two callers: the record of the second says so.
      const exhausted = (await listAllCalls(operator)).filter(({ flags }) => flags.includes('elin-exhausted'));
      assert.ok(exhausted.length > 0);
      assert.ok(exhausted.every(({ kind }) => kind === '911'));
    } finally {
      await pbx.stop();
    }
  });
}

test('who may not use ELINs is called back on what stands in for it', { skip }, async () => {
  const emergency = await callForHelp('4722');
  const [asserted] = headersOf(inviteTo(psap.messages(), emergency), 'P-Asserted-Identity');
  assert.match(asserted ?? '', new RegExp(`^<sip:\\+1\\d{10}@${DOMAIN.replaceAll('.', '\\.')};user=phone>$`));
  assert.ok(!asserted?.includes(ELIN));
});

for (const protocol of ['udp', 'tcp', 'tls'] as const satisfies readonly SippProtocol[]) {
  test(`a PSAP that calls back is marked, whoever only says so reaches nobody: ${protocol}`, { skip }, async () => {
    const pbx = await startSippUas({ scenario: 'uas-200', protocol, tls: tls.peer });
    try {
      const contact = pbx.uri('pbx');
      await changeTrunk({
        contactUri: contact.includes('transport=') ? contact : `${contact};transport=${protocol}`,
        callbackHeaders: ['P-Asserted-Identity'],
      });
      const caller = server.firstRun().examples?.['callerNumber'] ?? '';
      const emergency = await callForHelp(caller);
      const { callbackNumber } = await recordOf(emergency);
      assert.ok(callbackNumber);

      const callBack = (headers: readonly string[]): Promise<PhoneReport> =>
        runSippUac({
          scenario: 'uac-911',
          protocol,
          tls: tls.peer,
          caller: '+15125550911',
          headers,
          requestUri: `sip:${callbackNumber}@127.0.0.1:${server.sipPort}`,
          target: { address: '127.0.0.1', port: protocol === 'tls' ? tlsPort : server.sipPort },
        });
      // RFC 7090 §5.3: over a trunk, what it asserts tells a PSAP from everybody else behind it.
      const fromPsap = await eventually('the changed trunk is known', WAIT_MS, async () => {
        const tried = await callBack([`P-Asserted-Identity: <${psap.uri()}>`]);
        return pbx.messages().length > 0 && tried.exitCode === 0 ? tried : undefined;
      });
      assert.deepEqual(headersOf(inviteTo(pbx.messages(), fromPsap), 'Priority'), ['psap-callback']);

      const heard = pbx.messages().length;
      const { messages } = await callBack(['Priority: psap-callback']);
      assert.equal(messages[1]?.startLine, 'SIP/2.0 404 Not Found');
      assert.equal(pbx.messages().length, heard, 'nobody else reaches a caller by the number of an emergency call');
    } finally {
      await pbx.stop();
    }
  });
}

test('the trunk says which headers name the callback number; the phone gets its own From back', { skip }, async () => {
  await changeTrunk({ callbackHeaders: ['From', 'P-Preferred-Identity'] });
  const emergency = await eventually('the changed trunk is known', WAIT_MS, async () => {
    const tried = await callForHelp('4720');
    return headerOf(inviteTo(psap.messages(), tried), 'P-Preferred-Identity') === undefined ? undefined : tried;
  });
  const invite = inviteTo(psap.messages(), emergency);
  assert.deepEqual(headersOf(invite, 'P-Preferred-Identity'), [`<sip:${ELIN}@${DOMAIN};user=phone>`]);
  assert.deepEqual(headersOf(invite, 'P-Asserted-Identity'), []);
  assert.match(
    headerOf(invite, 'From') ?? '',
    new RegExp(`^"Phone" <sip:\\${ELIN}@esrp\\.example\\.net;user=phone>;tag=`),
  );
  const sent = emergency.messages[0];
  assert.ok(sent);
  for (const answer of emergency.messages.filter(({ startLine }) => startLine.startsWith('SIP/2.0'))) {
    assert.equal(headerOf(answer, 'From'), headerOf(sent, 'From'), answer.startLine);
  }
});
