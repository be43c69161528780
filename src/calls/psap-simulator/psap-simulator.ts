import { randomInt } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { newSecret } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import type { DnsClient } from '../../transport/dns-client.ts';
import type { SipFlow, SipTransport } from '../../transport/sip-flow.ts';
import { answerOffer, makeOffer } from '../../wire/sdp/offer-answer.ts';
import { headerValue, type SipRequest, topValue } from '../../wire/sip/message.ts';
import { partHeader, readBodyParts } from '../../wire/sip/multipart.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { readSipUri, type SipUri, unescapeUriText } from '../../wire/sip/uri.ts';
import { type AnsweredDialog, createAnsweringDialogs } from '../answering-dialogs.ts';
import { openKnownServers } from '../known-servers.ts';
import { createOwnAddress } from '../own-address.ts';
import { createDestinationResolver } from '../resolve-destination.ts';
import { RFC3261_TIMERS, type TimerTable } from '../transactions/timer-table.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import { createTransactionLayer } from '../transactions/transaction-layer.ts';

/**
 * How the simulator behaves: `answer` rings and answers; a number is the final status it refuses with; `silence` says
 * nothing; `garbage` sends a response that cannot be matched to anything; `busy` is 486; `ring-only` rings for ever; `late` answers after
 * `lateMs` without having rung; `twice` answers with two 200 of different tags, as behind a forking proxy; `no-tag` answers with a 200
 * whose To has no tag.
 */
export type PsapBehaviour = (typeof PSAP_BEHAVIOURS)[number] | number;

/** The behaviours that have a name, as a `behaviour` parameter of the destination's URI spells them. */
export const PSAP_BEHAVIOURS = [
  'answer',
  'silence',
  'garbage',
  'busy',
  'ring-only',
  'late',
  'twice',
  'no-tag',
] as const;

export type PsapSimulatorOptions = {
  /** For Contacts that are names. */
  dns: DnsClient;
  /** Not yet listening: `start` does that. */
  transport: SipTransport;
  clock: Clock;
  logger: Logger;
  /** For every destination, or per user part (`us-county-48113`, `relay-us`). */
  behaviour?: PsapBehaviour | ((user: string) => PsapBehaviour);
  /** Time between ringing and answer; 0 unless told. */
  ringMs?: number;
  lateMs?: number;
  /** RFC 3261 timers, for tests. */
  transactionTimers?: TimerTable;
};

/** A call as the simulated PSAP saw it. */
export type SimulatedCall = {
  /** User part of the destination: which PSAP was meant. */
  user: string;
  callId: string;
  request: SipRequest;
  receivedAt: string;
  outcome: 'ringing' | 'answered' | 'acknowledged' | 'ended' | 'cancelled' | 'refused' | 'silent';
  status: number | null;
};

export type PsapSimulator = {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The last calls, oldest first; at most 1000. */
  calls(): readonly Readonly<SimulatedCall>[];
  /** Hangs up every answered call. */
  hangUpAll(): Promise<void>;
};

const MAX_CALLS = 1_000;
/** RFC 863: nothing listens to the caller's audio here. */
const DISCARD_PORT = 9;
const NEVER_MS = 2 ** 31 - 1;

/**
 * A PSAP (or relay centre) that takes calls on its own SIP port: every built-in destination of the default data, and
 * `waymark simulate-psap`. No emergency service stands behind it, and every answer says so in `X-Waymark-Simulated-Psap`.
 */
export function createPsapSimulator(options: PsapSimulatorOptions): PsapSimulator {
  const { transport, clock, logger, behaviour = 'answer', ringMs = 0, lateMs = 5_000 } = options;
  const calls: SimulatedCall[] = [];
  const dialogs = new Set<AnsweredDialog>();
  const ownAddress = createOwnAddress(transport, undefined);
  const resolve = createDestinationResolver({
    clock,
    logger,
    deadlineMs: 1_500,
    dns: options.dns,
    known: openKnownServers({ file: undefined, clock, logger }),
    canReach: () => true,
  });

  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    // A PSAP that stays silent must not be given away by a 100 from the layer.
    timers: { ...(options.transactionTimers ?? RFC3261_TIMERS), autoTryingMs: NEVER_MS },
    onRequest,
    onAck: (request) => void answering.onAck(request),
    onStrayResponse: () => undefined,
  });
  const answering = createAnsweringDialogs({ layer, ownAddress, resolve, clock, logger });

  function onRequest(request: SipRequest, transaction: ServerTransaction, flow: SipFlow): void {
    const toTag = newSecret(9);
    if (answering.onRequest(request, transaction)) return;
    if (request.method === 'OPTIONS') {
      transaction.respond(createResponse(request, 200, undefined, { toTag }));
    } else if (request.method === 'INVITE') {
      takeCall(request, transaction, flow, toTag);
    } else {
      const isInDialog = readNameAddr(headerValue(request, 'To') ?? '')?.params.some(({ name }) => name === 'tag');
      transaction.respond(createResponse(request, isInDialog ? 481 : 405, undefined, { toTag }));
    }
  }

  /** What the destination's URI asks for comes before how the simulator was set up. */
  function mannerOf(uri: SipUri | undefined, user: string): { how: PsapBehaviour; ringMs: number; lateMs: number } {
    const asked = readBehaviour(paramOf(uri, 'behaviour'));
    return {
      how: asked ?? (typeof behaviour === 'function' ? behaviour(user) : behaviour),
      ringMs: readMilliseconds(paramOf(uri, 'ring-ms')) ?? ringMs,
      lateMs: readMilliseconds(paramOf(uri, 'late-ms')) ?? lateMs,
    };
  }

  function takeCall(request: SipRequest, transaction: ServerTransaction, flow: SipFlow, toTag: string): void {
    const uri = destinationOf(request);
    const user = unescapeUriText(uri?.user ?? 'unknown').slice(0, 100);
    const { how, ringMs: ringingMs, lateMs: waitMs } = mannerOf(uri, user);
    const call: SimulatedCall = {
      user,
      callId: headerValue(request, 'Call-ID') ?? '',
      request,
      receivedAt: new Date(clock.nowMs()).toISOString(),
      outcome: 'ringing',
      status: null,
    };
    calls.push(call);
    if (calls.length > MAX_CALLS) calls.shift();
    logger.info({ psap: user, callId: call.callId }, 'simulated PSAP: call');

    const headers = [{ name: 'X-Waymark-Simulated-Psap', value: user }];
    const ring = (): void => {
      const contact = { name: 'Contact', value: ownAddress.contact(user, flow) };
      transaction.respond(createResponse(request, 180, undefined, { toTag, headers: [contact, ...headers] }));
    };
    const answer = (tag = toTag): void => {
      if (call.outcome === 'cancelled') return;
      const sdp = describeSession(request, flow.localAddress);
      if (sdp === undefined) return refuse(488);
      call.outcome = 'answered';
      call.status = 200;
      const dialog = answering.accept(
        transaction,
        { user, sdp, headers, toTag: tag },
        {
          onAck() {
            if (call.outcome === 'answered') call.outcome = 'acknowledged';
          },
          onEnd() {
            call.outcome = 'ended';
            dialogs.delete(dialog);
          },
        },
      );
      dialogs.add(dialog);
    };
    const answerWithoutTag = (): void => {
      const contact = { name: 'Contact', value: ownAddress.contact(user, flow) };
      call.outcome = 'answered';
      call.status = 200;
      transaction.respond(createResponse(request, 200, undefined, { headers: [contact, ...headers] }));
    };
    const refuse = (status: number): void => {
      call.outcome = 'refused';
      call.status = status;
      transaction.respond(createResponse(request, status, undefined, { toTag, headers }));
    };
    transaction.onCancel(() => {
      call.outcome = 'cancelled';
      call.status = 487;
      transaction.respond(createResponse(request, 487, undefined, { toTag, headers }));
    });

    if (how === 'silence' || how === 'garbage' || how === 'late') call.outcome = 'silent';
    if (how === 'silence') return;
    if (how === 'garbage') sendGarbage(request, flow);
    else if (how === 'late') clock.after(waitMs, () => answer());
    else if (how === 'busy') refuse(486);
    else if (typeof how === 'number') refuse(how);
    else {
      ring();
      const pickUp = (): void => {
        if (how === 'no-tag') return answerWithoutTag();
        answer();
        if (how === 'twice') answer(newSecret(9));
      };
      if (how === 'ring-only') return;
      if (ringingMs === 0) pickUp();
      else clock.after(ringingMs, pickUp);
    }
  }

  function sendGarbage(request: SipRequest, flow: SipFlow): void {
    const via = { name: 'Via', value: headerValue(request, 'Via') ?? '' };
    const headers = [via, { name: 'CSeq', value: 'x'.repeat(200) }, { name: 'To', value: '<<<>' }];
    transport
      .send({ kind: 'response', status: 200, reason: 'Garbage', headers, body: Buffer.alloc(64, 0xff) }, flow)
      .catch((error: unknown) => logger.debug({ err: errorText(error) }, 'simulated PSAP: garbage not sent'));
  }

  return {
    start: () => transport.listen(layer.receive),
    async stop() {
      layer.close();
      await transport.close();
    },
    calls: () => calls,
    async hangUpAll() {
      const open = [...dialogs];
      dialogs.clear();
      await Promise.all(
        open.map((dialog) =>
          dialog.end().catch((error: unknown) => logger.warn({ err: errorText(error) }, 'simulated PSAP: BYE failed')),
        ),
      );
    },
  };
}

/** Which destination an INVITE means: its Route, else its Request-URI. */
function destinationOf(request: SipRequest): SipUri | undefined {
  const route = topValue(request, 'Route');
  return readSipUri((route === undefined ? undefined : readNameAddr(route)?.uri) ?? request.uri);
}

function paramOf(uri: SipUri | undefined, wanted: string): string | undefined {
  return uri?.params.find(({ name }) => name.toLowerCase() === wanted)?.value ?? undefined;
}

function readBehaviour(text: string | undefined): PsapBehaviour | undefined {
  const status = Number(text);
  if (Number.isInteger(status) && status >= 300 && status <= 699) return status;
  return PSAP_BEHAVIOURS.find((name) => name === text);
}

function readMilliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** PCMU to nowhere, in the IP version of the offer; undefined when there is no audio in common. */
function describeSession(request: SipRequest, address: string): Buffer | undefined {
  const sessionId = String(randomInt(2 ** 47));
  const part = readBodyParts(request).find((one) => /^application\/sdp\b/i.test(partHeader(one, 'Content-Type') ?? ''));
  if (!part) return Buffer.from(makeOffer({ address, port: DISCARD_PORT, sessionId }), 'utf8');
  for (const own of [address, '127.0.0.1', '::1']) {
    try {
      const answer = answerOffer(part.bytes.toString('utf8'), { address: own, port: DISCARD_PORT, sessionId });
      if (!('refused' in answer)) return Buffer.from(answer.answerSdp, 'utf8');
    } catch {
      return undefined;
    }
  }
  return undefined;
}
