import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { SipFlow } from '../../transport/sip-flow.ts';
import { headerValue, headerValues, type SipRequest, type SipResponse, setHeader } from '../../wire/sip/message.ts';
import { createResponse, withAnswerHeaders } from '../../wire/sip/responses.ts';
import type { Candidate } from '../decision.ts';
import { createOwnAddress } from '../own-address.ts';
import { CALL_TIMERS } from '../timers.ts';
import type { ClientHandlers, ClientTransaction, ServerTransaction } from '../transactions/transaction.ts';
import { type ForwardDeps, forward } from './forward.ts';
import { LateAnswers } from './late-answers.ts';

const FLOW: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.9',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};
const PSAP = { protocol: 'udp', address: '192.0.2.20', port: 5060 } as const;
const URI = 'sip:psap@192.0.2.20';

function invite(): SipRequest {
  return {
    kind: 'request',
    method: 'INVITE',
    uri: 'sip:911@192.0.2.1',
    headers: [
      { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKcaller' },
      { name: 'From', value: '<sip:phone@192.0.2.9>;tag=phone' },
      { name: 'To', value: '<sip:911@192.0.2.1>' },
      { name: 'Call-ID', value: 'call-1' },
      { name: 'CSeq', value: '1 INVITE' },
    ],
    body: Buffer.from('v=0', 'utf8'),
  };
}

/** As the layer does it, nothing but what its answers need is left of an INVITE. */
function serverTransaction(): ServerTransaction & { responses: SipResponse[] } {
  const request = invite();
  const responses: SipResponse[] = [];
  const respond = (response: SipResponse): boolean => {
    responses.push(response);
    return true;
  };
  return {
    responses,
    request,
    flow: FLOW,
    state: 'proceeding',
    respond,
    remains: () => ({ request: withAnswerHeaders(invite()), respond }),
    giveUp: () => undefined,
    onCancel: () => undefined,
    onFailure: () => undefined,
  };
}

function lateAnswers(answer: { tag: string | undefined } | null, restoresFrom = false) {
  const transaction = serverTransaction();
  const seen: string[] = [];
  const handlers = new LateAnswers(
    {
      endSession: (response) => void seen.push(`ended ${headerValue(response, 'To')}`),
      health: { answered: (uri, { status }) => void seen.push(`${uri} ${status}`) },
      silentTargets: { answered: ({ address }) => void seen.push(address) },
      logger: createLogger('silent'),
    },
    { caller: transaction.remains(), uri: URI, target: PSAP, answer, restoresFrom },
  );
  return { transaction, seen, handlers };
}

test('the answer that the caller has is passed on again, with the Vias and the From that the caller knows', () => {
  const { transaction, seen, handlers } = lateAnswers({ tag: 'one' }, true);
  const sent = setHeader(setHeader(invite(), 'From', '<sip:+15125550199@example.com>;tag=phone'), 'Via', 'ours');
  handlers.onResponse(createResponse(sent, 200, undefined, { toTag: 'one' }), FLOW);
  assert.deepEqual(seen, [`${URI} 200`, PSAP.address]);
  const [response] = transaction.responses;
  assert.ok(response);
  assert.deepEqual(headerValues(response, 'Via'), headerValues(invite(), 'Via'));
  assert.equal(headerValue(response, 'From'), headerValue(invite(), 'From'));
});

test('any other answer is ended; what is none, or of another call, changes nothing', () => {
  for (const answer of [{ tag: 'one' }, null]) {
    const { transaction, seen, handlers } = lateAnswers(answer);
    handlers.onResponse(createResponse(invite(), 200, undefined, { toTag: 'two' }), FLOW);
    assert.deepEqual(seen, [`${URI} 200`, PSAP.address, 'ended <sip:911@192.0.2.1>;tag=two']);
    seen.length = 0;
    for (const status of [180, 486]) handlers.onResponse(createResponse(invite(), status), FLOW);
    assert.deepEqual(seen, [`${URI} 180`, PSAP.address, `${URI} 486`, PSAP.address]);
    seen.length = 0;
    handlers.onResponse(createResponse(setHeader(invite(), 'Call-ID', 'another'), 200), FLOW);
    handlers.onTimeout();
    handlers.onTransportError(new Error('reset'));
    assert.deepEqual(seen, []);
    assert.deepEqual(transaction.responses, []);
  }
});

test('who waits for late answers holds nothing of what set the call up', async () => {
  const waiting: ClientHandlers[] = [];
  const logger = createLogger('silent');
  const deps: ForwardDeps = {
    layer: {
      newBranch: () => 'z9hG4bKours',
      sendRequest(_request, _target, handlers) {
        waiting.push(handlers);
        return {
          handOver: (others: ClientHandlers) => void waiting.splice(0, 1, others),
        } as unknown as ClientTransaction;
      },
    },
    ownAddress: createOwnAddress({ sentBy: () => '192.0.2.1:5060', addresses: [] }, undefined),
    resolve: () => [PSAP],
    preferTcp: (_request, targets) => targets,
    endSession: () => assert.fail('there is one session'),
    health: { answered: () => undefined, unanswered: () => undefined },
    silentTargets: { answered: () => undefined, unanswered: () => undefined },
    clock: createManualClock(),
    logger,
    timers: CALL_TIMERS,
  };
  const transaction = serverTransaction();

  function place(): WeakRef<object>[] {
    const request = invite();
    const psap: Candidate = {
      uri: URI,
      name: 'psap',
      sourceId: null,
      kind: 'psap',
      quality: null,
      reason: 'test',
      silenceMs: 4_000,
      ringMs: null,
      queueMs: null,
      plainSipUser: true,
    };
    const service = {
      kind: '911',
      service: 'urn:service:sos',
      dialed: '911',
      isPrefixed: false,
      isUrn: false,
    } as const;
    const { result } = forward(deps, { request, service, candidates: [psap], transaction, localTag: 'local' });
    return [new WeakRef(request), new WeakRef(psap), new WeakRef(result)];
  }
  const setUp = place();
  const answer = createResponse(invite(), 200, undefined, { toTag: 'one' });
  waiting[0]?.onResponse(answer, FLOW);
  await new Promise((resolve) => setImmediate(resolve));

  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  assert.deepEqual(
    setUp.map((one) => one.deref()),
    [undefined, undefined, undefined],
  );
  // And yet the answer is passed on when it comes again.
  waiting[0]?.onResponse(answer, FLOW);
  assert.deepEqual(
    transaction.responses.map(({ status }) => status),
    [200, 200],
  );
});
