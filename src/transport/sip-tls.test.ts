import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { type CertificateWish, makeCertificate, type TestCertificate } from '../../test/support/certificates.ts';
import { ProblemError } from '../domain/problem.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { headerValue, type SipMessage, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { SipFlow, SipTarget } from './sip-flow.ts';
import { createSipTransport, type SipTransportDeps, type SipTransportEvent } from './sip-transport.ts';
import { openTlsFiles } from './tls-files.ts';

const WAIT_MS = 5_000;
const logger = createLogger('silent');
const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const otherAuthority = makeCertificate({ name: 'Another Authority', isAuthority: true });

function issued(dnsNames: string[], wish: Partial<CertificateWish> = {}): TestCertificate {
  return makeCertificate({ name: 'peer', issuer: authority, alternatives: { dnsNames }, ...wish });
}

function within<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`nothing came within ${WAIT_MS} ms`)), WAIT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

type Arrival = { message: SipMessage; flow: SipFlow };

/** A transport with TLS that queues what it receives. */
async function startPeer(t: TestContext, certificate: TestCertificate, deps: Partial<SipTransportDeps> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-sip-tls-'));
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') };
  writeFileSync(paths.cert, certificate.cert);
  writeFileSync(paths.key, certificate.key);
  writeFileSync(paths.ca, authority.cert);
  const clock = createManualClock(Date.now());
  const queue: Arrival[] = [];
  const waiting: ((arrival: Arrival) => void)[] = [];
  const events: SipTransportEvent[] = [];
  const transport = createSipTransport({
    hosts: ['127.0.0.1', '::1'],
    port: 0,
    tls: { port: 0, files: openTlsFiles(paths, { clock, logger }) },
    isTrusted: () => true,
    logger,
    clock,
    onEvent: (event) => events.push(event),
    ...deps,
  });
  await transport.listen((message, flow) => {
    const next = waiting.shift();
    if (next) next({ message, flow });
    else queue.push({ message, flow });
  });
  t.after(async () => {
    await transport.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const port = transport.addresses.find(({ protocol }) => protocol === 'tls')?.port ?? 0;
  return {
    transport,
    events,
    clock,
    port,
    paths,
    next: (): Promise<Arrival> => {
      const ready = queue.shift();
      return ready ? Promise.resolve(ready) : within(new Promise((resolve) => void waiting.push(resolve)));
    },
    target: (serverName: string | undefined, address = '127.0.0.1'): SipTarget => ({
      protocol: 'tls',
      address,
      port,
      ...(serverName !== undefined && { serverName }),
    }),
  };
}

function optionsRequest(via: string, callId = 'c1'): SipRequest {
  return {
    kind: 'request',
    method: 'OPTIONS',
    uri: 'sip:test@example.com',
    headers: [
      { name: 'Via', value: via },
      { name: 'From', value: '<sip:a@example.com>;tag=1' },
      { name: 'To', value: '<sip:test@example.com>' },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: '1 OPTIONS' },
    ],
    body: Buffer.alloc(0),
  };
}

const isRefused = (pattern: RegExp) => (error: unknown) =>
  error instanceof ProblemError && error.kind === 'upstream-failed' && pattern.test(error.message);

suite('SIP over TLS', () => {
  for (const address of ['127.0.0.1', '::1']) {
    test(`a request and its answer cross TLS on ${address}; both sides know each other's names`, async (t) => {
      const caller = await startPeer(t, issued(['trunk.example.com']));
      const callee = await startPeer(t, issued(['PSAP.example.net']));
      const target = callee.target('psap.example.net', address);
      const sentBy = caller.transport.sentBy(target);
      assert.ok(sentBy.endsWith(`:${caller.port}`), 'the port of TLS');
      await caller.transport.send(optionsRequest(`SIP/2.0/TLS ${sentBy};branch=z9hG4bK1;rport`), target);
      const { message, flow } = await callee.next();
      assert.equal(flow.protocol, 'tls');
      assert.deepEqual(flow.peerNames, ['trunk.example.com']);
      assert.ok(message.kind === 'request');
      assert.match(headerValue(message, 'Via') ?? '', new RegExp(`;rport=${flow.remotePort};`));
      await callee.transport.send(createResponse(message, 200), flow);
      const answer = await caller.next();
      assert.equal(answer.message.kind, 'response');
      assert.deepEqual(answer.flow.peerNames, ['psap.example.net']);
    });
  }

  test('a peer that does not speak for the name is not called: wrong name, wildcard, other authority, expired', async (t) => {
    const caller = await startPeer(t, issued(['trunk.example.com']));
    const dayMs = 86_400_000;
    const impostors: [TestCertificate, RegExp][] = [
      [issued(['other.example.net']), /speaks for other\.example\.net, not for psap\.example\.net/],
      [issued(['*.example.net']), /speaks for \*\.example\.net/],
      [issued([], { name: 'psap.example.net' }), /speaks for nobody/],
      [issued(['psap.example.net'], { issuer: otherAuthority }), /unable to verify/],
      [issued(['psap.example.net'], { validTo: new Date(Date.now() - dayMs) }), /expired/],
    ];
    for (const [certificate, reason] of impostors) {
      const callee = await startPeer(t, certificate);
      await assert.rejects(
        caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), callee.target('psap.example.net')),
        isRefused(reason),
      );
      assert.equal(callee.events.includes('received'), false);
    }
  });

  test('sip: URIs in a certificate name domains, users do not', async (t) => {
    const caller = await startPeer(t, issued(['trunk.example.com']));
    const alternatives = { uris: ['sip:uri.example.net', 'sip:user@user.example.net', 'https://web.example.net'] };
    const callee = await startPeer(t, issued([], { alternatives }));
    await caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), callee.target('URI.example.net'));
    assert.equal((await callee.next()).message.kind, 'request');
    for (const name of ['user.example.net', 'web.example.net']) {
      await assert.rejects(
        caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), callee.target(name)),
        isRefused(/speaks for uri\.example\.net, not for/),
      );
    }
  });

  test('where a URI names an address, a certificate of one of our own authorities will do, and no other', async (t) => {
    const caller = await startPeer(t, issued(['trunk.example.com']));
    const callee = await startPeer(t, issued(['psap.example.net']));
    await caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), callee.target(undefined));
    const { flow } = await callee.next();
    const foreign = await startPeer(t, issued(['psap.example.net'], { issuer: otherAuthority }));
    await assert.rejects(
      caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), foreign.target(undefined)),
      isRefused(/unable to verify/),
    );
    // A dialog goes on where it stands: the peer's Contact is the address from which it calls.
    const contact: SipTarget = { protocol: 'tls', address: flow.remoteAddress, port: flow.remotePort };
    await callee.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK2'), contact);
    assert.equal((await caller.next()).flow.localPort, flow.remotePort);
  });

  test('a stranger is admitted by a name in its certificate, and by nothing else', async (t) => {
    const callee = await startPeer(t, issued(['psap.example.net']), {
      isTrusted: () => false,
      isTrustedName: (name) => name === 'trunk.example.com',
    });
    const target = callee.target('psap.example.net');
    const trunk = await startPeer(t, issued(['other.example.com', 'trunk.example.com']));
    await trunk.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), target);
    assert.equal((await callee.next()).message.kind, 'request');

    const sockets = [
      connect({ host: '127.0.0.1', port: callee.port, ca: authority.cert, checkServerIdentity: () => undefined }),
      ...[issued(['trunk.example.com'], { issuer: otherAuthority }), issued(['stranger.example.com'])].map((own) =>
        connect({
          host: '127.0.0.1',
          port: callee.port,
          cert: own.cert,
          key: own.key,
          ca: authority.cert,
          checkServerIdentity: () => undefined,
        }),
      ),
    ];
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('secureConnect', () => socket.write(`${'OPTIONS sip:x@y SIP/2.0\r\n'.repeat(3)}\r\n`));
      await within(once(socket, 'close'));
    }
    assert.equal(callee.events.filter((event) => event === 'untrusted').length, 3);
    assert.equal(callee.events.filter((event) => event === 'received').length, 1);
  });

  test('strangers get no handshake where nobody is trusted by name; a few at a time where somebody is', async (t) => {
    const closed = await startPeer(t, issued(['psap.example.net']), { isTrusted: () => false });
    const refused = connectTcp({ host: '127.0.0.1', port: closed.port });
    refused.on('error', () => undefined);
    await within(once(refused, 'close'));

    const callee = await startPeer(t, issued(['psap.example.net']), {
      isTrusted: () => false,
      isTrustedName: (name) => name === 'trunk.example.com',
      limits: { maxStrangerHandshakes: 2 },
    });
    const mute = [1, 2].map(() => connectTcp({ host: '127.0.0.1', port: callee.port }));
    for (const socket of mute) {
      t.after(() => socket.destroy());
      socket.on('error', () => undefined);
      await within(once(socket, 'connect'));
    }
    const third = connectTcp({ host: '127.0.0.1', port: callee.port });
    third.on('error', () => undefined);
    await within(once(third, 'close'));
    assert.equal(callee.events.filter((event) => event === 'untrusted').length, 1);
    for (const socket of mute) socket.destroy();
  });

  test('requests go back on a connection whose peer said alias and proved its name (RFC 5923), and on no other', async (t) => {
    const caller = await startPeer(t, issued(['trunk.example.com']));
    const callee = await startPeer(t, issued(['psap.example.net']));
    const target = callee.target('psap.example.net');
    const via = `SIP/2.0/TLS ${caller.transport.sentBy(target)};branch=z9hG4bK1;rport;alias`;
    await caller.transport.send(optionsRequest(via), target);
    const { flow } = await callee.next();

    const back = caller.target('trunk.example.com');
    await callee.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK2'), back);
    const arrived = await caller.next();
    assert.equal(arrived.flow.remotePort, callee.port, 'on the connection that the trunk opened');
    assert.equal(arrived.flow.localPort, flow.remotePort);

    await assert.rejects(
      callee.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK3'), { ...back, serverName: 'other.example' }),
      isRefused(/not for other\.example/),
    );

    const plain = await startPeer(t, issued(['plain.example.com']));
    const plainVia = `SIP/2.0/TLS ${plain.transport.sentBy(target)};branch=z9hG4bK4;rport`;
    await plain.transport.send(optionsRequest(plainVia), target);
    await callee.next();
    await callee.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK5'), plain.target('plain.example.com'));
    assert.equal((await plain.next()).flow.localPort, plain.port, 'without alias a connection of its own');
  });

  test('changed files count for the next connection, those that stand go on', async (t) => {
    const caller = await startPeer(t, issued(['trunk.example.com']));
    const callee = await startPeer(t, issued(['old.example.net']));
    const send = (name: string) =>
      caller.transport.send(optionsRequest('SIP/2.0/TLS h;branch=z9hG4bK1'), callee.target(name));
    await send('old.example.net');
    await callee.next();
    await assert.rejects(send('new.example.net'), isRefused(/speaks for old/));
    const renewed = issued(['new.example.net']);
    writeFileSync(callee.paths.cert, renewed.cert);
    writeFileSync(callee.paths.key, renewed.key);
    callee.clock.advance(10_000);
    await send('new.example.net');
    await callee.next();
    await send('old.example.net');
    await callee.next();
  });
});
