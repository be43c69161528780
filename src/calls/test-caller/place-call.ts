import { randomBytes } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { createRtpPorts } from '../../transport/rtp-ports.ts';
import type { RecordedAudio } from '../../transport/rtp-recorder.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import type { createSipTransport } from '../../transport/sip-transport.ts';
import { makeOffer } from '../../wire/sdp/offer-answer.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../../wire/sip/message.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { createTransactionLayer } from '../transactions/transaction-layer.ts';

export type CallPlan = {
  /** Where the platform listens. */
  target: SipTarget;
  /** `911`, `933` or a service URN. */
  dialed: string;
  /** Caller number, E.164. */
  from: string;
  /** Location URI conveyed in Geolocation (RFC 6442); undefined = none. */
  geolocation?: string | undefined;
  /** How long an answered 911 call is held before BYE; a 933 call ends when the agent hangs up. */
  holdMs: number;
  /** The call is given up after this. */
  maxMs: number;
  /** SIP Call-ID; one of its own unless told. */
  callId?: string | undefined;
  /** Sends back what is heard, so that the other side hears something. */
  isEchoing?: boolean | undefined;
  /** Hangs up. */
  signal?: AbortSignal | undefined;
};

export type CallReport = {
  callId: string;
  /** Status lines in the order in which they came. */
  responses: readonly string[];
  finalStatus: number | null;
  /** Milliseconds from INVITE to the final response. */
  setupMs: number | null;
  endedBy: 'us' | 'peer' | 'nobody';
  audio: RecordedAudio | null;
};

export type PlaceCallDeps = {
  clock: Clock;
  logger: Logger;
  openSip: typeof createSipTransport;
  openMedia: typeof createRtpPorts;
};

const TAG_BYTES = 8;

function token(): string {
  return randomBytes(TAG_BYTES).toString('hex');
}

/** A Call-ID (RFC 3261 §8.1.1.4) that nobody else has. */
export function newCallId(): string {
  return `${token()}${token()}@waymark-call`;
}

function requestUri(dialed: string, target: SipTarget): string {
  if (dialed.startsWith('urn:')) return dialed;
  const host = target.address.includes(':') ? `[${target.address}]` : target.address;
  return `sip:${dialed}@${host}:${target.port}`;
}

/** The in-dialog request URI and route set (RFC 3261 §12.2.1.1). */
function dialogOf(answer: SipResponse): { uri: string; routes: string[] } {
  const contact = headerValue(answer, 'Contact');
  const uri = (contact === undefined ? undefined : readNameAddr(contact)?.uri) ?? '';
  return { uri, routes: headerValues(answer, 'Record-Route').reverse() };
}

/** Places one call over UDP like a phone would, records what is heard, and hangs up. */
export async function placeCall(plan: CallPlan, deps: PlaceCallDeps): Promise<CallReport> {
  const { clock, logger, openMedia, openSip } = deps;
  const host = plan.target.address.includes(':') ? '::1' : '127.0.0.1';
  const local =
    plan.target.address === '127.0.0.1' || plan.target.address === '::1' ? host : host === '::1' ? '::' : '0.0.0.0';
  const transport = openSip({ hosts: [local], port: 0, isTrusted: () => true, logger, clock });
  const ports = openMedia({ host: local, from: 0, to: 0, logger });
  const rtp = await ports.open(plan.target.address);
  const recording = rtp.recordAudio({ maxMs: plan.maxMs, clock });
  if (plan.isEchoing === true) {
    const warn = (reason: string): void => logger.warn({ reason }, 'what was heard could not be sent back');
    rtp.socket.listen((datagram, from) => rtp.socket.send(datagram, from, warn));
  }
  const responses: string[] = [];
  const callId = plan.callId ?? newCallId();
  const fromTag = token();
  let finish: (endedBy: CallReport['endedBy']) => void = () => undefined;
  const ended = new Promise<CallReport['endedBy']>((resolve) => {
    finish = resolve;
  });

  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    onRequest(request, transaction) {
      transaction.respond(createResponse(request, request.method === 'BYE' ? 200 : 405));
      if (request.method === 'BYE') finish('peer');
    },
    onAck: () => undefined,
    onStrayResponse: () => undefined,
  });
  await transport.listen((message, flow: SipFlow) => layer.receive(message, flow));

  const sentBy = transport.sentBy(plan.target);
  const from = `<sip:${plan.from}@${sentBy};user=phone>;tag=${fromTag}`;
  const shared: SipHeader[] = [
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: from },
    { name: 'Call-ID', value: callId },
  ];
  const offer = Buffer.from(makeOffer({ address: rtp.address, port: rtp.port, sessionId: '1' }));
  const uri = requestUri(plan.dialed, plan.target);
  const invite: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri,
    headers: [
      ...shared,
      { name: 'To', value: `<${uri}>` },
      { name: 'CSeq', value: '1 INVITE' },
      { name: 'Contact', value: `<sip:${sentBy}>` },
      { name: 'P-Asserted-Identity', value: `<sip:${plan.from}@${sentBy};user=phone>` },
      ...(plan.geolocation === undefined
        ? []
        : [
            { name: 'Geolocation', value: `<${plan.geolocation}>` },
            { name: 'Geolocation-Routing', value: 'yes' },
          ]),
      { name: 'Content-Type', value: 'application/sdp' },
    ],
    body: offer,
  };

  const startedMs = clock.monotonicMs();
  let finalStatus: number | null = null;
  let setupMs: number | null = null;
  let answered: SipResponse | undefined;

  function inDialog(answer: SipResponse, method: string, sequence: number): SipRequest {
    const dialog = dialogOf(answer);
    return {
      kind: 'request',
      method,
      uri: dialog.uri === '' ? uri : dialog.uri,
      headers: [
        ...dialog.routes.map((value) => ({ name: 'Route', value })),
        ...shared,
        { name: 'To', value: headerValue(answer, 'To') ?? `<${uri}>` },
        { name: 'CSeq', value: `${sequence} ${method}` },
      ],
      body: NO_BODY,
    };
  }

  function hangUp(answer: SipResponse): void {
    const done = (): void => finish('us');
    layer.sendRequest(inDialog(answer, 'BYE', 2), plan.target, {
      onResponse: (response) => {
        if (response.status >= 200) done();
      },
      onTimeout: done,
      onTransportError: done,
    });
  }

  layer.sendRequest(invite, plan.target, {
    onResponse(response) {
      responses.push(`${response.status} ${response.reason}`);
      if (response.status < 200) return;
      if (response.status < 300) {
        layer.sendStateless(inDialog(response, 'ACK', 1), plan.target).catch((error: unknown) => {
          logger.warn({ err: errorText(error) }, 'the ACK could not be sent');
        });
      }
      // A retransmitted 200 is acknowledged again, and that is all.
      if (finalStatus !== null) return;
      finalStatus = response.status;
      setupMs = Math.round(clock.monotonicMs() - startedMs);
      if (response.status < 300) answered = response;
      if (response.status >= 300) finish('peer');
      else if (plan.dialed.endsWith('933') || plan.dialed.includes('test.sos')) return;
      else clock.after(plan.holdMs, () => hangUp(response));
    },
    onTimeout: () => finish('nobody'),
    onTransportError(error) {
      responses.push(`not sent: ${error.message}`);
      finish('nobody');
    },
  });

  // The timers of the clock do not keep the process alive; a call in progress must.
  const keepAlive = setInterval(() => undefined, 1_000);
  const cancelLimit = clock.after(plan.maxMs, () => finish('nobody'));
  const stop = (): void => (answered ? hangUp(answered) : finish('us'));
  plan.signal?.addEventListener('abort', stop, { once: true });
  if (plan.signal?.aborted === true) stop();
  try {
    const endedBy = await ended;
    recording.stop();
    const audio = await recording.done;
    return { callId, responses, finalStatus, setupMs, endedBy, audio: audio.packets === 0 ? null : audio };
  } finally {
    clearInterval(keepAlive);
    cancelLimit();
    plan.signal?.removeEventListener('abort', stop);
    layer.close();
    await Promise.all([transport.close(), ports.close()]);
  }
}
