import type { NowOrLater } from '../support/now-or-later.ts';
import type { SipTarget, SipTransport } from '../transport/sip-flow.ts';
import { approximateBytes } from '../wire/sip/encode-message.ts';
import type { SipRequest } from '../wire/sip/message.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { SilentTargets } from './silent-targets.ts';

/** The targets of a request, where one that is too large for a datagram goes by TCP if that can be had. */
export type PreferTcp = (request: SipRequest, targets: readonly SipTarget[]) => NowOrLater<readonly SipTarget[]>;

/** Where a request goes: the targets of its next hop, by TCP if it is large. */
export function findTargets(
  { resolve, preferTcp }: { resolve: ResolveDestination; preferTcp: PreferTcp },
  request: SipRequest,
  uri: string,
): NowOrLater<readonly SipTarget[]> {
  const targets = resolve(uri);
  return targets instanceof Promise ? targets.then((found) => preferTcp(request, found)) : preferTcp(request, targets);
}

/** RFC 3261 §18.1.1, for paths whose MTU is not known. */
const MAX_DATAGRAM_BYTES = 1_300;
/** What this hop adds: Via and Record-Route. */
const ADDED_BYTES = 250;
/** So long the first call to a destination waits for its TCP; those that follow know what came of it. */
const CONNECT_WITHIN_MS = 500;

/** The same place by UDP, where TCP was only taken for the size of a request and came to nothing. */
export function byUdpInstead({ orUdp, address, port }: SipTarget): SipTarget | undefined {
  return orUdp && { protocol: 'udp', address, port };
}

/**
 * RFC 3261 §18.1.1: a large request goes by a transport with congestion control, and by UDP all the same where no connection can
 * be had. Where one was had lately and nobody said anything on it, UDP comes first and TCP last: it is not left out, for many a
 * path loses large datagrams. Targets whose protocol somebody asked for stay as they are.
 */
export function createPreferTcp(
  transport: Pick<SipTransport, 'canConnect'>,
  silentTargets: Pick<SilentTargets, 'isSilent'>,
): PreferTcp {
  const byTcp = ({ address, port }: SipTarget): SipTarget => ({ protocol: 'tcp', address, port });
  const maySwitch = (target: SipTarget): boolean => target.orTcp === true && !silentTargets.isSilent(byTcp(target));
  return (request, targets) => {
    const [first] = targets;
    if (!first?.orTcp || approximateBytes(request) + ADDED_BYTES <= MAX_DATAGRAM_BYTES) return targets;
    const silent = targets.filter((target) => target.orTcp && !maySwitch(target)).map(byTcp);
    if (!maySwitch(first)) return [...targets, ...silent];
    const choose = (canConnect: boolean): readonly SipTarget[] => {
      if (!canConnect) return targets;
      const switched = targets.map((target) =>
        maySwitch(target) ? { ...byTcp(target), orUdp: true as const } : target,
      );
      return [...switched, ...silent];
    };
    const can = transport.canConnect(byTcp(first), CONNECT_WITHIN_MS);
    return typeof can === 'boolean' ? choose(can) : can.then(choose);
  };
}
