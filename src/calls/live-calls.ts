import { BoundedMap } from '../support/bounded-map.ts';
import { ChurningMap } from '../support/churning-map.ts';
import type { SipTarget } from '../transport/sip-flow.ts';
import { cseqOf } from '../wire/sip/cseq.ts';
import { headerValue, type SipMessage, type SipRequest, type SipResponse } from '../wire/sip/message.ts';
import { readTag } from '../wire/sip/name-addr.ts';
import { readTopVia, viaBranch } from '../wire/sip/via.ts';
import type { CallSession } from './call-session.ts';
import type { TrunkLoad } from './trunk-load.ts';

/**
 * Calls that were forwarded and are not known to have ended, by Call-ID and the caller's tag. Their records depend on it, and
 * what becomes of answers that come too late; the dialogs themselves are relayed by their headers, also after a restart.
 */
export type LiveCalls = {
  /** A call is being forwarded; `invite` as received. A call that passes here twice has two sessions. */
  add(invite: SipRequest, session: CallSession, setUp?: CallSetUp): void;
  /** A destination answered; `calleeTag` is the To tag of its dialog. */
  answered(invite: SipRequest, calleeTag: string | undefined, sides?: CallSides): void;
  /** Nobody answered this passage of the call, and nobody will be let through any more. */
  failed(invite: SipRequest, session: CallSession): void;
  /** A BYE is on its way; before an answer it is the caller's, to whom it rings (RFC 3261 §15). */
  saysBye(bye: SipRequest): void;
  /** A side of the call has hung up; a BYE with the tags of another dialog changes nothing. */
  ended(bye: SipRequest): void;
  /** Where the other side of the dialog of this request was when the call was answered; undefined for a call that is not known. */
  otherSide(request: SipRequest): SipTarget | undefined;
  /** Whether the call was forwarded by this process, lately or not so long ago. */
  isKnown(response: SipResponse): boolean;
  /** Whether the caller talks, or talked, on the dialog of this answer. */
  isAnswerOf(response: SipResponse): boolean;
  /** Whether this very INVITE began a call that goes on: what comes again is no call (a replay, or a datagram gone astray). */
  isRepeated(invite: SipRequest): boolean;
  /** Whether a request with this Call-ID and these tags is one of a call that was forwarded by this process, lately or not so long ago. */
  isPartOfCall(request: DialogMarks): boolean;
  readonly size: number;
};

/** What sets a call up; see `Forwarding`. */
export type CallSetUp = { callerSaysBye(calleeTag: string | undefined): void };

/** Where the INVITE of a call came from, and where it was answered. */
export type CallSides = { readonly caller: SipTarget; readonly callee: SipTarget };

/** What tells to which dialog a request belongs (RFC 3261 §12). */
export type DialogMarks = {
  readonly callId: string | undefined;
  readonly fromTag: string | undefined;
  readonly toTag: string | undefined;
};

const MAX_LIVE_CALLS = 100_000;
const MAX_KEY_LENGTH = 256;
/** How many calls are remembered for answers that come too late. */
const MAX_ENDED_CALLS = 20_000;
const NO_TAG = '';

/** Without what sets it up once the call is answered: that would be kept for as long as it lasts. */
type Passage = { readonly session: CallSession; setUp: CallSetUp | null };
type LiveCall = {
  passages: Passage[];
  answer: Answer | null;
  inviteMark: string;
  sides: CallSides | null;
};
/** The tag of the dialog that the caller talks on, empty where it has none; in memory of its own, for it outlives the answer that it came in. */
type Answer = string;

/** A key of bounded length, whatever a caller thinks up. */
function keyFrom(callId = '', callerTag = ''): string {
  // Joined, not written in one: such a text would keep the whole message for as long as the key is kept.
  return [callId.slice(0, MAX_KEY_LENGTH), callerTag.slice(0, MAX_KEY_LENGTH)].join('\n');
}

function keyOf(message: SipMessage, callerTag: string | undefined): string {
  return keyFrom(headerValue(message, 'Call-ID'), callerTag);
}

function callKey(message: SipMessage): string {
  return keyOf(message, readTag(message, 'From'));
}

/** What one INVITE has and no other (RFC 3261 §8.1.1.7): a call that is made again has another branch. */
function inviteMarkOf(invite: SipRequest): string {
  const via = readTopVia(invite);
  const branch = (via && viaBranch(via)) ?? '';
  return `${cseqOf(invite)?.sequence ?? ''} ${branch.slice(0, MAX_KEY_LENGTH)}`;
}

export function createLiveCalls(trunkLoad: TrunkLoad): LiveCalls {
  const live = new ChurningMap<string, LiveCall>();
  const over = new BoundedMap<string, Answer | null>(MAX_ENDED_CALLS);

  function remove(key: string, { passages, answer }: LiveCall): void {
    live.delete(key);
    over.set(key, answer);
    for (const { session } of passages) trunkLoad.ended(session.record.trunkId);
  }

  return {
    add(invite, session, setUp) {
      const key = callKey(invite);
      const passage = { session, setUp: setUp ?? null };
      trunkLoad.began(session.record.trunkId);
      const known = live.get(key);
      if (known && known.answer === null) {
        known.passages.push(passage);
        return;
      }
      if (known) remove(key, known);
      over.delete(key);
      live.set(key, { passages: [passage], answer: null, inviteMark: inviteMarkOf(invite), sides: null });
      if (live.size <= MAX_LIVE_CALLS) return;
      for (const [oldestKey, oldest] of live) return remove(oldestKey, oldest);
    },
    answered(invite, calleeTag, sides) {
      const call = live.get(callKey(invite));
      if (!call) return;
      call.answer = Buffer.from(calleeTag ?? NO_TAG).toString();
      for (const passage of call.passages) passage.setUp = null;
      call.sides = sides ?? null;
    },
    failed(invite, session) {
      const key = callKey(invite);
      const call = live.get(key);
      if (!call) return over.set(key, over.get(key) ?? null);
      if (call.passages.length === 1) return remove(key, call);
      call.passages = call.passages.filter((one) => one.session !== session);
      trunkLoad.ended(session.record.trunkId);
    },
    saysBye(bye) {
      const call = live.get(callKey(bye));
      for (const { setUp } of call?.passages ?? []) setUp?.callerSaysBye(readTag(bye, 'To'));
    },
    ended(bye) {
      const from = readTag(bye, 'From');
      const to = readTag(bye, 'To');
      for (const [callerTag, calleeTag] of [
        [from, to],
        [to, from],
      ]) {
        const key = keyOf(bye, callerTag);
        const call = live.get(key);
        // Before an answer the result of forwarding says how the call ended.
        if (!call || call.answer !== (calleeTag ?? NO_TAG)) continue;
        remove(key, call);
        for (const { session } of call.passages) session.change({ outcome: 'completed', endedAt: session.nowText() });
        return;
      }
    },
    otherSide(request) {
      const from = readTag(request, 'From');
      const to = readTag(request, 'To');
      const ofCaller = live.get(keyOf(request, from));
      if (ofCaller && ofCaller.answer === (to ?? NO_TAG)) return ofCaller.sides?.callee;
      const ofCallee = live.get(keyOf(request, to));
      return ofCallee && ofCallee.answer === (from ?? NO_TAG) ? ofCallee.sides?.caller : undefined;
    },
    isKnown(response) {
      const key = callKey(response);
      return live.has(key) || over.get(key) !== undefined;
    },
    isAnswerOf(response) {
      const key = callKey(response);
      const call = live.get(key);
      const answer = call ? call.answer : over.get(key);
      return answer === (readTag(response, 'To') ?? NO_TAG);
    },
    isRepeated(invite) {
      const call = live.get(callKey(invite));
      return call !== undefined && call.answer !== null && call.inviteMark === inviteMarkOf(invite);
    },
    isPartOfCall({ callId, fromTag, toTag }) {
      return [fromTag, toTag].some((tag) => {
        const key = keyFrom(callId, tag);
        return live.has(key) || over.get(key) !== undefined;
      });
    },
    get size() {
      return live.size;
    },
  };
}
