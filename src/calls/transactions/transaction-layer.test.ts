import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { SipFlow, SipProtocol, SipTarget } from '../../transport/sip-flow.ts';
import { cseqOf } from '../../wire/sip/cseq.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../wire/sip/message.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { readTopVia, viaBranch } from '../../wire/sip/via.ts';
import type { ServerTransaction } from './transaction.ts';
import { createTransactionLayer } from './transaction-layer.ts';

const OWN = '192.0.2.1:5060';

function flowOf(protocol: SipProtocol): SipFlow {
  return { protocol, remoteAddress: '192.0.2.9', remotePort: 5062, localAddress: '192.0.2.1', localPort: 5060 };
}

function targetOf(protocol: SipProtocol): SipTarget {
  return { protocol, address: '192.0.2.20', port: 5060 };
}

/** What was sent, as `INVITE` or `180 INVITE`. */
function brief(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${cseqOf(message)?.method}`;
}

/** A layer on a clock that stands still and a transport that only notes. */
function setUp(options: { maxTransactions?: number } = {}) {
  const clock = createManualClock();
  const sent: { message: SipMessage; target: SipTarget | SipFlow }[] = [];
  const requests: { request: SipRequest; transaction: ServerTransaction }[] = [];
  const acks: SipRequest[] = [];
  const strays: SipResponse[] = [];
  /** `connections`: so many that stand, and end as soon as they are written to. */
  const broken = { transport: false, owner: false, connections: 0 };
  const layer = createTransactionLayer({
    transport: {
      post(message, target, onFailure) {
        sent.push({ message, target });
        if (broken.transport) queueMicrotask(() => onFailure(new Error('link down')));
        if (broken.connections-- > 0) {
          const told = new ProblemError('upstream-failed', 'connection ended');
          queueMicrotask(() => {
            onFailure(told);
            onFailure(told);
          });
        }
      },
      send(message, target) {
        sent.push({ message, target });
        return broken.transport ? Promise.reject(new Error('link down')) : Promise.resolve();
      },
      sentBy: () => OWN,
    },
    clock,
    logger: createLogger('silent'),
    onRequest(request, transaction) {
      if (broken.owner) throw new Error('owner failed');
      requests.push({ request, transaction });
    },
    onAck: (request) => acks.push(request),
    onStrayResponse: (response) => strays.push(response),
    ...options,
  });
  return {
    clock,
    layer,
    requests,
    acks,
    strays,
    broken,
    sent,
    /** What was sent since the last look. */
    flush: () => sent.splice(0).map(({ message }) => brief(message)),
    transaction: () => {
      const last = requests.at(-1);
      assert.ok(last);
      return last.transaction;
    },
  };
}

function request(method: string, branch = 'z9hG4bKone', extra: { cseqMethod?: string; uri?: string } = {}): SipRequest {
  return {
    kind: 'request',
    method,
    uri: extra.uri ?? 'urn:service:sos',
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP 192.0.2.9:5062;branch=${branch}` },
      { name: 'Route', value: '<sip:192.0.2.20;lr>' },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: '<sip:+12145550123@example.com>;tag=a' },
      { name: 'To', value: '<urn:service:sos>' },
      { name: 'Call-ID', value: 'call-1' },
      { name: 'CSeq', value: `7 ${extra.cseqMethod ?? method}` },
    ],
    body: NO_BODY,
  };
}

/** Starts a client transaction and notes what its owner is told. */
function send(setup: ReturnType<typeof setUp>, method: string, protocol: SipProtocol = 'udp') {
  const told: string[] = [];
  const transaction = setup.layer.sendRequest(request(method), targetOf(protocol), {
    onResponse: (response) => told.push(String(response.status)),
    onTimeout: () => told.push('timeout'),
    onTransportError: (error) => told.push(error.message),
  });
  const answer = (status: number, toTag = 'b') =>
    setup.layer.receive(createResponse(transaction.request, status, undefined, { toTag }), flowOf(protocol));
  return { transaction, told, answer };
}

// --- INVITE server transaction

test('an INVITE that its owner leaves alone is answered 100 after 200 ms, retransmissions get it again (§17.2.1)', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), []);
  setup.clock.advance(199);
  assert.deepEqual(setup.flush(), []);
  setup.clock.advance(1);
  assert.deepEqual(setup.flush(), ['100 INVITE']);
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['100 INVITE']);
  assert.equal(setup.requests.length, 1);
});

test('no 100 of our own when the owner has spoken; the last provisional is repeated', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.equal(setup.transaction().respond(createResponse(request('INVITE'), 180)), true);
  setup.clock.advance(10_000);
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['180 INVITE', '180 INVITE']);
});

test('a non-2xx final response is repeated at T1 doubling to T2 until the ACK, then absorbed, then forgotten', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.transaction().respond(createResponse(request('INVITE'), 503));
  setup.clock.advance(500 + 1_000 + 2_000 + 4_000 + 4_000);
  assert.deepEqual(setup.flush(), Array(6).fill('503 INVITE'));
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['503 INVITE']);
  assert.equal(setup.transaction().respond(createResponse(request('INVITE'), 200)), false);

  setup.layer.receive(request('ACK'), flowOf('udp'));
  assert.equal(setup.transaction().state, 'confirmed');
  setup.layer.receive(request('ACK'), flowOf('udp'));
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.clock.advance(4_999);
  assert.deepEqual(setup.flush(), []);
  assert.deepEqual(setup.acks, []);
  assert.equal(setup.layer.counts.server, 1);
  setup.clock.advance(1);
  assert.equal(setup.layer.counts.server, 0);
  assert.equal(setup.clock.pending(), 0);
});

test('a lost ACK ends the transaction at timer H and the owner hears of it', () => {
  const setup = setUp();
  const failures: string[] = [];
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.transaction().onFailure((error) => failures.push(error.message));
  setup.transaction().respond(createResponse(request('INVITE'), 486));
  setup.clock.advance(32_000);
  assert.equal(setup.flush().length, 1 + 3 + 7);
  assert.deepEqual(failures, ['no ACK came (RFC 3261 §17.2.1, timer H)']);
  assert.equal(setup.transaction().state, 'terminated');
  assert.equal(setup.clock.pending(), 0);
});

test('on TCP a final response is sent once and the ACK ends the transaction at once', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('tcp'));
  setup.transaction().respond(createResponse(request('INVITE'), 486));
  setup.clock.advance(20_000);
  assert.deepEqual(setup.flush(), ['486 INVITE']);
  setup.layer.receive(request('ACK'), flowOf('tcp'));
  assert.equal(setup.layer.counts.server, 0);
});

test('after a 2xx: INVITEs are absorbed, the ACK reaches the owner, more 2xx pass, others do not (RFC 6026 §7.1)', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  const { transaction } = setup.requests[0] ?? assert.fail();
  transaction.respond(createResponse(request('INVITE'), 200));
  assert.equal(transaction.state, 'accepted');
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.clock.advance(31_999);
  assert.deepEqual(setup.flush(), ['200 INVITE']);
  assert.equal(transaction.respond(createResponse(request('INVITE'), 200)), true);
  assert.equal(transaction.respond(createResponse(request('INVITE'), 486)), false);
  assert.deepEqual(setup.flush(), ['200 INVITE']);
  setup.layer.receive(request('ACK'), flowOf('udp'));
  setup.layer.receive(request('ACK', 'z9hG4bKother'), flowOf('udp'));
  assert.equal(setup.acks.length, 2);
  setup.clock.advance(1);
  assert.equal(setup.layer.counts.server, 0);
});

test('a response that cannot be sent is reported and the transaction goes on absorbing (RFC 6026 §7.1)', async () => {
  const setup = setUp();
  const failures: string[] = [];
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.transaction().onFailure((error) => failures.push(error.message));
  setup.broken.transport = true;
  setup.transaction().respond(createResponse(request('INVITE'), 200));
  await new Promise((resolve) => void setImmediate(resolve));
  assert.deepEqual(failures, ['link down']);
  assert.equal(setup.transaction().state, 'accepted');
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.equal(setup.requests.length, 1);
});

test('an owner that throws does not leave the caller without an answer', () => {
  const setup = setUp();
  setup.broken.owner = true;
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['500 INVITE']);
});

test('a request with unusable headers is answered 400 by the layer', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE', 'z9hG4bKx', { cseqMethod: 'BYE' }), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['400 BYE']);
  assert.equal(setup.requests.length, 0);
});

// --- CANCEL

test('a CANCEL is answered 200 and told to the owner once; the owner ends the INVITE (§9.2)', () => {
  const setup = setUp();
  let cancels = 0;
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  const invite = setup.transaction();
  invite.onCancel(() => {
    cancels++;
    invite.respond(createResponse(request('INVITE'), 487));
  });
  setup.layer.receive(request('CANCEL'), flowOf('udp'));
  setup.layer.receive(request('CANCEL'), flowOf('udp'));
  assert.equal(cancels, 1);
  assert.deepEqual(setup.flush(), ['200 CANCEL', '487 INVITE', '200 CANCEL']);
  assert.equal(setup.requests.length, 1);
});

test('a CANCEL that comes before the owner asks for it is kept; one after the final response has no effect', () => {
  const setup = setUp();
  let cancels = 0;
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.layer.receive(request('CANCEL'), flowOf('udp'));
  setup.transaction().onCancel(() => cancels++);
  assert.equal(cancels, 1);

  setup.layer.receive(request('INVITE', 'z9hG4bKtwo'), flowOf('udp'));
  setup.transaction().onCancel(() => cancels++);
  setup.transaction().respond(createResponse(request('INVITE', 'z9hG4bKtwo'), 200));
  setup.layer.receive(request('CANCEL', 'z9hG4bKtwo'), flowOf('udp'));
  assert.equal(cancels, 1);
  assert.equal(setup.flush().at(-1), '200 CANCEL');
});

test('a CANCEL without INVITE is answered 481', () => {
  const setup = setUp();
  setup.layer.receive(request('CANCEL'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['481 CANCEL']);
});

// --- non-INVITE server transaction

test('a BYE: absorbed until answered, the answer repeated on retransmission, forgotten after 64*T1 (§17.2.2)', () => {
  const setup = setUp();
  setup.layer.receive(request('BYE'), flowOf('udp'));
  setup.layer.receive(request('BYE'), flowOf('udp'));
  setup.clock.advance(5_000);
  assert.deepEqual(setup.flush(), []);
  setup.transaction().respond(createResponse(request('BYE'), 200));
  setup.layer.receive(request('BYE'), flowOf('udp'));
  assert.deepEqual(setup.flush(), ['200 BYE', '200 BYE']);
  assert.equal(setup.transaction().respond(createResponse(request('BYE'), 481)), false);
  setup.clock.advance(32_000);
  assert.equal(setup.layer.counts.server, 0);
  assert.equal(setup.requests.length, 1);
});

test('requests of RFC 2543 senders are matched without a magic cookie', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE', '1'), flowOf('udp'));
  setup.layer.receive(request('INVITE', '1'), flowOf('udp'));
  assert.equal(setup.requests.length, 1);
  setup.transaction().respond(createResponse(request('INVITE', '1'), 486));
  setup.layer.receive(request('ACK', '1'), flowOf('udp'));
  assert.equal(setup.transaction().state, 'confirmed');
  assert.equal(setup.acks.length, 0);
});

// --- INVITE client transaction

test('an unanswered INVITE is repeated at 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s and given up at 32 s (timers A and B)', () => {
  const setup = setUp();
  const { told, transaction } = send(setup, 'INVITE');
  const times: number[] = [];
  for (let second = 0; second < 64; second++) {
    setup.clock.advance(500);
    if (setup.flush().includes('INVITE') && second > 0) times.push((second + 1) / 2);
  }
  assert.deepEqual(times, [1.5, 3.5, 7.5, 15.5, 31.5]);
  assert.deepEqual(told, ['timeout']);
  assert.equal(transaction.state, 'terminated');
  assert.equal(setup.clock.pending(), 0);
  assert.equal(setup.layer.counts.client, 0);
});

test('our Via stands on top with an unguessable branch and rport', () => {
  const setup = setUp();
  const { transaction } = send(setup, 'INVITE');
  const [top, below] = headerValues(transaction.request, 'Via');
  assert.equal(top, `SIP/2.0/UDP ${OWN};branch=${transaction.branch};rport`);
  assert.match(transaction.branch, /^z9hG4bK[0-9a-f]{48}$/);
  assert.ok(setup.layer.isOwnBranch(transaction.branch), 'known again when it comes back');
  assert.ok(!setUp().layer.isOwnBranch(transaction.branch), 'unknown to every other layer');
  assert.equal(below, 'SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKone');
});

test('a provisional response stops repeating and waiting; nothing ends a ringing call but its owner', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'INVITE');
  answer(180);
  setup.clock.advance(600_000);
  answer(183);
  assert.deepEqual(setup.flush(), ['INVITE']);
  assert.deepEqual(told, ['180', '183']);
  assert.equal(transaction.state, 'proceeding');
});

test('a non-2xx is acknowledged by the layer, and again when it comes again, the owner hears it once (§17.1.1.3)', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'INVITE');
  answer(503);
  answer(503);
  const [, ack, again] = setup.sent.splice(0);
  assert.ok(ack?.message.kind === 'request' && again?.message.kind === 'request');
  assert.equal(ack.message.method, 'ACK');
  assert.equal(again.message.method, 'ACK');
  assert.equal(headerValue(ack.message, 'To'), '<urn:service:sos>;tag=b');
  assert.equal(headerValue(ack.message, 'CSeq'), '7 ACK');
  assert.equal(headerValue(ack.message, 'Route'), '<sip:192.0.2.20;lr>');
  assert.equal(ack.message.uri, 'urn:service:sos');
  const via = readTopVia(ack.message);
  assert.equal(via && viaBranch(via), transaction.branch);
  assert.equal(headerValues(ack.message, 'Via').length, 1);
  assert.deepEqual(told, ['503']);
  setup.clock.advance(32_000);
  assert.equal(setup.layer.counts.client, 0);
});

test('every 2xx reaches the owner for 64*T1, then it is a stray (RFC 6026 §7.2)', () => {
  const setup = setUp();
  const { told, answer } = send(setup, 'INVITE');
  answer(200);
  answer(200, 'fork');
  answer(486);
  setup.clock.advance(31_999);
  answer(200);
  assert.deepEqual(told, ['200', '200', '200']);
  setup.clock.advance(1);
  answer(200);
  assert.deepEqual(told, ['200', '200', '200']);
  assert.equal(setup.strays.length, 1);
  assert.deepEqual(setup.flush(), ['INVITE']);
});

test('a response whose top Via is not ours is dropped (§18.1.2)', () => {
  const setup = setUp();
  setup.layer.receive(createResponse(request('INVITE'), 200), flowOf('udp'));
  assert.deepEqual(setup.strays, []);
});

test('CANCEL waits for a provisional response and carries branch, Route and Reason (§9.1)', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'INVITE');
  transaction.cancel([{ name: 'Reason', value: 'SIP;cause=200' }]);
  transaction.cancel();
  assert.deepEqual(setup.flush(), ['INVITE']);
  answer(180);
  const [cancel, ...others] = setup.sent.splice(0);
  assert.ok(cancel?.message.kind === 'request' && others.length === 0);
  assert.equal(cancel.message.method, 'CANCEL');
  assert.equal(headerValue(cancel.message, 'Via'), headerValue(transaction.request, 'Via'));
  assert.equal(headerValue(cancel.message, 'CSeq'), '7 CANCEL');
  assert.equal(headerValue(cancel.message, 'Route'), '<sip:192.0.2.20;lr>');
  assert.equal(headerValue(cancel.message, 'Reason'), 'SIP;cause=200');
  setup.clock.advance(500);
  assert.deepEqual(setup.flush(), ['CANCEL']);
  setup.layer.receive(createResponse(cancel.message, 200), flowOf('udp'));
  answer(487);
  assert.deepEqual(setup.flush(), ['ACK']);
  assert.deepEqual(told, ['180', '487']);
});

test('CANCEL races with 200: no CANCEL is sent, the 200 reaches the owner', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'INVITE');
  transaction.cancel();
  answer(200);
  setup.clock.advance(1_000);
  assert.deepEqual(setup.flush(), ['INVITE']);
  assert.deepEqual(told, ['200']);

  const crossing = send(setup, 'INVITE');
  crossing.answer(180);
  crossing.transaction.cancel();
  crossing.answer(200);
  assert.deepEqual(crossing.told, ['180', '200']);
  assert.equal(crossing.transaction.state, 'accepted');
});

test('a peer that ignores the CANCEL is given up after 64*T1 (§9.1)', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'INVITE');
  answer(180);
  transaction.cancel();
  setup.clock.advance(32_000);
  assert.deepEqual(told, ['180', 'timeout']);
  assert.equal(setup.layer.counts.client, 0);
  assert.equal(setup.clock.pending(), 0);
  answer(200);
  assert.equal(setup.strays.length, 1);
});

test('on TCP nothing is repeated, a non-2xx ends the transaction at once', () => {
  const setup = setUp();
  const { told, answer } = send(setup, 'INVITE', 'tcp');
  setup.clock.advance(20_000);
  assert.deepEqual(setup.flush(), ['INVITE']);
  answer(500);
  assert.deepEqual(setup.flush(), ['ACK']);
  assert.deepEqual(told, ['500']);
  assert.equal(setup.layer.counts.client, 0);
});

test('a transport error ends the client transaction and is told once', async () => {
  const setup = setUp();
  setup.broken.transport = true;
  const { told } = send(setup, 'INVITE');
  await new Promise((resolve) => void setImmediate(resolve));
  assert.deepEqual(told, ['link down']);
  assert.equal(setup.layer.counts.client, 0);
  setup.clock.advance(500);
  assert.equal(setup.flush().length, 1);
  assert.equal(setup.clock.pending(), 0);
});

// --- non-INVITE client transaction

test('a BYE is repeated at T1 doubling to T2, at T2 after a provisional, and given up after 64*T1 (§17.1.2)', () => {
  const setup = setUp();
  const { told, answer } = send(setup, 'BYE');
  setup.clock.advance(500 + 1_000 + 2_000 + 4_000 + 4_000);
  assert.equal(setup.flush().length, 6);
  answer(100);
  setup.clock.advance(3_999);
  assert.deepEqual(setup.flush(), []);
  setup.clock.advance(1);
  assert.deepEqual(setup.flush(), ['BYE']);
  setup.clock.advance(32_000);
  assert.deepEqual(told, ['100', 'timeout']);
  assert.equal(setup.clock.pending(), 0);
});

test('the answer to a BYE is told once and absorbed for T4', () => {
  const setup = setUp();
  const { told, answer, transaction } = send(setup, 'BYE');
  answer(200);
  answer(200);
  assert.deepEqual(told, ['200']);
  setup.clock.advance(4_999);
  assert.equal(transaction.state, 'completed');
  setup.clock.advance(1);
  assert.equal(transaction.state, 'terminated');
  assert.deepEqual(setup.flush(), ['BYE']);
});

// --- bounds

test('stateless requests get a Via of ours, stateless responses go as they are', async () => {
  const setup = setUp();
  await setup.layer.sendStateless(request('ACK'), targetOf('udp'));
  await setup.layer.sendStateless(createResponse(request('INVITE'), 200), flowOf('udp'));
  const [ack, ok] = setup.sent;
  assert.ok(ack && ok);
  assert.equal(headerValues(ack.message, 'Via').length, 2);
  assert.equal(headerValues(ok.message, 'Via').length, 1);
});

test('too many transactions: the oldest that only waits for retransmissions makes room, a ringing one never', () => {
  const setup = setUp({ maxTransactions: 2 });
  setup.layer.receive(request('INVITE', 'z9hG4bKringing'), flowOf('udp'));
  setup.layer.receive(request('BYE', 'z9hG4bKdone'), flowOf('udp'));
  setup.transaction().respond(createResponse(request('BYE', 'z9hG4bKdone'), 200));
  setup.layer.receive(request('BYE', 'z9hG4bKnext'), flowOf('udp'));
  setup.layer.receive(request('INVITE', 'z9hG4bKnew'), flowOf('udp'));
  assert.equal(setup.layer.counts.server, 3);
  setup.layer.receive(request('INVITE', 'z9hG4bKringing'), flowOf('udp'));
  setup.layer.receive(request('BYE', 'z9hG4bKnext'), flowOf('udp'));
  setup.layer.receive(request('INVITE', 'z9hG4bKnew'), flowOf('udp'));
  assert.equal(setup.requests.length, 4);
  setup.layer.receive(request('BYE', 'z9hG4bKdone'), flowOf('udp'));
  assert.equal(setup.requests.length, 5);
});

test('close leaves no timer behind', () => {
  const setup = setUp();
  setup.layer.receive(request('INVITE'), flowOf('udp'));
  setup.transaction().respond(createResponse(request('INVITE'), 486));
  send(setup, 'INVITE');
  send(setup, 'BYE');
  setup.layer.close();
  assert.equal(setup.clock.pending(), 0);
  assert.deepEqual({ ...setup.layer.counts }, { server: 0, client: 0 });
  const before = setup.requests.length;
  setup.layer.receive(request('INVITE', 'z9hG4bKstoodInLine'), flowOf('udp'));
  assert.deepEqual([setup.requests.length, setup.clock.pending()], [before, 0], 'nor begins a call any more');
});

for (const method of ['INVITE', 'BYE']) {
  test(`${method} on a connection that had died goes out once more, by another`, async () => {
    const setup = setUp();
    setup.broken.connections = 1;
    const { told, answer } = send(setup, method, 'tcp');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(setup.flush(), [method, method]);
    answer(200);
    assert.deepEqual(told, ['200']);

    setup.broken.connections = 2;
    const again = send(setup, method, 'tcp');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(setup.flush(), [method, method]);
    assert.deepEqual(again.told, ['connection ended']);
  });
}
