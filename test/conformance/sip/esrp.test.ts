/**
 * What NENA i3 and RFC 3261 ask of an element that routes emergency calls, seen by SIPp at both ends over UDP, TCP and TLS. The table
 * of behaviours is docs/conformance/esrp.md.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ORGANIZATION_ID } from '../../../src/calls/testing/fake-lookups.ts';
import type { Scope } from '../../../src/domain/scope.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { createDnsClient } from '../../../src/transport/dns-client.ts';
import { encodePresence } from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { type DnsRecord, startDnsServer } from '../../support/dns-server.ts';
import { locatedBody } from '../../support/located-body.ts';
import { skipWithout } from '../../support/parts.ts';
import { eventually } from '../../support/platform-client.ts';
import {
  freePort,
  headerOf,
  headersOf,
  type Psap,
  runSippUac,
  type SippMessage,
  startSippUas,
} from '../../support/sipp.ts';
import {
  methods,
  openSippScenes,
  recordOf,
  SIPP_PROTOCOLS,
  type SippScenes,
  withoutRepeats,
} from '../../support/sipp-scenes.ts';
import { PSAP_NAME } from '../../support/sipp-tls.ts';

const skip = skipWithout('sipp');
const WAIT_MS = 10_000;
const SCOPE: Scope = {
  organizationId: ORGANIZATION_ID,
  homeOrganizationId: ORGANIZATION_ID,
  tokenId: 'token',
  trackingId: 'tracking',
  role: 'fullAdmin',
  scopes: new Set(),
};

let scenes: SippScenes;

before(async () => {
  if (skip === false) scenes = await openSippScenes();
});

after(() => scenes?.close());

function firstInvite(psap: Psap | undefined): SippMessage {
  const invite = psap?.messages().find(({ startLine }) => startLine.startsWith('INVITE '));
  assert.ok(invite, 'it was called');
  return invite;
}

const AUSTIN = encodePresence({
  entity: 'pres:phone@example.com',
  locations: [{ civic: { country: 'US', A1: 'TX', A3: 'Austin', RD: 'Congress', STS: 'Ave', HNO: '1100' } }],
});
const IDS = [
  '<urn:emergency:uid:callid:0123456789abcdef:bcf.example.org>;purpose=emergency-CallId',
  '<urn:emergency:uid:incidentid:fedcba9876543210:bcf.example.org>;purpose=emergency-IncidentId',
];

for (const protocol of SIPP_PROTOCOLS) {
  test(`a service URN stays, and so does every header and every byte of a multipart body (${protocol})`, {
    skip,
  }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-200' }], async ({ world, psaps: [psap], phone }) => {
      const headers = [
        'Geolocation: <cid:here@example.com>, <https://lis.example.org/l/7>',
        'Geolocation-Routing: yes',
        'P-Asserted-Identity: <sip:+12145550100@example.com;user=phone>',
        ...IDS.map((id) => `Call-Info: ${id}`),
        'Subject: help',
        'User-Agent: Phone/7 (odd; "quoted")',
        'X-Vendor: one',
        'X-Vendor: two',
        'History-Info: <sip:911@pbx.example.com>;index=1',
      ];
      const report = await phone({
        scenario: 'uac-911',
        requestUri: 'urn:service:sos.fire',
        headers,
        body: locatedBody(AUSTIN),
      });
      assert.equal(report.exitCode, 0, report.errors);
      const sent = firstInvite(psap && { ...psap, messages: () => report.messages });
      const invite = firstInvite(psap);
      assert.equal(invite.startLine, 'INVITE urn:service:sos.fire SIP/2.0');
      assert.ok(invite.body.equals(sent.body), 'the body byte for byte');
      const ours = new Set(['via', 'max-forwards', 'route', 'record-route', 'call-info']);
      const kept = (message: SippMessage): string[] =>
        message.headers
          .filter(({ name }) => !ours.has(name.toLowerCase()))
          .map(({ name, value }) => `${name}: ${value}`);
      assert.deepEqual(kept(invite), kept(sent), 'in their order, nothing added and nothing taken away');
      const emergencyIds = headersOf(invite, 'Call-Info').filter((value) => value.includes('urn:emergency:uid:'));
      assert.deepEqual(emergencyIds, IDS, 'identifiers that were brought are kept, and no others made');
      const route = headerOf(invite, 'Route') ?? '';
      assert.ok(psap && route.startsWith(`<${psap.uri('psap-0')}`) && route.endsWith(';lr>'), route);
      const vias = headersOf(invite, 'Via').flatMap((value) => value.split(/,\s*/));
      assert.equal(vias.length, 2, 'ours above that of the phone');
      assert.ok(vias[0]?.startsWith(`SIP/2.0/${protocol.toUpperCase()} `));
      assert.equal(headerOf(invite, 'Max-Forwards'), '69');
      assert.ok(headerOf(invite, 'Record-Route'));
      assert.equal((await recordOf(world, report, 'completed')).location?.source, 'conveyed-value');
    });
  });

  test(`a dialled 911 becomes urn:service:sos, 9911 too; identifiers are made where none came (${protocol})`, {
    skip,
  }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-200' }], async ({ psaps: [psap], phone }) => {
      for (const dialled of ['sip:911@127.0.0.1;user=phone', 'sip:9911@127.0.0.1', 'tel:911']) {
        const report = await phone({ scenario: 'uac-911', requestUri: dialled });
        assert.equal(report.exitCode, 0, `${dialled}: ${report.errors}`);
      }
      const invites = psap?.messages().filter(({ startLine }) => startLine.startsWith('INVITE ')) ?? [];
      assert.equal(new Set(invites.map((invite) => headerOf(invite, 'Call-ID'))).size, 3);
      for (const invite of invites) {
        assert.equal(invite.startLine, 'INVITE urn:service:sos SIP/2.0');
        const ids = headersOf(invite, 'Call-Info').join(', ');
        assert.match(
          ids,
          /<urn:emergency:uid:callid:[0-9a-zA-Z]{10,32}:waymark\.example\.net>;purpose=emergency-CallId/,
        );
        assert.match(
          ids,
          /<urn:emergency:uid:incidentid:[0-9a-zA-Z]{10,32}:waymark\.example\.net>;purpose=emergency-IncidentId/,
        );
      }
    });
  });

  test(`a destination that wants its own URI gets it (${protocol})`, { skip }, async () => {
    await scenes.play(
      protocol,
      [{ scenario: 'uas-200' }],
      async ({ psaps: [psap], phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        assert.equal(firstInvite(psap).startLine, `INVITE ${psap?.uri('psap-0')} SIP/2.0`);
        assert.equal(headerOf(firstInvite(psap), 'Route'), undefined);
      },
      { plainSipUser: true },
    );
  });

  test(`OPTIONS is answered 200, also for an emergency number, and calls nobody (${protocol})`, { skip }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-200' }], async ({ world, psaps: [psap], relay, phone }) => {
      const before = (await world.records()).length;
      for (const requestUri of ['sip:127.0.0.1', 'sip:911@127.0.0.1', 'urn:service:sos']) {
        const report = await phone({ scenario: 'proxy/uac-options', requestUri });
        assert.equal(report.exitCode, 0, `${requestUri}: ${report.errors}`);
        const answer = report.messages.at(-1);
        assert.ok(answer && headerOf(answer, 'Allow')?.includes('INVITE'));
      }
      assert.deepEqual([...methods(psap?.messages() ?? []), ...methods(relay.messages())], []);
      assert.equal((await world.records()).length, before);
    });
  });

  test(`trunks and relay centres are asked by OPTIONS whether they live, and it is told (${protocol})`, {
    skip,
  }, async () => {
    await scenes.play(
      protocol,
      [{ scenario: 'proxy/uas-options', status: '200 OK' }],
      async ({ world, psaps: [sbc], relay }) => {
        assert.ok(sbc);
        const trunk = await world.calls.createTrunk(SCOPE, {
          name: `Monitored ${protocol}`,
          addresses: ['192.0.2.77'],
          isMonitored: true,
          contactUri: sbc.uri('sbc'),
        });
        try {
          for (const snapshot of world.calls.snapshots) await snapshot.loadFromDatabase();
          await sbc.waitFor('OPTIONS', 2);
          const states = await eventually('both are known to live', WAIT_MS, () => {
            const all = world.calls.listDestinations();
            return Promise.resolve(all.filter(({ state }) => state === 'up').length === 2 ? all : undefined);
          });
          assert.deepEqual(new Set(states.map(({ serves }) => serves[0]?.kind)), new Set(['relay', 'trunk']));
          assert.ok(methods(relay.messages()).includes('OPTIONS'));
        } finally {
          await world.calls.removeTrunk(SCOPE, trunk.id);
        }
      },
      { deps: { probeIntervalMs: 300 } },
    );
  });

  test(`used-up Max-Forwards are renewed: a call for help goes on (${protocol})`, { skip }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-200' }], async ({ psaps: [psap], phone }) => {
      const report = await phone({ scenario: 'proxy/uac-last-hop' });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(Number(headerOf(firstInvite(psap), 'Max-Forwards')) > 1);
    });
  });

  test(`a PSAP whose address is ours: the loop is seen, the relay centre has the call (${protocol})`, {
    skip,
  }, async () => {
    const port = await freePort('127.0.0.1');
    const transport = protocol === 'udp' ? '' : `;transport=${protocol}`;
    await scenes.play(
      protocol,
      [`sip:psap@127.0.0.1:${port}${transport}`],
      async ({ world, relay, phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        assert.deepEqual(withoutRepeats(methods(relay.messages())), ['INVITE', 'ACK', 'BYE']);
        const { attempts } = await recordOf(world, report, 'completed');
        assert.deepEqual(
          attempts.map(({ status }) => status),
          [482, 200],
        );
      },
      protocol === 'tls' ? { tls: scenes.tls.node(port) } : { port },
    );
  });

  test(`a PSAP by name: NAPTR, SRV whose first server is down, AAAA; and again when the name servers are gone (${protocol})`, {
    skip,
  }, async () => {
    const psap = await startSippUas({ scenario: 'uas-200', protocol, host: '::1', tls: scenes.tls.peer });
    const service = { udp: 'SIP+D2U', tcp: 'SIP+D2T', tls: 'SIPS+D2T' }[protocol];
    const name = `${{ udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' }[protocol]}.${PSAP_NAME}`;
    const srv = (priority: number, port: number): DnsRecord => ({
      type: 'SRV',
      priority,
      weight: 0,
      port,
      target: `host.${PSAP_NAME}`,
    });
    const dnsServer = await startDnsServer({
      [PSAP_NAME]: [{ type: 'NAPTR', order: 1, preference: 1, service, replacement: name, flags: 's' }],
      [name]: [srv(10, await freePort('::1')), srv(20, psap.port)],
      [`host.${PSAP_NAME}`]: [{ type: 'AAAA', address: '::1', ttlSeconds: 5 }],
    });
    let isGone = false;
    const dns = createDnsClient({ servers: [dnsServer.address], clock: systemClock });
    try {
      await scenes.play(
        protocol,
        [`sip:psap@${PSAP_NAME}`],
        async ({ relay, phone }) => {
          const first = await phone({ scenario: 'uac-911' });
          assert.equal(first.exitCode, 0, first.errors);
          assert.ok(dnsServer.questions.some((question) => question.startsWith('NAPTR ')));
          await dnsServer.stop();
          isGone = true;
          const second = await phone({ scenario: 'uac-911' });
          assert.equal(second.exitCode, 0, second.errors);
          await psap.waitFor('BYE', 2);
          assert.deepEqual(methods(relay.messages()), []);
          if (protocol === 'tls') assert.equal(psap.connections, 1, 'both calls over one connection');
        },
        { hosts: ['127.0.0.1', '::1'], deps: { dns }, silenceMs: 1_000 },
      );
    } finally {
      await psap.stop();
      if (!isGone) await dnsServer.stop();
    }
  });
}

for (const protocol of ['tcp', 'tls'] as const) {
  test(`calls to one PSAP share a connection (${protocol})`, { skip }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-200', reconnects: true }], async ({ psaps: [psap], phone }) => {
      const report = await phone({ scenario: 'uac-911', calls: 5 });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(psap);
      await psap.waitFor('BYE', 5);
      assert.equal(psap.connections, 1);
    });
  });
}

const LARGE_BODY = {
  contentType: 'application/sdp',
  text: `v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0\n${'a=x-padding:0123456789\n'.repeat(100)}`,
};

test('a large call moves to TCP, to a PSAP that has none it goes by UDP', { skip }, async () => {
  const [udp, udpAlone] = [await startSippUas({ scenario: 'uas-200' }), await startSippUas({ scenario: 'uas-200' })];
  const tcp = await startSippUas({ scenario: 'uas-200', protocol: 'tcp', port: udp.port });
  try {
    for (const [psap, expected] of [
      [udp, tcp],
      [udpAlone, udpAlone],
    ] as const) {
      await scenes.play('udp', [psap.uri('psap-0')], async ({ world, relay }) => {
        const target = world.target('udp');
        const report = await runSippUac({ scenario: 'uac-911', caller: '+12145550100', target, body: LARGE_BODY });
        assert.equal(report.exitCode, 0, report.errors);
        assert.ok(firstInvite(expected).body.length > 2_000);
        assert.deepEqual(methods(relay.messages()), []);
      });
    }
    assert.deepEqual(methods(udp.messages()), [], 'nothing of it by UDP where there is TCP');
  } finally {
    for (const psap of [udp, udpAlone, tcp]) await psap.stop();
  }
});
