import { createFairLines, type FairLines, type LineLimits } from '../support/fair-lines.ts';
import type { SipFlow, SipRank, SipRanking } from './sip-flow.ts';

/** Datagrams between the socket and their reading: which of them is taken when more come than can be. */
export type SipIntake = {
  /** A datagram that was read from the socket. */
  arrived(bytes: Buffer, flow: SipFlow): void;
  /** Whether datagrams stand in line. */
  readonly isBehind: boolean;
  /** Whether datagrams stand in line, and the kernel has more of them. */
  readonly isOverrun: boolean;
};

/** A turn reads at most 32 from a socket: one that brings nearly as many has left others in the kernel. */
const FULL_TURN = 24;
/** So many full turns only read: a datagram costs a tenth of what it takes to process it, and what stays in the kernel is lost. */
const READING_TURNS = 4;
/** Rounds of what stands in line, when the socket has been read out and when there is more. */
const ROUNDS = { readOut: 4, full: 1 };
/** In weights; see `weightOf`. */
const LIMITS: Readonly<Record<SipRank, LineLimits>> = {
  emergency: { ofPart: 6_144, ofOne: 8_192, ofAll: 32_768 },
  'of-calls': { ofPart: 6_144, ofOne: 8_192, ofAll: 32_768 },
  'in-dialog': { ofPart: 768, ofOne: 1_024, ofAll: 8_192 },
  call: { ofPart: 384, ofOne: 512, ofAll: 4_096 },
  other: { ofPart: 192, ofOne: 256, ofAll: 2_048 },
};
/** What is taken in a round, first things first; of every rank something, so that nothing waits for ever. */
const ROUND: readonly (readonly [SipRank, number])[] = [
  ['emergency', 4],
  ['of-calls', 16],
  ['in-dialog', 4],
  ['call', 1],
  ['other', 1],
];
const WEIGHT_BYTES = 2_048;

type Arrived = { readonly bytes: Buffer; readonly flow: SipFlow };

/** What a datagram counts in line, so that large ones do not fill the memory: one, and one more for every 2 KB. */
function weightOf(bytes: Buffer): number {
  return 1 + Math.floor(bytes.length / WEIGHT_BYTES);
}

/**
 * Datagrams of a turn of the event loop are processed one right after the other when all of them are in, in the order in which they
 * came (decision 44). When a turn is full, they stand in line instead, by rank, and in each rank the senders in turns; the
 * socket is read out first, then for a moment is processed what has waited, so that a flood is left in line and not in
 * the kernel, where it would push out the calls of others (decision 89). Beyond its line, a flood is dropped.
 */
export function createSipIntake(deps: {
  /** Asked only when there is too much; must not throw. */
  rankOf: SipRanking;
  take: (bytes: Buffer, flow: SipFlow) => void;
  onDropped(flow: SipFlow): void;
  /** Runs an action when the sockets have been read once; one of the event loop unless told. */
  nextTurn?: (action: () => void) => void;
}): SipIntake {
  const { rankOf, take, nextTurn = setImmediate } = deps;
  let arrived: Arrived[] = [];
  let isTurnDue = false;
  let isFull = false;
  let readingTurns = 0;
  const lines = Object.fromEntries(ROUND.map(([rank]) => [rank, createFairLines<Arrived>(LIMITS[rank])])) as Readonly<
    Record<SipRank, FairLines<Arrived>>
  >;

  function isBehind(): boolean {
    return ROUND.some(([rank]) => lines[rank].waiting > 0);
  }

  function standInLine(datagram: Arrived): void {
    const { bytes, flow } = datagram;
    const line = lines[rankOf(bytes)];
    if (!line.add(flow.remoteAddress, datagram, String(flow.remotePort), weightOf(bytes))) deps.onDropped(flow);
  }

  function takeRound(): void {
    for (const [rank, count] of ROUND) {
      for (let one = 0; one < count; one++) {
        const datagram = lines[rank].take();
        if (datagram === undefined) break;
        take(datagram.bytes, datagram.flow);
      }
    }
  }

  function endTurn(): void {
    isTurnDue = false;
    const turn = arrived;
    arrived = [];
    isFull = turn.length >= FULL_TURN;
    if (!isFull && !isBehind()) {
      for (const { bytes, flow } of turn) take(bytes, flow);
      return;
    }
    for (const datagram of turn) standInLine(datagram);
    if (isFull && ++readingTurns < READING_TURNS) return beginTurn();
    readingTurns = 0;
    for (let round = isFull ? ROUNDS.full : ROUNDS.readOut; round > 0; round--) takeRound();
    if (isBehind()) beginTurn();
  }

  function beginTurn(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    nextTurn(endTurn);
  }

  return {
    arrived(bytes, flow) {
      arrived.push({ bytes, flow });
      beginTurn();
    },
    get isBehind() {
      return isBehind();
    },
    get isOverrun() {
      return isFull && isBehind();
    },
  };
}
