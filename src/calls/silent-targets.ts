import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import type { SipTarget } from '../transport/sip-flow.ts';

/**
 * Addresses that let a call wait in vain: of several addresses of one name they are tried last for a while, so that neither the
 * next call waits for them again, nor the ACK and the BYE of a call go where its INVITE found nobody (RFC 3263 §4.3 has every
 * request try the servers anew). None is ever left out.
 */
export type SilentTargets = {
  answered(target: SipTarget): void;
  unanswered(target: SipTarget): void;
  isSilent(target: SipTarget): boolean;
  /** The same targets, those that are silent last, else in their order. */
  order(targets: readonly SipTarget[]): readonly SipTarget[];
};

const REMEMBERED = 1_000;
const REMEMBERED_MS = 300_000;

function keyOf({ protocol, address, port }: SipTarget): string {
  return `${protocol}|${address}|${port}`;
}

export function createSilentTargets(clock: Pick<Clock, 'monotonicMs'>): SilentTargets {
  const silentAtMs = new BoundedMap<string, number>(REMEMBERED);

  function isSilent(target: SipTarget): boolean {
    if (silentAtMs.size === 0) return false;
    const atMs = silentAtMs.get(keyOf(target));
    return atMs !== undefined && clock.monotonicMs() - atMs < REMEMBERED_MS;
  }

  return {
    answered(target) {
      if (silentAtMs.size > 0) silentAtMs.delete(keyOf(target));
    },
    isSilent,
    unanswered: (target) => silentAtMs.set(keyOf(target), clock.monotonicMs()),
    order(targets) {
      if (silentAtMs.size === 0 || targets.length < 2 || !targets.some(isSilent)) return targets;
      return [...targets.filter((target) => !isSilent(target)), ...targets.filter(isSilent)];
    },
  };
}
