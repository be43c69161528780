import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { cseqOf } from '../wire/sip/cseq.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../wire/sip/message.ts';
import { readNameAddr, readNameAddrs, readTag } from '../wire/sip/name-addr.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { OwnAddress } from './own-address.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { ServerTransaction, TransactionLayer } from './transactions/transaction.ts';

/** What the side that answers is told about its dialog. */
export type DialogHandlers = {
  /** The ACK to our 200, or to that of a re-INVITE. */
  onAck?(ack: SipRequest): void;
  /** A re-INVITE, or an UPDATE with an offer: the new description, or the status that refuses it. Without handler the first one is repeated. */
  onReoffer?(request: SipRequest): { sdp: Buffer } | { status: number };
  /** The dialog is over: the caller sent BYE, the ACK never came, or newer ones took its place. Called once, not after our own `end`. */
  onEnd?(why: 'bye' | 'no-ack' | 'displaced'): void;
};

export type AnsweredDialog = {
  /** Sends BYE; resolves when it was answered or given up. */
  end(): Promise<void>;
};

/** Dialogs in which this element answered the call itself: the 933 agent, the PSAP simulator. */
export type AnsweringDialogs = {
  /** Answers an INVITE with 200, repeated until the ACK comes (RFC 3261 §13.3.1.4). */
  accept(
    transaction: ServerTransaction,
    answer: { user: string; sdp: Buffer; headers?: readonly SipHeader[]; toTag?: string },
    handlers: DialogHandlers,
  ): AnsweredDialog;
  /** Handles a request of one of these dialogs; false when it belongs to none. */
  onRequest(request: SipRequest, transaction: ServerTransaction): boolean;
  onAck(request: SipRequest): boolean;
  readonly size: number;
};

const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;
const MAX_DIALOGS = 20_000;
const DESCRIBES_US: ReadonlySet<string> = new Set(['Contact', 'Allow', 'Content-Type']);

type Dialog = {
  key: string;
  invite: SipRequest;
  ok: ReturnType<typeof createResponse>;
  handlers: DialogHandlers;
  /** Where our BYE goes; a re-INVITE or UPDATE may move it (RFC 3261 §12.2.2). */
  remoteTarget: string;
  /** Of the last request of the caller. */
  sequence: number;
  /** Of the last INVITE that was answered with 200; its ACK has the same (RFC 3261 §13.2.2.4). */
  inviteSequence: number;
  /** Our 200 carries an offer, which the ACK answers. */
  awaitsAnswer: boolean;
  isAcknowledged: boolean;
  isOver: boolean;
  stopTimer: () => void;
};

/** The methods that answer with nothing more than 200 inside a dialog. */
const HARMLESS: ReadonlySet<string> = new Set(['OPTIONS', 'INFO', 'UPDATE', 'NOTIFY']);

function keyOf(request: SipRequest, tag: string | undefined): string {
  return `${headerValue(request, 'Call-ID') ?? ''}\n${tag ?? ''}`;
}

function contactOf(request: SipRequest): string | undefined {
  return readNameAddrs(request, 'Contact')[0]?.uri;
}

export function createAnsweringDialogs(deps: {
  layer: Pick<TransactionLayer, 'sendRequest'>;
  ownAddress: OwnAddress;
  resolve: ResolveDestination;
  clock: Clock;
  logger: Logger;
  /** At a time; beyond, the oldest is forgotten. */
  maxDialogs?: number;
}): AnsweringDialogs {
  const { layer, ownAddress, resolve, clock, logger, maxDialogs = MAX_DIALOGS } = deps;
  const dialogs = new Map<string, Dialog>();

  function close(dialog: Dialog): void {
    dialog.isOver = true;
    dialog.stopTimer();
    dialogs.delete(dialog.key);
  }

  /** RFC 3261 §13.3.1.4 and §14.2: a 2xx is repeated until its ACK comes, whatever carried the INVITE. */
  function repeatUntilAcknowledged(dialog: Dialog, transaction: ServerTransaction, ok: SipResponse): void {
    dialog.stopTimer();
    dialog.isAcknowledged = false;
    const startedMs = clock.monotonicMs();
    let intervalMs = T1_MS;
    const again = (): void => {
      if (dialog.isAcknowledged || dialog.isOver) return;
      if (clock.monotonicMs() - startedMs >= GIVE_UP_MS) {
        sendBye(dialog).catch((error: unknown) => logger.debug({ err: errorText(error) }, 'calls: BYE without ACK'));
        close(dialog);
        dialog.handlers.onEnd?.('no-ack');
        return;
      }
      transaction.respond(ok);
      intervalMs = Math.min(2 * intervalMs, T2_MS);
      dialog.stopTimer = clock.after(intervalMs, again);
    };
    dialog.stopTimer = clock.after(intervalMs, again);
  }

  function reoffer(dialog: Dialog, request: SipRequest, transaction: ServerTransaction): void {
    // Without other advice the same description again: a hold leaves things as they are (RFC 3264 §8).
    const answer = dialog.handlers.onReoffer?.(request) ?? { sdp: dialog.ok.body };
    if ('status' in answer) {
      transaction.respond(createResponse(request, answer.status));
      return;
    }
    dialog.remoteTarget = contactOf(request) ?? dialog.remoteTarget;
    const own = dialog.ok.headers.filter(({ name }) => DESCRIBES_US.has(name));
    const response = createResponse(request, 200, undefined, { headers: own, body: answer.sdp });
    transaction.respond(response);
    if (request.method !== 'INVITE') return;
    dialog.awaitsAnswer = request.body.length === 0;
    dialog.inviteSequence = cseqOf(request)?.sequence ?? 0;
    repeatUntilAcknowledged(dialog, transaction, response);
  }

  async function sendBye({ invite, ok, remoteTarget: remote }: Dialog): Promise<void> {
    const routes = headerValues(invite, 'Record-Route');
    const nextHop = routes[0] === undefined ? remote : (readNameAddr(routes[0])?.uri ?? remote);
    const [target] = await resolve(nextHop);
    if (!target) return;
    const bye: SipRequest = {
      kind: 'request',
      method: 'BYE',
      uri: remote,
      headers: [
        ...routes.map((value) => ({ name: 'Route', value })),
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: headerValue(ok, 'To') ?? '' },
        { name: 'To', value: headerValue(ok, 'From') ?? '' },
        { name: 'Call-ID', value: headerValue(ok, 'Call-ID') ?? '' },
        { name: 'CSeq', value: '1 BYE' },
      ],
      body: NO_BODY,
    };
    await new Promise<void>((settle) => {
      layer.sendRequest(bye, target, {
        onResponse: ({ status }) => {
          if (status >= 200) settle();
        },
        onTimeout: settle,
        onTransportError: () => settle(),
      });
    });
  }

  return {
    accept(transaction, answer, handlers) {
      const { request } = transaction;
      const toTag = answer.toTag ?? newSecret(9);
      const sequence = cseqOf(request)?.sequence ?? 0;
      const ok = createResponse(request, 200, undefined, {
        toTag,
        headers: [
          { name: 'Contact', value: ownAddress.contact(answer.user, transaction.flow) },
          { name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE' },
          ...(answer.headers ?? []),
          { name: 'Content-Type', value: 'application/sdp' },
        ],
        body: answer.sdp,
      });
      const dialog: Dialog = {
        key: keyOf(request, toTag),
        invite: request,
        ok,
        handlers,
        remoteTarget: contactOf(request) ?? readNameAddr(headerValue(request, 'From') ?? '')?.uri ?? '',
        sequence,
        inviteSequence: sequence,
        awaitsAnswer: request.body.length === 0,
        isAcknowledged: false,
        isOver: false,
        stopTimer: () => undefined,
      };
      const oldest = dialogs.size >= maxDialogs ? dialogs.values().next().value : undefined;
      if (oldest) {
        close(oldest);
        oldest.handlers.onEnd?.('displaced');
      }
      dialogs.set(dialog.key, dialog);
      transaction.respond(ok);
      repeatUntilAcknowledged(dialog, transaction, ok);
      return {
        async end() {
          if (dialog.isOver) return;
          close(dialog);
          await sendBye(dialog);
        },
      };
    },
    onRequest(request, transaction) {
      const dialog = dialogs.get(keyOf(request, readTag(request, 'To')));
      if (!dialog) return false;
      const sequence = cseqOf(request)?.sequence ?? 0;
      if (sequence <= dialog.sequence && sequence !== 0) {
        // RFC 3261 §12.2.2: out of order. Retransmissions do not get here.
        transaction.respond(createResponse(request, 500));
        return true;
      }
      dialog.sequence = Math.max(sequence, dialog.sequence);
      if (request.method === 'BYE') {
        transaction.respond(createResponse(request, 200));
        close(dialog);
        dialog.handlers.onEnd?.('bye');
      } else if (request.method === 'INVITE') {
        reoffer(dialog, request, transaction);
      } else if (request.method === 'UPDATE' && request.body.length > 0) {
        // RFC 3311 §5.2: not while our own offer waits for its answer.
        if (dialog.awaitsAnswer) transaction.respond(createResponse(request, 491));
        else reoffer(dialog, request, transaction);
      } else if (request.method === 'PRACK') {
        // RFC 3262 §3: there is no provisional response of ours that it could acknowledge.
        transaction.respond(createResponse(request, 481));
      } else {
        transaction.respond(createResponse(request, HARMLESS.has(request.method) ? 200 : 501));
      }
      return true;
    },
    onAck(request) {
      const dialog = dialogs.get(keyOf(request, readTag(request, 'To')));
      if (!dialog) return false;
      // That of an earlier 200 once more: it answers no offer that was made since.
      if ((cseqOf(request)?.sequence ?? dialog.inviteSequence) < dialog.inviteSequence) return true;
      dialog.isAcknowledged = true;
      dialog.awaitsAnswer = false;
      dialog.stopTimer();
      dialog.handlers.onAck?.(request);
      return true;
    },
    get size() {
      return dialogs.size;
    },
  };
}
