import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type DnsRecord, type DnsServer, startDnsServer } from '../../test/support/dns-server.ts';
import { ProblemError } from '../domain/problem.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createDnsClient, type DnsClient } from '../transport/dns-client.ts';
import type { SipTarget } from '../transport/sip-flow.ts';
import { openKnownServers } from './known-servers.ts';
import { createDestinationResolver } from './resolve-destination.ts';

const logger = createLogger('silent');
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const isProblem = (kind: string) => (error: unknown) => error instanceof ProblemError && error.kind === kind;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-dns-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `udp 192.0.2.1:5060`, with `~` where TCP may be taken too, and the name that TLS has to prove. */
function written({ protocol, address, port, orTcp, serverName }: SipTarget): string {
  return `${protocol}${orTcp ? '~' : ''} ${address}:${port}${serverName === undefined ? '' : ` ${serverName}`}`;
}

type Setting = {
  clock?: ManualClock;
  file?: string;
  canReach?: (address: string) => boolean;
  random?: () => number;
  hosts?: string;
};

/** A resolver that asks a name server of this test. */
async function withServer(t: TestContext, zone: Record<string, DnsRecord[]>, setting: Setting = {}) {
  const server = await startDnsServer(zone);
  t.after(() => server.stop());
  const hostsFile = join(folderOf(t), 'hosts');
  writeFileSync(hostsFile, setting.hosts ?? '');
  const clock = setting.clock ?? createManualClock();
  const known = openKnownServers({ file: setting.file, clock, logger });
  t.after(() => known.stop());
  const resolve = createDestinationResolver({
    clock,
    logger,
    deadlineMs: 1_500,
    // Its own limits are those of the wall clock: the server of the test answers or refuses.
    dns: createDnsClient({ servers: [server.address], clock: systemClock, hostsFile }),
    known,
    canReach: setting.canReach ?? (() => true),
    random: setting.random ?? (() => 0),
  });
  return { server, clock, known, targets: async (uri: string) => (await resolve(uri)).map(written) };
}

const A = (address: string, ttlSeconds = 60): DnsRecord => ({ type: 'A', address, ttlSeconds });
const AAAA = (address: string): DnsRecord => ({ type: 'AAAA', address });
const srv = (priority: number, weight: number, port: number, target: string): DnsRecord => ({
  type: 'SRV',
  priority,
  weight,
  port,
  target,
});

async function untilAsked(server: DnsServer, count: number): Promise<void> {
  while (server.questions.length < count) await settled();
}

suite('Servers of a SIP URI (RFC 3263 §4)', () => {
  test('addresses need no question; transport, port and maddr are those of the URI', async (t) => {
    const { server, targets } = await withServer(t, {});
    assert.deepEqual(await targets('sip:psap@192.0.2.1'), ['udp~ 192.0.2.1:5060']);
    assert.deepEqual(await targets('sip:psap@192.0.2.1;transport=udp'), ['udp 192.0.2.1:5060']);
    assert.deepEqual(await targets('sip:[2001:db8::1]:5070;transport=TCP'), ['tcp 2001:db8::1:5070']);
    assert.deepEqual(await targets('sip:psap@192.0.2.1:5081;transport=tls'), ['tls 192.0.2.1:5081 192.0.2.1']);
    // RFC 6881 SP-31: where TLS cannot be had the call goes on without it, unless the port says TLS and nothing else.
    assert.deepEqual(await targets('sips:psap@example.net;maddr=192.0.2.2'), [
      'tls 192.0.2.2:5061 example.net',
      'tcp 192.0.2.2:5060',
    ]);
    assert.equal(server.questions.length, 0);
    await assert.rejects(targets('tel:911'), isProblem('invalid'));
  });

  test('NAPTR names the transports in their order, SRV the servers, all of their addresses are tried', async (t) => {
    const naptr = (order: number, service: string, replacement: string): DnsRecord => ({
      type: 'NAPTR',
      order,
      preference: 10,
      service,
      replacement,
    });
    const { targets } = await withServer(t, {
      'psap.example.net': [
        naptr(30, 'SIP+D2U', '_sip._udp.psap.example.net'),
        naptr(10, 'SIPS+D2T', '_sips._tcp.psap.example.net'),
        naptr(5, 'SIP+D2S', '_sip._sctp.psap.example.net'),
        { ...naptr(1, 'SIP+D2T', 'x.example.net'), flags: 'u' } as DnsRecord,
      ],
      '_sips._tcp.psap.example.net': [srv(20, 1, 5071, 'b.example.net'), srv(10, 1, 5061, 'a.example.net')],
      '_sip._udp.psap.example.net': [srv(0, 0, 5060, 'a.example.net')],
      'a.example.net': [A('192.0.2.1'), AAAA('2001:db8::1')],
      'b.example.net': [A('192.0.2.2')],
    });
    assert.deepEqual(await targets('sip:911@PSAP.example.net'), [
      'tls 192.0.2.1:5061 psap.example.net',
      'tls 2001:db8::1:5061 psap.example.net',
      'tls 192.0.2.2:5071 psap.example.net',
      'udp 192.0.2.1:5060',
      'udp 2001:db8::1:5060',
    ]);
  });

  test('without NAPTR the services that exist count; without SRV the address and the default port', async (t) => {
    const { server, targets } = await withServer(t, {
      'srv.example.net': [A('192.0.2.9')],
      '_sip._tcp.srv.example.net': [srv(0, 0, 5080, 'a.example.net')],
      '_sip._udp.srv.example.net': [srv(0, 0, 0, '.')],
      'plain.example.net': [A('192.0.2.3')],
      'a.example.net': [A('192.0.2.1')],
    });
    assert.deepEqual(await targets('sip:srv.example.net'), ['tcp 192.0.2.1:5080']);
    assert.deepEqual(await targets('sip:plain.example.net'), ['udp~ 192.0.2.3:5060']);
    assert.deepEqual(await targets('sip:srv.example.net;transport=tcp'), ['tcp 192.0.2.1:5080']);
    assert.deepEqual(await targets('sips:plain.example.net'), [
      'tls 192.0.2.3:5061 plain.example.net',
      'tcp 192.0.2.3:5060',
    ]);
    server.questions.length = 0;
    assert.deepEqual(await targets('sip:srv.example.net:5090'), ['udp~ 192.0.2.9:5090']);
    assert.deepEqual(server.questions.sort(), ['A srv.example.net', 'AAAA srv.example.net'], 'a port settles it');
  });

  test('servers of one priority are drawn by weight', async (t) => {
    const draws = [0.99, 0, 0.1, 0];
    const { targets } = await withServer(
      t,
      {
        '_sip._udp.psap.example.net': [
          srv(10, 90, 1, 'a.example.net'),
          srv(10, 10, 2, 'a.example.net'),
          srv(5, 0, 3, 'a.example.net'),
        ],
        'a.example.net': [A('192.0.2.1')],
      },
      { random: () => draws.shift() ?? 0 },
    );
    const uri = 'sip:psap.example.net;transport=udp';
    assert.deepEqual(await targets(uri), ['udp 192.0.2.1:3', 'udp 192.0.2.1:2', 'udp 192.0.2.1:1']);
    draws.splice(0, draws.length, 0, 0.5, 0);
    assert.deepEqual(await targets(uri), ['udp 192.0.2.1:3', 'udp 192.0.2.1:1', 'udp 192.0.2.1:2']);
  });

  test('families without a socket are left out; the hosts file is asked first and says all', async (t) => {
    const { server, targets } = await withServer(
      t,
      { 'psap.example.net': [A('192.0.2.1'), AAAA('2001:db8::1')], 'six.example.net': [AAAA('2001:db8::1')] },
      { canReach: (address) => !address.includes(':'), hosts: '192.0.2.77 bench.example.net # the one in the rack\n' },
    );
    assert.deepEqual(await targets('sip:psap.example.net'), ['udp~ 192.0.2.1:5060']);
    await assert.rejects(targets('sip:six.example.net'), isProblem('upstream-failed'));
    server.questions.length = 0;
    assert.deepEqual(await targets('sip:bench.example.net'), ['udp~ 192.0.2.77:5060']);
    assert.deepEqual(server.questions, []);
  });
});

suite('Name servers that are slow, gone or wrong', () => {
  test('a hosts file that cannot be read keeps no name from being asked for', async (t) => {
    const server = await startDnsServer({ 'psap.example.net': [A('192.0.2.1')] });
    t.after(() => server.stop());
    // A folder in its place cannot be read by anybody.
    const dns = createDnsClient({ servers: [server.address], clock: systemClock, hostsFile: folderOf(t) });
    assert.deepEqual(dns.fromHostsFile('psap.example.net'), []);
    assert.deepEqual((await dns.addresses('psap.example.net')).addresses, ['192.0.2.1']);
  });

  test('many calls to one name ask once; within its lifetime nobody asks', async (t) => {
    const { server, clock, targets } = await withServer(t, { 'psap.example.net': [A('192.0.2.1', 30)] });
    await Promise.all([1, 2, 3].map(() => targets('sip:psap.example.net:5060')));
    assert.equal(server.questions.length, 2, 'A and AAAA');
    clock.advance(20_000);
    await targets('sip:psap.example.net:5060');
    assert.equal(server.questions.length, 2);
    clock.advance(5_000);
    assert.deepEqual(await targets('sip:psap.example.net:5060'), ['udp~ 192.0.2.1:5060']);
    await untilAsked(server, 4);
    assert.equal(server.questions.length, 4, 'renewed beside the call, before the end');
  });

  for (const how of ['servfail', 'garbage'] as const) {
    test(`what was known goes on to be used (${how}), also after a restart; news are taken`, async (t) => {
      const file = join(folderOf(t), 'known.json');
      const first = await withServer(t, { 'psap.example.net': [A('192.0.2.1', 30)] }, { file });
      await first.targets('sip:psap.example.net');
      first.clock.advance(3_600_000);
      first.server.behave(how);
      const during = first.targets('sip:psap.example.net');
      await settled();
      first.clock.advance(100);
      assert.deepEqual(await during, ['udp~ 192.0.2.1:5060']);
      await first.known.stop();

      const second = await withServer(t, {}, { file });
      second.server.behave(how);
      const again = second.targets('sip:psap.example.net');
      await settled();
      second.clock.advance(100);
      assert.deepEqual(await again, ['udp~ 192.0.2.1:5060']);

      const third = await withServer(t, { 'psap.example.net': [A('192.0.2.8')] }, { file });
      assert.deepEqual(await third.targets('sip:psap.example.net'), ['udp~ 192.0.2.8:5060']);
    });
  }

  test('a name that is unknown is waited for until the deadline, and not by the calls that follow', async (t) => {
    const { server, clock, targets } = await withServer(t, {});
    server.behave('silent');
    const calls = Promise.allSettled([1, 2].map(() => targets('sip:psap.example.net')));
    await settled();
    clock.advance(1_500);
    for (const call of await calls) assert.ok(call.status === 'rejected' && isProblem('upstream-timeout')(call.reason));
    server.behave('servfail');
    await assert.rejects(targets('sip:other.example.net'), isProblem('upstream-failed'));
    const asked = server.questions.length;
    await assert.rejects(targets('sip:other.example.net'), isProblem('upstream-failed'));
    assert.equal(server.questions.length, asked, 'refused at once');
    server.behave('well');
    server.zone.set('other.example.net', [A('192.0.2.5')]);
    clock.advance(5_000);
    assert.deepEqual(await targets('sip:other.example.net'), ['udp~ 192.0.2.5:5060']);
  });

  test('an unanswered question about SRV is no news that there is no such service', async () => {
    const clock = createManualClock();
    const known = openKnownServers({ file: undefined, clock, logger });
    let hasSrv = false;
    let address = '192.0.2.1';
    const dns: DnsClient = {
      addresses: () => Promise.resolve({ addresses: [address], ttlSeconds: 3_600 }),
      srv: (name) => {
        if (!hasSrv) return Promise.reject(new Error('lost'));
        return Promise.resolve(
          name.startsWith('_sip._udp') ? [{ priority: 0, weight: 0, port: 5070, name: 'sbc.example.net' }] : [],
        );
      },
      naptr: () => Promise.resolve([]),
      fromHostsFile: () => [],
    };
    const resolve = createDestinationResolver({ clock, logger, deadlineMs: 1_500, dns, known, canReach: () => true });
    const targets = async (): Promise<string[]> => (await resolve('sip:psap.example.net')).map(written);
    assert.deepEqual(await targets(), ['udp~ 192.0.2.1:5060'], 'better than nothing');
    hasSrv = true;
    clock.advance(31_000);
    assert.deepEqual(await targets(), ['udp 192.0.2.1:5070'], 'and asked again soon');
    hasSrv = false;
    clock.advance(301_000);
    assert.deepEqual(await targets(), ['udp 192.0.2.1:5070'], 'what was known');
    hasSrv = true;
    address = '192.0.2.2';
    clock.advance(5_001);
    assert.deepEqual(await targets(), ['udp 192.0.2.2:5070'], 'until they answer');
  });

  test('while name servers are silent, the system’s own way holds one thread at most', async (t) => {
    const server = await startDnsServer();
    t.after(() => server.stop());
    server.behave('silent');
    const clock = createManualClock();
    const asked: string[] = [];
    const dns = createDnsClient({
      servers: [server.address],
      clock,
      asksSystem: true,
      hostsFile: join(folderOf(t), 'hosts'),
      lookUp: (name) => {
        asked.push(name);
        return new Promise(() => undefined);
      },
    });
    const questions = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => dns.addresses(`${name}.example.net`)));
    clock.advance(800);
    await settled();
    clock.advance(800);
    for (const { status } of await questions) assert.equal(status, 'rejected');
    assert.deepEqual(asked, ['a.example.net']);
  });

  test('a late failure is nobody’s unhandled rejection', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const dns: DnsClient = {
      addresses: () => promise,
      srv: () => promise,
      naptr: () => promise,
      fromHostsFile: () => [],
    };
    const clock = createManualClock();
    const known = openKnownServers({ file: undefined, clock, logger });
    const resolve = createDestinationResolver({ clock, logger, deadlineMs: 1_500, dns, known, canReach: () => true });
    const call = Promise.resolve(resolve('sip:psap.example.net'));
    clock.advance(1_500);
    await assert.rejects(call, isProblem('upstream-timeout'));
    reject(new Error('ENOTFOUND'));
    await settled();
    assert.equal(clock.pending(), 0);
  });

  test('what is kept on disk is bounded, read back, and damage is left out', async (t) => {
    const file = join(folderOf(t), 'kept', 'known.json');
    const clock = createManualClock();
    const known = openKnownServers({ file, clock, logger });
    const server = (port: number) => ({ priority: 0, weight: 0, port, addresses: ['192.0.2.1'] });
    for (let number = 0; number < 1_100; number++) {
      known.note(`n${number}`, {
        services: [{ protocol: 'udp', orTcp: true, servers: [server(number)] }],
        by: 'address',
        ttlSeconds: 60,
      });
    }
    await known.stop();
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    assert.equal(Object.keys(kept).length, 1_000);
    assert.equal(kept.n0, undefined);
    writeFileSync(
      file,
      JSON.stringify({ ...kept, bad: { services: [{ protocol: 'smtp' }], ttlSeconds: 1 }, worse: 1 }),
    );
    const reopened = openKnownServers({ file, clock, logger });
    assert.equal(reopened.get('n1099')?.services[0]?.servers[0]?.port, 1_099);
    assert.ok(reopened.leftMs('n1099') <= 0, 'nobody vouches for it any more');
    assert.equal(reopened.get('bad') ?? reopened.get('worse'), undefined);
    writeFileSync(file, '{');
    assert.equal(openKnownServers({ file, clock, logger }).get('n1099'), undefined);
  });
});
