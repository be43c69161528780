import type { Members } from '../../members/members.ts';
import type { Places } from '../../places/places.ts';
import { escapeUser, formatUri, readSipUri } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';
import type { Trunk } from '../trunk.ts';
import type { TrunkIndex } from '../trunk-index.ts';
import { isBound } from './elin-binding.ts';
import type { ElinBindings } from './elin-bindings.ts';
import type { RecentCaller, RecentCallers } from './recent-callers.ts';

/** Whom a call to a number is for. */
export type CalledBack = {
  organizationId: string;
  /** `caller`: who made an emergency call with it; `site`: an ELIN that leads to nobody any more; `nobody`: and its site has no number. */
  who: 'caller' | 'site' | 'nobody';
  /** In the order in which they are tried. */
  candidates: readonly Candidate[];
  /** The same for a call that no PSAP vouches for. */
  ordinary: readonly Candidate[];
  /** The emergency call with that number a short while ago. */
  recent: RecentCaller | undefined;
  reason: string;
};

export type FindCalledBack = (
  number: string,
  now: { nowMs: number; monotonicMs: number },
  sourceTrunkId: string | null,
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
  function trunkTowards(organizationId: string, trunkId: string | null, sourceTrunkId: string | null) {
    const own = trunkId === null ? undefined : trunks().byId(trunkId);
    if (own?.organizationId === organizationId && own.contactUri !== null) return own;
    const others = trunks()
      .ofOrganization(organizationId)
      .filter(({ contactUri }) => contactUri !== null);
    return others.find(({ id }) => id !== sourceTrunkId) ?? others[0];
  }

  return (number, now, sourceTrunkId) => {
    const binding = elins.find(number);
    const place = places.responseLocationOfElin(number);
    const recent = recentCallers.find(number, now.monotonicMs);

    if (binding && isBound(binding, now.nowMs)) {
      const { organizationId, caller, trunkId } = binding;
      const trunk = trunkTowards(organizationId, trunkId, sourceTrunkId);
      // Only of that very call: the number may have been lent to others since.
      const contact = recent?.caller === caller && recent.trunkId === trunkId ? recent.contact : null;
      const reason = `${number} is the ELIN of ${caller} until ${binding.expiresAt}`;
      const candidates = [byTrunk(trunk, caller, reason), byContact(contact, reason)].filter(isThere);
      return { organizationId, who: 'caller', candidates, ordinary: candidates, recent, reason };
    }
    if (binding || place) {
      const organizationId = place?.organizationId ?? binding?.organizationId ?? '';
      const main = place && members.mainNumber(organizationId, place.locationId);
      const trunk = trunkTowards(organizationId, binding?.trunkId ?? null, sourceTrunkId);
      const reason = `${number} is an ELIN that leads to no caller ${binding ? 'any more' : 'yet'}`;
      const candidates = main === undefined ? [] : [byTrunk(trunk, main, reason)].filter(isThere);
      const who = candidates.length > 0 ? 'site' : 'nobody';
      return { organizationId, who, candidates, ordinary: candidates, recent: undefined, reason };
    }
    if (!recent) return undefined;
    const { organizationId, trunkId, contact } = recent;
    const reason = `an emergency call named ${number} to be called back on`;
    const trunk = trunkTowards(organizationId, trunkId, sourceTrunkId);
    // RFC 6881 SP-35: the Contact of the call reaches the device that made it.
    const candidates = [byContact(contact, reason), byTrunk(trunk, recent.caller ?? number, reason)].filter(isThere);
    // Several may be called back on one number: who calls it for another reason wants the number, not the device.
    const isBeyond = trunk !== undefined && trunk.id !== sourceTrunkId;
    const ordinary = [isBeyond ? byTrunk(trunk, number, reason) : undefined].filter(isThere);
    return { organizationId, who: 'caller', candidates, ordinary, recent, reason };
  };
}

function isThere(candidate: Candidate | undefined): candidate is Candidate {
  return candidate !== undefined;
}

function candidate(uri: string, name: string, reason: string, silenceMs: number): Candidate {
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
  };
}

function byTrunk(trunk: Trunk | undefined, user: string, reason: string): Candidate | undefined {
  const contact = trunk && readSipUri(trunk.contactUri ?? '');
  if (!contact) return undefined;
  const uri = formatUri({ ...contact, user: escapeUser(user), password: undefined });
  return candidate(uri, `${user} by trunk ${trunk.name}`, reason, SILENCE_MS);
}

function byContact(contact: string | null, reason: string): Candidate | undefined {
  return contact === null ? undefined : candidate(contact, 'the device that called', reason, DEVICE_SILENCE_MS);
}
