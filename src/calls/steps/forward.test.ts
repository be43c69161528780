import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  setHeader,
} from '../../wire/sip/message.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import type { Candidate } from '../decision.ts';
import { createOwnAddress } from '../own-address.ts';
import { CALL_TIMERS } from '../timers.ts';
import { createTransactionLayer } from '../transactions/transaction-layer.ts';
import { easedFor } from './ease-request.ts';
import { type Forwarding, type ForwardResult, forward } from './forward.ts';

const CALLER: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.9',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};
const SERVICE = { kind: '911', service: 'urn:service:sos', dialed: '911', isPrefixed: false, isUrn: false } as const;
const SILENCE_MS = 4_000;

type Sent = { message: SipMessage; target: SipTarget | SipFlow };

function candidate(user: string, overrides: Partial<Candidate> = {}): Candidate {
  return {
    uri: `sip:${user}@192.0.2.20`,
    name: user,
    sourceId: null,
    kind: user.startsWith('relay') ? 'relay' : 'psap',
    quality: null,
    reason: 'test',
    silenceMs: SILENCE_MS,
    ringMs: null,
    queueMs: null,
    plainSipUser: true,
    ...overrides,
  };
}

function invite(extra: readonly SipHeader[] = []): SipRequest {
  return {
    kind: 'request',
    method: 'INVITE',
    uri: 'sip:911@192.0.2.1',
    headers: [
      { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKcaller' },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: '<sip:phone@192.0.2.9>;tag=phone' },
      { name: 'To', value: '<sip:911@192.0.2.1>' },
      { name: 'Call-ID', value: 'call-1' },
      { name: 'CSeq', value: '1 INVITE' },
      { name: 'Contact', value: '<sip:phone@192.0.2.9>' },
      ...extra,
    ],
    body: Buffer.from('v=0', 'utf8'),
  };
}

/** A call that is being forwarded, with destinations played by the test. */
async function place(
  candidates: readonly [Candidate, ...Candidate[]],
  options: {
    headers?: readonly SipHeader[];
    body?: string;
    targets?: Readonly<Record<string, readonly string[]>>;
    dead?: string[];
    /** A connection can be had for its size, and comes to nothing. */
    byBrokenTcp?: boolean;
    /** A connection can be had for its size, and nobody says anything on it. */
    byMuteTcp?: boolean;
    /** Nobody said anything on a connection lately: TCP comes last. */
    tcpLast?: boolean;
  } = {},
) {
  const clock = createManualClock();
  const logger = createLogger('silent');
  const sent: Sent[] = [];
  const ended: SipResponse[] = [];
  const health: string[] = [];
  const silence: string[] = [];
  const transport = {
    addresses: [{ protocol: 'udp', host: '192.0.2.1', port: 5060 }] as const,
    sentBy: () => '192.0.2.1:5060',
    post(message: SipMessage, target: SipTarget | SipFlow, onFailure: (error: Error) => void) {
      sent.push({ message, target });
      if (target.protocol === 'tcp' && options.byBrokenTcp) queueMicrotask(() => onFailure(new Error('reset')));
      if ('address' in target && options.dead?.includes(target.address))
        queueMicrotask(() => onFailure(new Error('dead')));
    },
    send: () => Promise.resolve(),
  };
  let forwarding: Forwarding | undefined;
  let result: ForwardResult | undefined;
  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    onRequest(request, transaction) {
      transaction.respond(createResponse(request, 100));
      const started = forward(
        {
          layer,
          ownAddress: createOwnAddress(transport, undefined),
          resolve: (uri) =>
            Promise.resolve(
              (options.targets?.[uri] ?? ['192.0.2.20']).map((address) => ({ protocol: 'udp', address, port: 5060 })),
            ),
          preferTcp: (_request, targets) =>
            options.tcpLast
              ? [
                  ...targets.map((target) => ({ ...target, orTcp: true }) as const),
                  ...targets.map((target) => ({ ...target, protocol: 'tcp' }) as const),
                ]
              : options.byBrokenTcp || options.byMuteTcp
                ? targets.map((target) => ({ ...target, protocol: 'tcp', orUdp: true }) as const)
                : targets,
          endSession: (response) => void ended.push(response),
          silentTargets: {
            answered: ({ address }) => void silence.push(`${address} answers`),
            unanswered: ({ address }) => void silence.push(`${address} silent`),
          },
          health: {
            answered: (uri, { status }) => void health.push(`${uri} ${status}`),
            unanswered: (uri) => void health.push(`${uri} silent`),
          },
          clock,
          logger,
          timers: CALL_TIMERS,
        },
        { request, service: SERVICE, candidates, transaction, localTag: 'local' },
      );
      forwarding = started;
      transaction.onCancel((cancel) =>
        started.cancel(headerValues(cancel, 'Reason').map((value) => ({ name: 'Reason', value }))),
      );
      void started.result.then((settled) => {
        result = settled;
      });
    },
    onAck: () => undefined,
    onStrayResponse: () => undefined,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const placed = invite(options.headers);
  layer.receive(options.body === undefined ? placed : { ...placed, body: Buffer.from(options.body) }, CALLER);
  await settle();
  assert.ok(forwarding);

  /** Requests of a method that went downstream, retransmissions once. */
  function requests(method: string): SipRequest[] {
    const seen = new Set<string>();
    return sent.flatMap(({ message }) => {
      if (message.kind !== 'request' || message.method !== method) return [];
      const via = headerValue(message, 'Via') ?? '';
      if (seen.has(via)) return [];
      seen.add(via);
      return [message];
    });
  }

  return {
    clock,
    ended,
    health,
    silence,
    settle,
    requests,
    /** By what the INVITEs went, retransmissions once. */
    protocols: (): string[] => {
      const byVia = new Map<string, string>();
      for (const { message, target } of sent) {
        if (message.kind === 'request' && message.method === 'INVITE')
          byVia.set(headerValue(message, 'Via') ?? '', target.protocol);
      }
      return [...byVia.values()];
    },
    targets: (method: string): string[] =>
      sent.flatMap(({ message, target }) =>
        message.kind === 'request' && message.method === method && 'address' in target ? [target.address] : [],
      ),
    /** Statuses that the caller heard, in order, with their To tags. */
    heard: (): string[] =>
      sent.flatMap(({ message }) =>
        message.kind === 'response' && headerValue(message, 'CSeq') === '1 INVITE'
          ? [`${message.status} ${/tag=(\w+)/.exec(headerValue(message, 'To') ?? '')?.[1] ?? '-'}`]
          : [],
      ),
    lastToCaller(): SipResponse {
      const last = sent.findLast(({ message }) => message.kind === 'response')?.message;
      assert.ok(last?.kind === 'response');
      return last;
    },
    /** A destination answers its INVITE. */
    async answer(user: string, status: number, toTag: string | undefined, headers: readonly SipHeader[] = []) {
      const request = requests('INVITE').findLast(({ uri }) => uri.includes(`:${user}@`));
      assert.ok(request, `${user} was called`);
      const extras = toTag === undefined ? { headers } : { toTag, headers };
      layer.receive(createResponse(request, status, undefined, extras), { ...CALLER, remoteAddress: '192.0.2.20' });
      await settle();
    },
    /** A destination answers with the Call-ID of another call. */
    async confuse(user: string, status: number) {
      const request = requests('INVITE').findLast(({ uri }) => uri.includes(`:${user}@`));
      assert.ok(request, `${user} was called`);
      const response = createResponse(setHeader(request, 'Call-ID', 'another'), status, undefined, { toTag: 'x' });
      layer.receive(response, { ...CALLER, remoteAddress: '192.0.2.20' });
      await settle();
    },
    async cancel(headers: readonly SipHeader[] = []) {
      const received = invite(headers);
      layer.receive({ ...setHeader(received, 'CSeq', '1 CANCEL'), method: 'CANCEL', body: NO_BODY }, CALLER);
      await settle();
    },
    callerSaysBye: (toTag: string | undefined) => forwarding?.callerSaysBye(toTag),
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
    called: (): string[] => [
      ...new Set(
        sent.flatMap(({ message }) =>
          message.kind === 'request' && message.method === 'INVITE' ? [/:([^@]+)@/.exec(message.uri)?.[1] ?? ''] : [],
        ),
      ),
    ],
    result: () => result,
  };
}

const A = candidate('a');
const B = candidate('b');
const RELAY = candidate('relay');

test('several early dialogs and several answers of one destination: one session, the others are ended', async () => {
  const call = await place([A, RELAY]);
  await call.answer('a', 180, 'one');
  await call.answer('a', 183, 'two');
  await call.answer('a', 200, 'two');
  await call.answer('a', 200, 'one');
  await call.answer('a', 200, 'two');
  assert.deepEqual(call.heard(), ['100 -', '180 one', '183 two', '200 two', '200 two']);
  assert.deepEqual(
    call.ended.map((response) => headerValue(response, 'To')),
    ['<sip:911@192.0.2.1>;tag=one'],
  );
  assert.equal(call.result()?.calleeTag, 'two');
});

test('a 200 without a tag is an answer, and so is its retransmission', async () => {
  const call = await place([A, RELAY]);
  await call.answer('a', 200, undefined);
  await call.answer('a', 200, undefined);
  assert.deepEqual(call.heard(), ['100 -', '200 -', '200 -']);
  assert.equal(call.ended.length, 0);
});

test('a destination may ring for so long as it is allowed to, and the caller hears that its early dialog is over', async () => {
  const call = await place([candidate('a', { ringMs: 10_000 }), RELAY], {
    headers: [{ name: 'Supported', value: '199' }],
  });
  await call.answer('a', 180, 'one');
  await call.pass(6_000);
  await call.answer('a', 180, 'one');
  await call.pass(3_900);
  assert.deepEqual(call.called(), ['a']);
  await call.pass(200);
  assert.deepEqual(call.called(), ['a', 'relay']);
  assert.equal(call.requests('CANCEL').length, 1);
  assert.deepEqual(call.heard(), ['100 -', '180 one', '180 one', '199 one']);
  assert.equal(headerValue(call.lastToCaller(), 'Reason'), 'SIP;cause=408');
  await call.answer('relay', 200, 'two');
  assert.equal(call.result()?.answeredBy?.name, 'relay');
});

test('a queue has a time of its own, and ringing after it begins anew', async () => {
  const call = await place([candidate('a', { ringMs: 5_000, queueMs: 60_000 }), RELAY]);
  await call.answer('a', 182, 'one');
  await call.pass(50_000);
  await call.answer('a', 180, 'one');
  await call.pass(4_900);
  assert.deepEqual(call.called(), ['a']);
  await call.pass(200);
  assert.deepEqual(call.called(), ['a', 'relay']);
});

test('without limits timer C counts from the last provisional response; the last resort has nothing else', async () => {
  const call = await place([candidate('relay', { ringMs: 1_000 })]);
  await call.pass(SILENCE_MS + 1);
  await call.answer('relay', 180, 'one');
  await call.pass(CALL_TIMERS.ringingMs - 1_000);
  assert.equal(call.result(), undefined);
  await call.answer('relay', 180, 'one');
  await call.pass(CALL_TIMERS.ringingMs - 1_000);
  assert.equal(call.result(), undefined);
  await call.answer('relay', 200, 'one');
  assert.equal(call.result()?.outcome, 'answered');
});

test('199 is only told to who asked for it and needs no reliable responses; one that came is passed on', async () => {
  for (const headers of [
    [],
    [
      { name: 'Supported', value: '199' },
      { name: 'Require', value: '100rel' },
    ],
  ]) {
    const call = await place([A, RELAY], { headers });
    await call.answer('a', 180, 'one');
    await call.answer('a', 486, 'one');
    assert.deepEqual(call.heard(), ['100 -', '180 one']);
  }
  const call = await place([A, RELAY], { headers: [{ name: 'Supported', value: '100rel, 199' }] });
  await call.answer('a', 180, 'one');
  await call.answer('a', 180, 'two');
  await call.answer('a', 199, 'one');
  await call.answer('a', 486, 'two');
  assert.deepEqual(call.heard(), ['100 -', '180 one', '180 two', '199 one', '199 two']);
});

test('redirections are followed in the order of q, each once, five per call; what cannot be followed is told', async () => {
  const call = await place([A, RELAY]);
  const contact = (user: string, q: string): string => `<sip:${user}@192.0.2.20>;q=${q}`;
  const contacts = [contact('low', '0.1'), contact('high', '0.9'), '<tel:+15125550100>', contact('a', '1')].join(', ');
  await call.answer('a', 302, 'x', [{ name: 'Contact', value: contacts }]);
  assert.deepEqual(call.called(), ['a', 'high']);
  await call.answer('high', 302, 'x', [
    { name: 'Contact', value: [contact('low', '1'), contact('third', '0.5')].join(', ') },
  ]);
  assert.deepEqual(call.called(), ['a', 'high', 'third']);
  await call.answer('third', 486, 'x');
  await call.answer('low', 600, 'x');
  await call.answer('relay', 500, 'x');
  await call.answer('relay', 500, 'y');
  assert.equal(call.result()?.status, 600, 'a 6xx is the best of them');

  const other = await place([A]);
  await other.answer('a', 302, 'x', [{ name: 'Contact', value: '<tel:+15125550100>, <sip:a@192.0.2.20>' }]);
  await other.answer('a', 503, 'x');
  assert.equal(other.result()?.status, 302);
  assert.deepEqual(headerValues(other.lastToCaller(), 'Contact'), ['<tel:+15125550100>']);
});

test('a 6xx does not keep the call from the next destination', async () => {
  const call = await place([A, B]);
  await call.answer('a', 603, 'x');
  await call.answer('b', 200, 'y');
  assert.equal(call.result()?.answeredBy?.name, 'b');
});

test('a session timer that is too short, or an extension that is not known there, sends nobody farther away', async () => {
  const call = await place([A, RELAY], {
    headers: [
      { name: 'Require', value: '100rel, Timer, x-odd' },
      { name: 'Session-Expires', value: '90;refresher=uac' },
      { name: 'Min-SE', value: '90' },
    ],
  });
  await call.answer('a', 420, 'one', [{ name: 'Unsupported', value: '100rel' }]);
  await call.answer('a', 420, 'two', [{ name: 'Unsupported', value: 'timer, X-ODD' }]);
  assert.deepEqual(call.called(), ['a', 'relay'], 'once per destination');
  await call.answer('relay', 422, 'three', [{ name: 'Min-SE', value: '1800' }]);
  const [first, second, third, last] = call.requests('INVITE');
  const requires = [first, second, third, last].map((request) => request && headerValues(request, 'Require').join());
  assert.deepEqual(requires, ['100rel,Timer,x-odd', 'Timer,x-odd', '100rel,Timer,x-odd', '100rel,Timer,x-odd']);
  const timers = [third, last].map((request) => request && headerValue(request, 'Session-Expires'));
  assert.deepEqual(timers, ['90;refresher=uac', undefined]);
  assert.equal(last && headerValue(last, 'Min-SE'), undefined);
  await call.answer('relay', 200, 'four');
  assert.deepEqual(call.heard(), ['100 -', '200 four']);
  assert.match(call.result()?.reason ?? '', /relay called once more without session timer/);
});

test('what a proxy on the way would have to know sends nobody farther away either (RFC 3261 §16.3 step 5)', async () => {
  const call = await place([A, RELAY], {
    headers: [
      { name: 'Proxy-Require', value: 'sec-agree, x-odd' },
      { name: 'Require', value: 'x-other' },
    ],
  });
  await call.answer('a', 420, 'one', [{ name: 'Unsupported', value: 'sec-agree' }]);
  assert.deepEqual(call.called(), ['a']);
  const again = call.requests('INVITE').at(-1);
  const kept = ['Proxy-Require', 'Require'].map((name) => again && headerValue(again, name));
  assert.deepEqual(kept, ['x-odd', 'x-other']);
  await call.answer('a', 200, 'two');
  assert.match(call.result()?.reason ?? '', /a called once more without Proxy-Require: sec-agree$/);
});

test('tens of thousands of extensions cost no more than reading them', () => {
  const tags = (count: number, step: number): string =>
    Array.from({ length: count }, (_, at) => `x${at * step}`).join(',');
  const refusal = setHeader(createResponse(invite([]), 420), 'Unsupported', tags(20_000, 2));
  const before = process.cpuUsage();
  const eased = easedFor(invite([{ name: 'Require', value: tags(40_000, 1) }]), refusal);
  const tookMs = process.cpuUsage(before).user / 1_000;
  assert.equal(eased && headerValues(eased.request, 'Require').length, 20_000);
  assert.ok(tookMs < 1_000, `${Math.round(tookMs)} ms`);
});

test('a refusal that names nothing the call could do without leads to the next destination', async () => {
  const call = await place([A, B, RELAY], { headers: [{ name: 'Require', value: '100rel' }] });
  await call.answer('a', 422, 'one');
  await call.answer('b', 420, 'two', [{ name: 'Unsupported', value: 'timer' }]);
  assert.deepEqual(call.called(), ['a', 'b', 'relay']);
});

test('when everybody refused what the call carries, the last resort has it without', async () => {
  const parts =
    '--x\r\nContent-Type: application/pidf+xml\r\nContent-ID: <l@x>\r\n\r\n<presence/>\r\n' +
    '--x\r\nContent-Type: application/sdp\r\nContent-Disposition: session\r\n\r\nv=0\r\n--x--\r\n';
  const headers = [
    { name: 'Content-Type', value: 'multipart/mixed;boundary=x' },
    { name: 'MIME-Version', value: '1.0' },
    { name: 'Geolocation', value: '<cid:l@x>, <https://lis.example/1>' },
    { name: 'Call-Info', value: '<cid:d@x>;purpose=EmergencyCallData.DeviceInfo' },
  ];
  for (const [status, locations] of [
    [415, ['<https://lis.example/1>']],
    [424, []],
  ] as const) {
    const call = await place([A, RELAY], { headers, body: parts });
    for (const user of ['a', 'relay']) await call.answer(user, status, user);
    const [first, second, last] = call.requests('INVITE');
    assert.ok(first && second && last);
    for (const same of [first, second]) assert.equal(same.body.toString(), parts);
    assert.equal(last.body.toString(), 'v=0');
    assert.deepEqual(headerValues(last, 'Geolocation'), locations);
    const described = ['Content-Type', 'Content-Disposition', 'MIME-Version', 'Call-Info'].map((name) =>
      headerValue(last, name),
    );
    assert.deepEqual(described, ['application/sdp', 'session', undefined, undefined]);
    await call.answer('relay', 200, 'end');
    assert.match(call.result()?.reason ?? '', /relay called once more without .*everything in its body but/);
  }
  const whole = await place([A, RELAY], { headers, body: parts });
  for (const user of ['a', 'relay']) await whole.answer(user, 486, user);
  assert.equal(whole.requests('INVITE').at(-1)?.body.toString(), parts, 'busy says nothing of it');
});

test('a session description in a transfer encoding stands in the bare call without it, which is said once', async () => {
  const parts =
    '--x\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n' +
    `--x\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa('v=0')}\r\n--x--\r\n`;
  const call = await place([RELAY], {
    headers: [{ name: 'Content-Type', value: 'multipart/mixed;boundary=x' }],
    body: parts,
    targets: { [RELAY.uri]: ['192.0.2.20', '192.0.2.21'] },
  });
  await call.answer('relay', 415, 'one');
  await call.answer('relay', 503, 'two');
  const last = call.requests('INVITE').at(-1);
  assert.ok(last);
  // RFC 3261 §20 knows no transfer encoding of a message: nobody would undo it.
  assert.deepEqual([last.body.toString(), headerValue(last, 'Content-Transfer-Encoding')], ['v=0', undefined]);
  await call.answer('relay', 200, 'end');
  assert.equal(call.result()?.reason.match(/called once more/g)?.length, 1);
});

test('challenges of every destination are told together; a 503 is told as 500', async () => {
  const challenge = (name: string, realm: string): SipHeader => ({ name, value: `Digest realm="${realm}", nonce="1"` });
  const call = await place([A, B]);
  await call.answer('a', 407, 'x', [challenge('Proxy-Authenticate', 'a')]);
  await call.answer('b', 401, 'x', [challenge('WWW-Authenticate', 'b')]);
  await call.answer('a', 404, 'x');
  const told = call.lastToCaller();
  assert.equal(told.status, 407);
  assert.deepEqual(
    [headerValue(told, 'Proxy-Authenticate'), headerValue(told, 'WWW-Authenticate')],
    ['Digest realm="a", nonce="1"', 'Digest realm="b", nonce="1"'],
  );

  const busy = await place([A]);
  await busy.answer('a', 503, 'x', [{ name: 'Retry-After', value: '60' }]);
  await busy.answer('a', 503, 'x', [{ name: 'Retry-After', value: '60' }]);
  assert.equal(busy.lastToCaller().status, 500);
  assert.equal(headerValue(busy.lastToCaller(), 'Retry-After'), undefined);
});

test('addresses of one destination: silence, a dead transport and 503 lead to the next one, a refusal to the next destination', async () => {
  const targets = { [A.uri]: ['192.0.2.21', '192.0.2.22', '192.0.2.23'], [RELAY.uri]: ['192.0.2.30'] };
  const call = await place([A, RELAY], { targets, dead: ['192.0.2.21'] });
  assert.deepEqual([...new Set(call.targets('INVITE'))], ['192.0.2.21', '192.0.2.22']);
  await call.pass(SILENCE_MS / 2 + 1);
  assert.deepEqual([...new Set(call.targets('INVITE'))], ['192.0.2.21', '192.0.2.22', '192.0.2.23']);
  await call.pass(SILENCE_MS);
  assert.deepEqual(call.called(), ['a', 'relay']);

  const refused = await place([A, RELAY], { targets });
  await refused.answer('a', 486, 'x');
  assert.deepEqual([...new Set(refused.targets('INVITE'))], ['192.0.2.21', '192.0.2.30']);
  const unavailable = await place([A, RELAY], { targets });
  await unavailable.answer('a', 503, 'x');
  assert.deepEqual([...new Set(unavailable.targets('INVITE'))], ['192.0.2.21', '192.0.2.22']);
});

test('a CANCEL ends a call between two destinations, carries its reason, and counts once', async () => {
  const call = await place([A, B]);
  await call.answer('a', 180, 'one');
  const reason = { name: 'Reason', value: 'SIP;cause=600;text="Busy Everywhere"' };
  await call.cancel([reason]);
  await call.cancel([reason]);
  const cancels = call.requests('CANCEL');
  assert.equal(cancels.length, 1);
  assert.equal(cancels[0] && headerValue(cancels[0], 'Reason'), reason.value);
  await call.answer('a', 487, 'one');
  assert.deepEqual(call.heard(), ['100 -', '180 one', '487 local']);
  assert.equal(call.result()?.outcome, 'abandoned');
  assert.deepEqual(call.called(), ['a']);
});

test('a caller that says BYE to whom rings has hung up: when the INVITE is ended for it, nobody else is called', async () => {
  const call = await place([A, B, RELAY]);
  await call.answer('a', 180, 'one');
  await call.answer('a', 180, 'two');
  call.callerSaysBye('two');
  call.callerSaysBye('one');
  await call.answer('a', 180, 'one');
  assert.equal(call.result(), undefined, 'another fork may still answer');
  await call.answer('a', 487, 'two');
  assert.deepEqual(call.heard(), ['100 -', '180 one', '180 two', '180 one', '487 two']);
  assert.deepEqual(call.called(), ['a']);
  const { outcome, attempts } = call.result() ?? {};
  assert.deepEqual([outcome, attempts?.map((one) => one.outcome)], ['abandoned', ['cancelled']]);
});

test('a caller that ends one of two early dialogs still waits for the other (RFC 3261 §15)', async () => {
  const call = await place([A, RELAY]);
  await call.answer('a', 180, 'one');
  await call.answer('a', 183, 'two');
  call.callerSaysBye('one');
  await call.answer('a', 487, 'one');
  assert.deepEqual(call.called(), ['a', 'relay']);
  assert.equal(call.result(), undefined);
  const later = await place([A, RELAY]);
  await later.answer('a', 180, 'one');
  later.callerSaysBye('one');
  await later.answer('a', 180, 'two');
  await later.answer('a', 487, 'one');
  assert.deepEqual(later.called(), ['a', 'relay'], 'who rings only after the BYE was not hung up on');
  const ended = await place([A, RELAY]);
  await ended.answer('a', 180, 'one');
  await ended.answer('a', 180, 'two');
  ended.callerSaysBye('one');
  for (const tag of ['one', 'two']) await ended.answer('a', 199, tag);
  await ended.answer('a', 487, 'one');
  assert.equal(ended.result()?.outcome, 'abandoned', 'no other dialog is left');
});

test('what is refused after a CANCEL is not said to have been called once more', async () => {
  const call = await place([A, RELAY], { headers: [{ name: 'Session-Expires', value: '90' }] });
  await call.answer('a', 180, 'one');
  await call.cancel();
  await call.answer('a', 422, 'one');
  assert.equal(call.result()?.outcome, 'abandoned');
  assert.doesNotMatch(call.result()?.reason ?? '', /once more/);
});

test('a 487 that no BYE of the caller explains, or another refusal after a BYE, leads on', async () => {
  for (const [tag, status] of [
    [undefined, 487],
    ['other', 487],
    ['one', 486],
  ] as const) {
    const call = await place([A, RELAY]);
    await call.answer('a', 180, 'one');
    call.callerSaysBye(tag);
    await call.answer('a', status, 'one');
    assert.deepEqual(call.called(), ['a', 'relay'], `${tag} ${status}`);
    call.callerSaysBye('one');
    await call.answer('relay', 487, 'two');
    await call.answer('relay', 200, 'three');
    assert.equal(call.result()?.outcome, 'answered', 'a BYE to whom was passed over says nothing of who rings now');
  }
});

test('an answer that crosses the CANCEL is told to the caller; a CANCEL after it changes nothing', async () => {
  const call = await place([A, B]);
  await call.answer('a', 180, 'one');
  await call.cancel();
  await call.answer('a', 200, 'one');
  await call.cancel();
  assert.deepEqual(call.heard(), ['100 -', '180 one', '200 one']);
  assert.equal(call.result()?.outcome, 'answered');
});

test('the second destination answers, then the first: it is ended', async () => {
  const call = await place([A, B]);
  await call.pass(SILENCE_MS + 1);
  await call.answer('b', 200, 'two');
  await call.answer('a', 200, 'one');
  assert.deepEqual(call.heard(), ['100 -', '200 two']);
  assert.equal(call.ended.length, 1);
});

test('what destinations do is told to their health: any response counts as alive', async () => {
  const call = await place([A, B]);
  await call.pass(SILENCE_MS + 1);
  await call.answer('b', 486, 'x');
  assert.deepEqual(call.health, [`${A.uri} silent`, `${B.uri} 486`]);
  await call.answer('a', 100, undefined);
  await call.pass(40_000);
  assert.equal(call.health.filter((one) => one === `${A.uri} silent`).length, 1, 'one silence is counted once');
});

test('addresses of one destination: it is silent when the last of them is', async () => {
  const targets = { [A.uri]: ['192.0.2.21', '192.0.2.22'], [RELAY.uri]: ['192.0.2.30'] };
  const call = await place([A, RELAY], { targets, dead: ['192.0.2.21'] });
  assert.deepEqual(call.health, []);
  await call.pass(SILENCE_MS + 1);
  assert.deepEqual(call.health, [`${A.uri} silent`]);
  await call.answer('relay', 180, 'x');
  assert.deepEqual(call.silence, ['192.0.2.21 silent', '192.0.2.22 silent', '192.0.2.30 answers']);
});

test('the last resort has the time of timer C after a 100 too', async () => {
  const call = await place([RELAY]);
  await call.answer('relay', 100, undefined);
  await call.pass(CALL_TIMERS.tryingMs + 1);
  assert.equal(call.requests('INVITE').length, 2, 'the relay centre is tried once more');
  await call.answer('relay', 100, undefined);
  await call.pass(60_000);
  assert.equal(call.result(), undefined);
  await call.answer('relay', 200, 'late');
  assert.deepEqual(call.heard(), ['100 -', '200 late']);

  const hung = await place([RELAY]);
  await hung.pass(SILENCE_MS + 1);
  await hung.answer('relay', 100, undefined);
  await hung.pass(CALL_TIMERS.ringingMs + 1);
  assert.equal(hung.result()?.status, 408);
});

test('responses that name another call leave nobody without an answer, the last resort’s either', async () => {
  const refusing = await place([A, RELAY]);
  await refusing.confuse('a', 500);
  assert.deepEqual(refusing.called(), ['a', 'relay'], 'the next destination is tried at once');
  await refusing.confuse('relay', 200);
  await refusing.confuse('relay', 200);
  assert.deepEqual(refusing.heard(), ['100 -', '408 local']);

  const trying = await place([RELAY]);
  await trying.pass(SILENCE_MS + 1);
  await trying.confuse('relay', 180);
  await trying.pass(CALL_TIMERS.ringingMs + 1);
  assert.deepEqual(trying.heard(), ['100 -', '408 local']);
});

test('where the connection for a large call comes to nothing, it goes to the same destination by UDP', async () => {
  const call = await place([A, RELAY], { byBrokenTcp: true });
  assert.deepEqual(call.called(), ['a']);
  assert.equal(call.requests('INVITE').length, 2);
  await call.answer('a', 200, 'x');
  assert.deepEqual(call.heard(), ['100 -', '200 x']);
});

test('where nobody says anything on the connection for a large call, the same destination has it by UDP', async () => {
  const call = await place([A, RELAY], { byMuteTcp: true });
  await call.pass(SILENCE_MS / 2);
  assert.deepEqual(call.called(), ['a']);
  assert.deepEqual(call.protocols(), ['tcp', 'udp']);
  assert.deepEqual(call.health, [], 'its silence by TCP says nothing of the destination');
  assert.deepEqual(call.silence, ['192.0.2.20 silent']);
  await call.answer('a', 200, 'x');
  assert.deepEqual(call.heard(), ['100 -', '200 x']);
  const dead = await place([A, RELAY], { byMuteTcp: true });
  await dead.pass(SILENCE_MS / 2);
  await dead.pass(SILENCE_MS);
  assert.deepEqual(dead.called(), ['a', 'relay'], 'who is silent by both is passed over');
  assert.deepEqual(dead.health, [`${A.uri} silent`]);
  const busy = await place([A, RELAY], { byMuteTcp: true });
  await busy.answer('a', 503, 'x');
  assert.deepEqual(busy.called(), ['a', 'relay'], 'who answers is not asked again by UDP');
});

test('who says 100 on the connection for a large call is not called again by UDP', async () => {
  const call = await place([A, RELAY], { byMuteTcp: true });
  await call.answer('a', 100, 'x');
  await call.pass(CALL_TIMERS.tryingMs);
  assert.deepEqual(call.called(), ['a', 'relay'], 'the next destination waits for it no longer');
  await call.answer('relay', 486, 'y');
  await call.answer('relay', 100, 'y');
  await call.pass(CALL_TIMERS.ringingMs - 1);
  assert.deepEqual(call.protocols(), ['tcp', 'tcp', 'tcp'], 'the last resort has all the time that SIP allows');
  assert.equal(call.result(), undefined);
});

test('who says anything by UDP is not called again by the TCP that comes last; who is silent there, is', async () => {
  const silent = await place([A, RELAY], { tcpLast: true });
  await silent.pass(SILENCE_MS / 2);
  assert.deepEqual([silent.called(), silent.protocols()], [['a'], ['udp', 'tcp']]);
  for (const status of [100, 503]) {
    const call = await place([A, RELAY], { tcpLast: true });
    await call.answer('a', status, 'x');
    if (status === 100) await call.pass(CALL_TIMERS.tryingMs);
    assert.deepEqual(
      [call.called(), call.protocols()],
      [
        ['a', 'relay'],
        ['udp', 'udp'],
      ],
      `${status}`,
    );
  }
});

test('a destination that is named twice is tried once', async () => {
  const call = await place([A, { ...A, name: 'alternate' }, RELAY]);
  await call.answer('a', 486, 'x');
  assert.deepEqual(
    call.requests('INVITE').map(({ uri }) => uri),
    [A.uri, RELAY.uri],
  );
});

test('every passage marks its branch, so that a loop is known from a spiral', async () => {
  const call = await place([A, B]);
  const [sent] = call.requests('INVITE');
  assert.match((sent && headerValue(sent, 'Via')) ?? '', /;branch=z9hG4bK[0-9a-f]+\.[0-9a-f]+;/);
});
