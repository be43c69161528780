import type { Clock } from '../support/clock.ts';

/** Whether datagrams come faster than they are processed, and which of them can wait then. */
export type SipPressure = {
  /** Told how many datagrams each turn of the event loop brought. */
  noteTurn(datagrams: number): void;
  /** Whether this datagram is to be dropped: there is pressure, and it is no part of a call. */
  sheds(bytes: Buffer): boolean;
};

/** A turn reads at most 32 from a socket: one that brings nearly as many has left others in the kernel. */
const FULL_TURN = 24;
/** Turns have to be full for so long: a burst of calls is no overload. */
const PATIENCE_MS = 100;
/** Requests that no call needs; whoever sends them over UDP sends them again. Everything else may be part of one. */
const NO_PART_OF_A_CALL = ['OPTIONS ', 'REGISTER ', 'SUBSCRIBE ', 'PUBLISH ', 'NOTIFY '].map((text) =>
  Buffer.from(text),
);

function isNoPartOfACall(bytes: Buffer): boolean {
  return NO_PART_OF_A_CALL.some((start) => bytes.length > start.length && start.compare(bytes, 0, start.length) === 0);
}

export function createSipPressure(clock: Clock): SipPressure {
  let fullSinceMs: number | undefined;
  let isHigh = false;
  return {
    noteTurn(datagrams) {
      if (datagrams < FULL_TURN) {
        fullSinceMs = undefined;
        isHigh = false;
      } else if (!isHigh) {
        const nowMs = clock.monotonicMs();
        fullSinceMs ??= nowMs;
        isHigh = nowMs - fullSinceMs >= PATIENCE_MS;
      }
    },
    sheds: (bytes) => isHigh && isNoPartOfACall(bytes),
  };
}
