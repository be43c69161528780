/** The configuration that we recommend for an edge: Debian's Kamailio between SIPp phones and two nodes of Waymark. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '../support/certificates.ts';
import { runKamailio } from '../support/kamailio.ts';
import { skipWithout } from '../support/parts.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import {
  freePort,
  headersOf,
  type PhonePlan,
  type PhoneReport,
  type Psap,
  type PsapScenario,
  runSippUac,
  type SippMessage,
  startSippUas,
} from '../support/sipp.ts';

const RECIPE = readFileSync(new URL('../../deploy/kamailio/edge.cfg', import.meta.url), 'utf8');
/** The edge tells nodes from phones by their address. */
const NODE_HOSTS = ['127.0.0.11', '127.0.0.12'];

type Edge = { port: number; tlsPort: number; ca: string; log(): string; stop(): Promise<void>; isAlive(): boolean };

async function startEdge(nodeAddresses: readonly string[], believed = '127.0.0.0/8'): Promise<Edge> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-edge-'));
  const [port, tlsPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const { cert, key } = makeCertificate({ name: 'localhost' });
  const written = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const own: Readonly<Record<string, string>> = {
    'udp:127.0.0.1:5070': `udp:127.0.0.1:${port}`,
    'tcp:127.0.0.1:5070': `tcp:127.0.0.1:${port}`,
    'tls:127.0.0.1:5071': `tls:127.0.0.1:${tlsPort}`,
    '/etc/kamailio/edge.crt': written('edge.crt', cert),
    '/etc/kamailio/edge.key': written('edge.key', key),
    '/etc/kamailio/waymark-nodes.list': written('nodes', nodeAddresses.map((node) => `1 sip:${node}\n`).join('')),
    'sip:127.0.0.1:5060': `sip:${nodeAddresses[0]}`,
    'BELIEVED_NETWORKS!127.0.0.0/8': `BELIEVED_NETWORKS!${believed}`,
    // A second is long enough here to tell that a node is gone.
    'NODE_SILENCE 2000': 'NODE_SILENCE 1000',
    'DIALOG_SILENCE 4000': 'DIALOG_SILENCE 1000',
  };
  let script = RECIPE;
  for (const [shipped, here] of Object.entries(own)) {
    assert.equal(script.split(shipped).length, 2, `${shipped} stands in the recipe once`);
    script = script.replace(shipped, here);
  }
  const kamailio = await runKamailio(script, port);
  return {
    port,
    tlsPort,
    ca: cert,
    log: kamailio.log,
    isAlive: kamailio.isAlive,
    async stop() {
      await kamailio.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe('the recipe for an edge', { skip: skipWithout('kamailio') || skipWithout('sipp') }, () => {
  const nodes: RunningPlatform[] = [];
  let edge: Edge;
  let relayPort: number;

  before(async () => {
    relayPort = await freePort('127.0.0.1');
    const sipPort = await freePort('127.0.0.11');
    const addresses = NODE_HOSTS.map((host) => `${host}:${sipPort}`);
    for (const host of NODE_HOSTS) {
      const env = {
        WAYMARK_HOST: host,
        WAYMARK_SIP_PORT: String(sipPort),
        WAYMARK_SIP_ALIASES: addresses.join(','),
        // Nobody is known here: every call goes to the relay centre, which SIPp plays.
        WAYMARK_RELAY_URI: `sip:relay@127.0.0.1:${relayPort}`,
        WAYMARK_DEMO: '0',
      };
      nodes.push(await runPlatform({ env }));
    }
    edge = await startEdge(addresses);
  });
  after(async () => {
    await edge?.stop();
    for (const node of nodes) {
      await node.kill();
      removeData(node.dataDir);
    }
  });

  async function withRelay<Result>(scenario: PsapScenario, work: (relay: Psap) => Promise<Result>): Promise<Result> {
    const relay = await startSippUas({ scenario, port: relayPort });
    try {
      const result = await work(relay);
      assert.ok(edge.isAlive(), edge.log());
      return result;
    } finally {
      await relay.stop();
    }
  }

  async function call(plan: Partial<PhonePlan> = {}): Promise<PhoneReport> {
    const report = await runSippUac({
      scenario: 'uac-911',
      target: { address: '127.0.0.1', port: edge.port },
      ...plan,
    });
    assert.equal(report.exitCode, 0, `${report.errors}\n${edge.log()}`);
    return report;
  }

  /** What came, without the questions whether the destination is there. */
  const received = (relay: Psap): SippMessage[] =>
    relay
      .messages()
      .filter(({ direction, startLine }) => direction === 'received' && !startLine.startsWith('OPTIONS '));
  const methods = (relay: Psap): string[] => received(relay).map(({ startLine }) => startLine.split(' ')[0] ?? '');
  /** Which node sent this message on: the top Via is its own. */
  const nodeOf = (message: SippMessage | undefined): RunningPlatform | undefined =>
    nodes.find(({ sip }) => headersOf(message ?? assert.fail(), 'Via')[0]?.includes(sip));

  for (const protocol of ['udp', 'tcp'] as const) {
    test(`a call over ${protocol} reaches its destination through one node, and ends`, async () => {
      await withRelay('uas-200', async (relay) => {
        await call({ protocol });
        assert.deepEqual(methods(relay), ['INVITE', 'ACK', 'BYE']);
        assert.ok(nodeOf(received(relay)[0]));
      });
    });
  }

  test('calls are spread over the nodes', async () => {
    await withRelay('uas-200', async (relay) => {
      await call({ calls: 4 });
      const invites = received(relay).filter(({ startLine }) => startLine.startsWith('INVITE '));
      assert.equal(new Set(invites.map(nodeOf)).size, 2);
    });
  });

  test('a phone over TLS', async () => {
    await withRelay('uas-200', async (relay) => {
      const target = { address: '127.0.0.1', port: edge.tlsPort };
      const report = await call({ protocol: 'tls', tls: { ca: edge.ca }, target });
      assert.match(report.tlsVersion ?? '', /^TLSv1\.[23]$/);
      assert.deepEqual(methods(relay), ['INVITE', 'ACK', 'BYE']);
    });
  });

  for (const protocol of ['udp', 'tcp'] as const) {
    test(`a phone behind NAT over ${protocol}: the destination’s BYE finds it`, async () => {
      await withRelay('uas-hangs-up', async (relay) => {
        const report = await call({ scenario: 'uac-behind-nat', protocol });
        const bye = report.messages.find(({ startLine }) => startLine.startsWith('BYE '));
        assert.match(bye?.startLine ?? '', /192\.168\.77\.7/, 'by the name that the phone gave itself');
        assert.deepEqual(methods(relay).slice(0, 2), ['INVITE', 'ACK']);
      });
    });
  }

  test('an asserted identity is passed on from networks that are believed, and from no other', async () => {
    const headers = ['P-Asserted-Identity: <tel:+12025550177>'];
    const strict = await startEdge(
      nodes.map(({ sip }) => sip),
      '192.0.2.0/24',
    );
    try {
      await withRelay('uas-200', async (relay) => {
        await call({ headers });
        await call({ headers, target: { address: '127.0.0.1', port: strict.port } });
        const invites = received(relay).filter(({ startLine }) => startLine.startsWith('INVITE '));
        const asserted = invites.map((invite) => headersOf(invite, 'P-Asserted-Identity').join());
        assert.match(asserted[0] ?? '', /12025550177/);
        assert.doesNotMatch(asserted[1] ?? '', /12025550177/);
      });
    } finally {
      await strict.stop();
    }
  });

  test('a call that no datagram holds goes on over TCP', async () => {
    await withRelay('uas-200', async (relay) => {
      const text = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=x:${'y'.repeat(3_000)}\r\n`;
      await call({ body: { contentType: 'application/sdp', text } });
      assert.ok((received(relay)[0]?.body.length ?? 0) > 3_000);
    });
  });

  test('a node that is gone: its dialog goes on, new calls go to the other', async () => {
    await withRelay('uas-200', async (relay) => {
      // Its BYE is not answered here: SIPp answers to where the call came from first, and that is the node that is gone.
      const calling = runSippUac({
        scenario: 'uac-911',
        target: { address: '127.0.0.1', port: edge.port },
        holdMs: 1_500,
      });
      await relay.waitFor('ACK');
      const gone = nodeOf(received(relay)[0]);
      assert.ok(gone);
      await gone.kill();
      const [bye] = await relay.waitFor('BYE');
      assert.ok(nodeOf(bye));
      assert.notEqual(nodeOf(bye), gone, 'by the other node');
      await calling;
      const seen = received(relay).length;
      await call({ calls: 3 });
      const invites = received(relay)
        .slice(seen)
        .filter(({ startLine }) => startLine.startsWith('INVITE '));
      assert.deepEqual([...new Set(invites.map(nodeOf))], [nodeOf(bye)]);
    });
  });
});
