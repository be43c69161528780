import { ChurningMap } from '../../support/churning-map.ts';
import type { Clock } from '../../support/clock.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import { headerValue, type SipMessage } from '../../wire/sip/message.ts';
import { createLingerQueue } from '../transactions/linger-queue.ts';
import type { LadderDetail } from './ladder-message.ts';

/** A message that waits to be encoded: a reference to what the call had in its hands anyway. */
export type HeldMessage = {
  readonly atMs: number;
  readonly isIncoming: boolean;
  readonly message: SipMessage;
  readonly peer: SipFlow | SipTarget;
  retransmissions: number;
  failure: string | null;
};

/** What a ladder got since it was last written. */
export type LadderPart = {
  /** Id of the call's record. */
  recordId: string;
  /** 1, 2 …; together they are the ladder. */
  part: number;
  messages: readonly HeldMessage[];
  /** How many messages before these had their texts kept. */
  textsBefore: number;
  /** Messages that were not kept, because the call had too many. */
  leftOut: number;
};

/**
 * The SIP ladders of calls: every message in and out of a call, by its Call-ID. What is done for each message is to find its
 * call and to keep a reference; the encoding happens seconds later, beside the calls. All of it is bounded: while too many
 * messages are held, further calls get no ladder, which a metric counts.
 */
export type CallLadders = {
  noteIncoming(message: SipMessage, flow: SipFlow): void;
  /** Gives what has to be told when the message cannot be sent; undefined for messages of no call. */
  noteOutgoing(message: SipMessage, peer: SipFlow | SipTarget): HeldMessage | undefined;
  /** The call with this Call-ID has a record: its ladder is kept. */
  claim(callId: string, recordId: string): void;
  /** Hands out what is held of calls that have records, now. */
  flush(): void;
  /** The same, for good. */
  close(): void;
};

type Ladder = {
  /** `tag=…` of the caller: one side of every message of the call bears it (RFC 3261 §12). undefined: the caller gave none. */
  tag: string | undefined;
  /** Another call came with the same Call-ID before this one had a record: whose is whose cannot be told. */
  isDoubtful: boolean;
  recordId: string | null;
  held: HeldMessage[];
  isDue: boolean;
  isAnswered: boolean;
  isOver: boolean;
  parts: number;
  messages: number;
  leftOut: number;
};

const MAX_KEY_LENGTH = 256;
/** A part is written so long after its first message: a call that is answered soon has its set-up in one. */
const WRITE_AFTER_MS = 5_000;
const MAX_LADDERS = 50_000;
/** Over all calls, some kilobytes each; one with a large body counts as several. */
const MAX_HELD = 4_000;
const COUNTED_BYTES = 8_192;
const MAX_MESSAGES_OF_CALL = 200;
/** Retransmissions come among the messages of the moment. */
const LOOK_BACK = 12;

export function createCallLadders(deps: {
  clock: Clock;
  metrics: Metrics;
  detail: LadderDetail;
  write(part: LadderPart): void;
}): CallLadders {
  const { clock, detail } = deps;
  const isOff = detail === 'off';
  const countLeftOut = deps.metrics.tally(
    'waymark_call_ladders_left_out_total',
    'Calls without SIP ladder, because too many messages were held',
    [],
  )();
  const ladders = new ChurningMap<string, Ladder>();
  const due = createLingerQueue<string>(clock, WRITE_AFTER_MS, writePart);
  let heldMessages = 0;

  function writePart(key: string): void {
    const ladder = ladders.get(key);
    if (!ladder) return;
    ladder.isDue = false;
    const { held, recordId } = ladder;
    ladder.held = [];
    for (const { message } of held) heldMessages -= weightOf(message);
    // Nobody made a record of it: a request that was refused, or none of ours.
    if (recordId === null || ladder.isOver) ladders.delete(key);
    if (recordId === null || held.length === 0) return;
    ladder.parts += 1;
    deps.write({
      recordId,
      part: ladder.parts,
      messages: held,
      textsBefore: ladder.messages - held.length,
      leftOut: ladder.leftOut,
    });
    ladder.leftOut = 0;
  }

  function hold(key: string, ladder: Ladder, held: HeldMessage): void {
    if (ladder.messages >= MAX_MESSAGES_OF_CALL || heldMessages >= MAX_HELD) {
      ladder.leftOut += 1;
    } else {
      ladder.held.push(held);
      ladder.messages += 1;
      heldMessages += weightOf(held.message);
    }
    if (ladder.isDue) return;
    ladder.isDue = true;
    due.add(key);
  }

  function open(key: string, invite: SipMessage): Ladder | undefined {
    if (heldMessages >= MAX_HELD) {
      countLeftOut();
      return undefined;
    }
    if (ladders.size >= MAX_LADDERS) forgetOldest();
    const ladder: Ladder = {
      tag: tagOf(headerValue(invite, 'From')),
      isDoubtful: false,
      recordId: null,
      held: [],
      isDue: false,
      isAnswered: false,
      isOver: false,
      parts: 0,
      messages: 0,
      leftOut: 0,
    };
    ladders.set(key, ladder);
    return ladder;
  }

  function forgetOldest(): void {
    const [oldest] = ladders.keys();
    if (oldest === undefined) return;
    writePart(oldest);
    ladders.delete(oldest);
  }

  /** A refusal of the call, and a BYE, end the ladder; a re-INVITE that is refused does not. */
  function noteProgress(ladder: Ladder, message: SipMessage, isIncoming: boolean): void {
    if (message.kind === 'request') {
      if (message.method === 'BYE') ladder.isOver = true;
    } else if (!isIncoming && message.status >= 200 && headerValue(message, 'CSeq')?.endsWith('INVITE')) {
      if (message.status < 300) ladder.isAnswered = true;
      else if (!ladder.isAnswered) ladder.isOver = true;
    }
  }

  function flush(): void {
    for (const [key, { recordId }] of ladders) if (recordId !== null) writePart(key);
  }

  function keyOf(message: SipMessage): string | undefined {
    return headerValue(message, 'Call-ID')?.slice(0, MAX_KEY_LENGTH);
  }

  return {
    noteIncoming(message, flow) {
      if (isOff) return;
      const key = keyOf(message);
      if (key === undefined) return;
      let ladder = ladders.get(key);
      if (!ladder && message.kind === 'request' && message.method === 'INVITE') ladder = open(key, message);
      if (!ladder || isForeign(ladder, message)) return;
      const again = findLast(ladder.held, (held) => held.isIncoming && isSame(held.message, message));
      if (again) again.retransmissions += 1;
      else {
        const atMs = clock.nowMs();
        hold(key, ladder, { atMs, isIncoming: true, message, peer: flow, retransmissions: 0, failure: null });
      }
      noteProgress(ladder, message, true);
    },
    noteOutgoing(message, peer) {
      if (isOff) return undefined;
      const key = keyOf(message);
      const ladder = key === undefined ? undefined : ladders.get(key);
      if (key === undefined || !ladder || isForeign(ladder, message)) return undefined;
      // Sent again it is the same object.
      const again = findLast(ladder.held, (held) => held.message === message);
      if (again) {
        again.retransmissions += 1;
        return again;
      }
      const held = { atMs: clock.nowMs(), isIncoming: false, message, peer, retransmissions: 0, failure: null };
      hold(key, ladder, held);
      noteProgress(ladder, message, false);
      return held;
    },
    claim(callId, recordId) {
      const ladder = ladders.get(callId.slice(0, MAX_KEY_LENGTH));
      // A Call-ID that is used again, by accident or not, adds nothing to the ladder of another call.
      if (ladder && ladder.recordId === null && !ladder.isDoubtful) ladder.recordId = recordId;
    },
    flush,
    close() {
      flush();
      due.close();
    },
  };
}

/** Whether the message is of another call that bears the same Call-ID, perhaps of another organization. */
function isForeign(ladder: Ladder, message: SipMessage): boolean {
  const { tag } = ladder;
  if (tag === undefined) return false;
  if (bears(headerValue(message, 'From'), tag) || bears(headerValue(message, 'To'), tag)) return false;
  if (ladder.recordId === null && message.kind === 'request' && message.method === 'INVITE') ladder.isDoubtful = true;
  return true;
}

function bears(value: string | undefined, tag: string): boolean {
  const at = value?.indexOf(tag) ?? -1;
  return value !== undefined && at !== -1 && /^(?:$|[;,\s])/.test(value.slice(at + tag.length));
}

function tagOf(from: string | undefined): string | undefined {
  return from === undefined ? undefined : /;\s*(tag=[^;,\s]+)/i.exec(from)?.[1];
}

/** What a held message counts for: its head, and what it carries. */
export function weightOf({ body }: SipMessage): number {
  return 1 + Math.floor(body.length / COUNTED_BYTES);
}

function findLast(held: readonly HeldMessage[], fits: (one: HeldMessage) => boolean): HeldMessage | undefined {
  for (let index = held.length - 1; index >= Math.max(0, held.length - LOOK_BACK); index--) {
    const one = held[index];
    if (one && fits(one)) return one;
  }
  return undefined;
}

/** Whether two messages that came are one: same line, same hop, same place in the dialog, same answerer. */
function isSame(one: SipMessage, other: SipMessage): boolean {
  if (one.kind === 'request') {
    if (other.kind !== 'request' || one.method !== other.method) return false;
  } else if (other.kind !== 'response' || one.status !== other.status) return false;
  return (
    headerValue(one, 'Via') === headerValue(other, 'Via') &&
    headerValue(one, 'CSeq') === headerValue(other, 'CSeq') &&
    headerValue(one, 'To') === headerValue(other, 'To')
  );
}
