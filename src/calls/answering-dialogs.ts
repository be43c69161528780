import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { headerValue, headerValues, NO_BODY, type SipHeader, type SipRequest } from '../wire/sip/message.ts';
import { readNameAddr, readNameAddrs, readTag } from '../wire/sip/name-addr.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { OwnAddress } from './own-address.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { ServerTransaction, TransactionLayer } from './transactions/transaction.ts';

/** What the side that answers is told about its dialog. */
export type DialogHandlers = {
  /** The ACK to our 200, or to that of a re-INVITE. */
  onAck?(ack: SipRequest): void;
  /** A re-INVITE: the new description, or the status that refuses it. Without handler the first one is repeated. */
  onReoffer?(reinvite: SipRequest): { sdp: Buffer } | { status: number };
  /** The dialog is over: the caller sent BYE, or the ACK never came. Called once, not after our own `end`. */
  onEnd?(why: 'bye' | 'no-ack'): void;
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
  isAcknowledged: boolean;
  isOver: boolean;
  stopTimer: () => void;
};

function keyOf(request: SipRequest, tag: string | undefined): string {
  return `${headerValue(request, 'Call-ID') ?? ''}\n${tag ?? ''}`;
}

export function createAnsweringDialogs(deps: {
  layer: Pick<TransactionLayer, 'sendRequest'>;
  ownAddress: OwnAddress;
  resolve: ResolveDestination;
  clock: Clock;
  logger: Logger;
}): AnsweringDialogs {
  const { layer, ownAddress, resolve, clock, logger } = deps;
  const dialogs = new Map<string, Dialog>();

  function close(dialog: Dialog): void {
    dialog.isOver = true;
    dialog.stopTimer();
    dialogs.delete(dialog.key);
  }

  function repeatUntilAcknowledged(dialog: Dialog, transaction: ServerTransaction): void {
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
      transaction.respond(dialog.ok);
      intervalMs = Math.min(2 * intervalMs, T2_MS);
      dialog.stopTimer = clock.after(intervalMs, again);
    };
    dialog.stopTimer = clock.after(intervalMs, again);
  }

  async function sendBye({ invite, ok }: Dialog): Promise<void> {
    const remote =
      readNameAddrs(invite, 'Contact')[0]?.uri ?? readNameAddr(headerValue(invite, 'From') ?? '')?.uri ?? '';
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
        isAcknowledged: false,
        isOver: false,
        stopTimer: () => undefined,
      };
      const oldest = dialogs.size >= MAX_DIALOGS ? dialogs.values().next().value : undefined;
      if (oldest) close(oldest);
      dialogs.set(dialog.key, dialog);
      transaction.respond(ok);
      repeatUntilAcknowledged(dialog, transaction);
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
      if (request.method === 'BYE') {
        transaction.respond(createResponse(request, 200));
        close(dialog);
        dialog.handlers.onEnd?.('bye');
      } else if (request.method === 'INVITE') {
        // Without other advice the same description again: a hold leaves things as they are (RFC 3264 §8).
        const own = dialog.ok.headers.filter(({ name }) => DESCRIBES_US.has(name));
        const answer = dialog.handlers.onReoffer?.(request) ?? { sdp: dialog.ok.body };
        const response =
          'sdp' in answer
            ? createResponse(request, 200, undefined, { headers: own, body: answer.sdp })
            : createResponse(request, answer.status);
        transaction.respond(response);
      } else {
        const isKnown = ['OPTIONS', 'INFO', 'UPDATE', 'NOTIFY'].includes(request.method);
        transaction.respond(createResponse(request, isKnown ? 200 : 501));
      }
      return true;
    },
    onAck(request) {
      const dialog = dialogs.get(keyOf(request, readTag(request, 'To')));
      if (!dialog) return false;
      dialog.isAcknowledged = true;
      dialog.stopTimer();
      dialog.handlers.onAck?.(request);
      return true;
    },
    get size() {
      return dialogs.size;
    },
  };
}
