import type { Members } from '../../members/members.ts';
import type { Places } from '../../places/places.ts';
import { escapeUser, formatUri, readSipUri } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';
import type { Trunk } from '../trunk.ts';
import type { TrunkIndex } from '../trunk-index.ts';
import { isBound } from './elin-binding.ts';
import type { ElinBindings } from './elin-bindings.ts';
import type { RecentCaller, RecentCallers } from './recent-callers.ts';

/** `isByTrunk`: where a trunk's `contactUri` leads, which its organization chose. */
export type CalledBackCandidate = Candidate & { isByTrunk: boolean };

/** Whom a call to a number is for. */
export type CalledBack = {
  organizationId: string;
  /** The trunk that the emergency call came over, maybe one that another organization shares; null: none, or not known. */
  viaTrunkId: string | null;
  /** `caller`: who made an emergency call with it; `site`: an ELIN that leads to nobody any more; `nobody`: and its site has no number. */
  who: 'caller' | 'site' | 'nobody';
  /** In the order in which they are tried. */
  candidates: readonly CalledBackCandidate[];
  /** The same for a call that no PSAP vouches for. */
  ordinary: readonly CalledBackCandidate[];
  /** The emergency call with that number a short while ago. */
  recent: RecentCaller | undefined;
  reason: string;
};

export type FindCalledBack = (
  number: string,
  now: { nowMs: number; monotonicMs: number },
  /** The trunks that the call comes over: several where organizations share a peer. */
  sourceTrunkIds: readonly string[],
) => CalledBack | undefined;

/** The last one that is tried may be silent for so long: timer B of RFC 3261 §17.1.1.2 is over by then. */
const SILENCE_MS = 33_000;
/** A device that answered a while ago but is silent now is passed over for its trunk. */
const DEVICE_SILENCE_MS = 4_000;

/** Finds who is to be called back on a number, in memory; undefined: nobody ever made an emergency call with it, and it is no ELIN. */
export function createFindCalledBack(deps: {
  elins: Pick<ElinBindings, 'find'>;
  recentCallers: Pick<RecentCallers, 'find'>;
  places: Pick<Places, 'responseLocationOfElin'>;
  members: Pick<Members, 'mainNumber'>;
  trunks: () => TrunkIndex;
}): FindCalledBack {
  const { elins, recentCallers, places, members, trunks } = deps;

  /** The trunk by which the caller is reached; else another of its organization, best one that the call did not come from. */
  function trunkTowards(organizationId: string, trunkId: string | null, sourceTrunkIds: readonly string[]) {
    const own = trunkId === null ? undefined : trunks().byId(trunkId);
    if (own?.organizationId === organizationId && own.contactUri !== null) return own;
    const others = trunks()
      .ofOrganization(organizationId)
      .filter(({ contactUri }) => contactUri !== null);
    return others.find(({ id }) => !sourceTrunkIds.includes(id)) ?? others[0];
  }

  return (number, now, sourceTrunkIds) => {
    const place = places.responseLocationOfElin(number);
    const lent = elins.find(number);
    const remembered = recentCallers.find(number, now.monotonicMs);
    // A number may have changed hands: whoever had it before is nobody's business.
    const organizationId = place?.organizationId ?? lent?.organizationId ?? remembered?.organizationId;
    if (organizationId === undefined) return undefined;
    const binding = lent?.organizationId === organizationId ? lent : undefined;
    const recent = remembered?.organizationId === organizationId ? remembered : undefined;

    if (binding && isBound(binding, now.nowMs)) {
      const { caller, trunkId } = binding;
      const trunk = trunkTowards(organizationId, trunkId, sourceTrunkIds);
      // Only of that very call: the number may have been lent to others since.
      const contact = recent?.caller === caller && recent.trunkId === trunkId ? recent.contact : null;
      const reason = `${number} is the ELIN of ${caller} until ${binding.expiresAt}`;
      const [first, second] = [byTrunk(trunk, caller, reason), byContact(contact, reason)];
      // By another trunk than it came over, an extension may be somebody else's.
      const inOrder = trunk?.id === trunkId ? [first, second] : [second, first];
      const candidates = inOrder.filter(isThere);
      return {
        organizationId,
        viaTrunkId: trunkId,
        who: 'caller',
        candidates,
        ordinary: candidates,
        recent,
        reason,
      };
    }
    const main = place && members.mainNumber(organizationId, place.locationId);
    const towards = trunkTowards(organizationId, binding?.trunkId ?? recent?.trunkId ?? null, sourceTrunkIds);
    const ofNobody = `${number} is an ELIN that leads to no caller ${binding ? 'any more' : 'yet'}`;
    const site = main === undefined ? [] : [byTrunk(towards, main, ofNobody)].filter(isThere);
    // An ELIN that the PBX itself put on the call is its caller's number like any other.
    if (!recent || binding || (place && recent.caller !== number)) {
      const who = site.length > 0 ? 'site' : 'nobody';
      return {
        organizationId,
        viaTrunkId: binding?.trunkId ?? null,
        who,
        candidates: site,
        ordinary: site,
        recent,
        reason: ofNobody,
      };
    }
    const reason = `an emergency call named ${number} to be called back on`;
    // RFC 6881 SP-35: the Contact of the call reaches the device that made it.
    const candidates = [byContact(recent.contact, reason), byTrunk(towards, recent.caller ?? number, reason)];
    // Several may be called back on one number: who calls it for another reason wants the number, not the device.
    const isBeyond = towards !== undefined && !sourceTrunkIds.includes(towards.id);
    const ordinary = isBeyond ? [byTrunk(towards, number, reason)].filter(isThere) : site;
    return {
      organizationId,
      viaTrunkId: recent.trunkId,
      who: 'caller',
      candidates: candidates.filter(isThere),
      ordinary,
      recent,
      reason,
    };
  };
}

function isThere(candidate: CalledBackCandidate | undefined): candidate is CalledBackCandidate {
  return candidate !== undefined;
}

function candidate(
  uri: string,
  name: string,
  reason: string,
  silenceMs: number,
  isByTrunk: boolean,
): CalledBackCandidate {
  return {
    uri,
    name,
    sourceId: null,
    kind: 'caller',
    quality: null,
    reason,
    silenceMs,
    ringMs: null,
    queueMs: null,
    plainSipUser: true,
    isByTrunk,
  };
}

function byTrunk(trunk: Trunk | undefined, user: string, reason: string): CalledBackCandidate | undefined {
  const contact = trunk && readSipUri(trunk.contactUri ?? '');
  if (!contact) return undefined;
  const uri = formatUri({ ...contact, user: escapeUser(user), password: undefined });
  return candidate(uri, `${user} by trunk ${trunk.name}`, reason, SILENCE_MS, true);
}

function byContact(contact: string | null, reason: string): CalledBackCandidate | undefined {
  return contact === null ? undefined : candidate(contact, 'the device that called', reason, DEVICE_SILENCE_MS, false);
}
