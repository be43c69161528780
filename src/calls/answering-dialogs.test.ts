import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decodeSipMessage } from '../wire/sip/decode-message.ts';
import { headerValue, type SipRequest, type SipResponse } from '../wire/sip/message.ts';
import { type AnsweringDialogs, createAnsweringDialogs, type DialogHandlers } from './answering-dialogs.ts';
import type { ServerTransaction } from './transactions/transaction.ts';

const FLOW = { protocol: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060, localAddress: '192.0.2.9' };

function request(method: string, sequence: number, options: { tag?: string; contact?: string; body?: string } = {}) {
  const { tag, contact = 'sip:phone@192.0.2.1', body = '' } = options;
  const lines = [
    `${method} sip:933@192.0.2.9 SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${method}${sequence}`,
    'From: <sip:phone@192.0.2.1>;tag=phone',
    `To: <sip:933@192.0.2.9>${tag === undefined ? '' : `;tag=${tag}`}`,
    'Call-ID: one',
    `CSeq: ${sequence} ${method}`,
    `Contact: <${contact}>`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  const message = decodeSipMessage(Buffer.from(lines.join('\r\n')));
  assert.ok(message.kind === 'request');
  return message;
}

/** An answered dialog with a tag of ours, on a clock that a test advances. */
function openDialog(handlers: DialogHandlers = {}, offer = 'v=0', maxDialogs?: number) {
  const clock = createManualClock();
  const sent: SipRequest[] = [];
  const dialogs: AnsweringDialogs = createAnsweringDialogs({
    layer: {
      sendRequest(message, _target, events) {
        sent.push(message);
        events.onTimeout();
        return { cancel: () => undefined, abandon: () => undefined } as never;
      },
    },
    ownAddress: { contact: () => '<sip:933@192.0.2.9>', isOwnUri: () => false, recordRoutes: () => [] },
    resolve: (() => Promise.resolve([{ protocol: 'udp', address: '192.0.2.1', port: 5060 }])) as never,
    clock,
    logger: createLogger('silent'),
    ...(maxDialogs !== undefined && { maxDialogs }),
  });
  const transactionOf = (message: SipRequest) => {
    const responses: SipResponse[] = [];
    const transaction = { request: message, flow: FLOW, respond: (one: SipResponse) => responses.push(one) };
    return { responses, transaction: transaction as unknown as ServerTransaction };
  };
  const invite = transactionOf(request('INVITE', 1, { body: offer }));
  const dialog = dialogs.accept(
    invite.transaction,
    { user: '933', sdp: Buffer.from('v=0\r\n'), toTag: 'us' },
    handlers,
  );
  return {
    clock,
    dialogs,
    dialog,
    sent,
    invite,
    transactionOf,
    ask: (method: string, sequence: number, options: { contact?: string; body?: string } = {}) => {
      const message = request(method, sequence, { ...options, tag: 'us' });
      if (method === 'ACK') {
        assert.ok(dialogs.onAck(message));
        return [];
      }
      const { transaction, responses } = transactionOf(message);
      assert.ok(dialogs.onRequest(message, transaction));
      return responses;
    },
  };
}

const statusesOf = (responses: readonly SipResponse[]): number[] => responses.map(({ status }) => status);

void test('a 200 is repeated until its ACK, also that of a re-INVITE (RFC 3261 §13.3.1.4, §14.2)', () => {
  const { clock, invite, ask } = openDialog();
  clock.advance(1_600);
  assert.equal(invite.responses.length, 3);
  ask('ACK', 1);
  clock.advance(30_000);
  assert.equal(invite.responses.length, 3);
  const again = ask('INVITE', 2, { body: 'v=0' });
  clock.advance(500);
  assert.deepEqual(statusesOf(again), [200, 200]);
  ask('ACK', 2);
  clock.advance(30_000);
  assert.equal(again.length, 2);
  assert.equal(clock.pending(), 0);
});

void test('an ACK that comes once more answers nothing that was offered since', () => {
  const acks: string[] = [];
  const { clock, ask } = openDialog({ onAck: ({ body }) => acks.push(body.toString()) });
  ask('ACK', 1);
  const offered = ask('INVITE', 2);
  ask('ACK', 1);
  assert.deepEqual(acks, ['']);
  clock.advance(500);
  assert.equal(offered.length, 2, 'the 200 with our offer is still repeated');
  ask('ACK', 2, { body: 'v=0\r\nanswer' });
  assert.deepEqual(acks, ['', 'v=0\r\nanswer']);
  clock.advance(30_000);
  assert.equal(offered.length, 2);
});

void test('whose place is taken by newer calls is told', () => {
  const ends: string[] = [];
  const { dialogs, transactionOf, clock } = openDialog({ onEnd: (why) => ends.push(why) }, 'v=0', 1);
  const { transaction } = transactionOf(request('INVITE', 1, { body: 'v=0' }));
  dialogs.accept(transaction, { user: '933', sdp: Buffer.from('v=0\r\n'), toTag: 'other' }, {});
  assert.deepEqual([ends, dialogs.size, clock.pending()], [['displaced'], 1, 1]);
});

void test('an answer that is never acknowledged ends the call after 32 seconds', () => {
  const ends: string[] = [];
  const { clock, sent, dialogs } = openDialog({ onEnd: (why) => ends.push(why) });
  clock.advance(40_000);
  assert.deepEqual(ends, ['no-ack']);
  assert.equal(dialogs.size, 0);
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      assert.deepEqual(
        sent.map(({ method }) => method),
        ['BYE'],
      );
      resolve();
    });
  });
});

void test('what comes out of order, and what there is nothing for, is refused', () => {
  const { ask } = openDialog();
  ask('ACK', 1);
  assert.deepEqual(statusesOf(ask('INFO', 3)), [200]);
  assert.deepEqual(statusesOf(ask('INFO', 2)), [500]);
  assert.deepEqual(statusesOf(ask('PRACK', 4)), [481]);
  assert.deepEqual(statusesOf(ask('SUBSCRIBE', 5)), [501]);
  assert.deepEqual(statusesOf(ask('UPDATE', 6)), [200]);
});

void test('UPDATE changes the session, but not while our offer is open (RFC 3311 §5.2)', () => {
  const offers: string[] = [];
  const onReoffer = ({ body }: SipRequest) => {
    offers.push(body.toString());
    return body.includes('bad') ? { status: 488 } : { sdp: Buffer.from('v=0\r\nanswer') };
  };
  const open = openDialog({ onReoffer }, '');
  assert.deepEqual(statusesOf(open.ask('UPDATE', 2, { body: 'v=0' })), [491]);
  open.ask('ACK', 1);
  const [changed] = open.ask('UPDATE', 3, { body: 'v=0' });
  assert.deepEqual([changed?.status, changed?.body.toString()], [200, 'v=0\r\nanswer']);
  assert.deepEqual(statusesOf(open.ask('UPDATE', 4, { body: 'bad' })), [488]);
  assert.deepEqual(offers, ['v=0', 'bad']);
  assert.equal(open.clock.pending(), 0, 'no ACK is waited for');
});

void test('BYE goes where the phone was last (RFC 3261 §12.2.2)', async () => {
  const { ask, dialog, sent } = openDialog();
  ask('ACK', 1);
  ask('INVITE', 2, { body: 'v=0', contact: 'sip:phone@192.0.2.77' });
  ask('ACK', 2);
  await dialog.end();
  assert.deepEqual([sent[0]?.method, sent[0]?.uri], ['BYE', 'sip:phone@192.0.2.77']);
  assert.equal(headerValue(sent[0] as SipRequest, 'To'), '<sip:phone@192.0.2.1>;tag=phone');
});
