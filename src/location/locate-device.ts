import { inquire, type LocateDeviceDeps } from './device-inquiry.ts';
import type { DeviceQuestion, LocatedDevice, LocationCandidate } from './located-device.ts';
import { type Match, RULES } from './locating-rules.ts';
import { type KnownPlaces, placeOfTarget } from './place-of-target.ts';
import { type LocatingRule, type Resolution, resolutionOf } from './resolution-table.ts';

/** A thousand access points in one request make a long answer, not an endless one. */
const MAX_CANDIDATES = 100;
const MAX_CONTRADICTIONS = 10;

type Winner = Extract<LocatedDevice, { found: true }>;

/** What lost, and whether it says another location than the winner; then the winner is the one trusted more. */
function toCandidate(
  places: KnownPlaces,
  organizationId: string,
  winner: Winner,
  rule: LocatingRule,
  { element, target }: Match,
): LocationCandidate {
  const here = winner.places.locationId;
  const there = placeOfTarget(places, organizationId, target)?.places.locationId ?? null;
  return { rule, element, target, contradicts: here !== null && there !== null && here !== there };
}

function describeContradiction(winner: Winner, { rule, element }: LocationCandidate): string {
  const trusts = [rule, winner.rule].map((one) => resolutionOf(one).trust);
  const why = rule === winner.rule ? 'that one comes first' : `trust ${trusts.join(' against ')}`;
  return `${rule}: ${element} is at another location than ${winner.rule} says, and loses: ${why}`;
}

/** Where a device is, by which rule, and what the other rules would have said. From memory; never throws. */
export function createLocateDevice(deps: LocateDeviceDeps): (question: DeviceQuestion) => LocatedDevice {
  return (question) => {
    const { organizationId, nowMs } = question;
    const winnerOnly = question.winnerOnly === true;
    const notes: string[] = [];
    const inquiry = inquire(deps, question, notes);
    const candidates: LocationCandidate[] = [];
    let contradictions = 0;
    let located: Winner | undefined;

    function take({ rule, method, confidencePercent }: Resolution, match: Match): boolean {
      if (located !== undefined) {
        if (winnerOnly || candidates.length === MAX_CANDIDATES) return true;
        const candidate = toCandidate(deps.places, organizationId, located, rule, match);
        candidates.push(candidate);
        if (candidate.contradicts && contradictions < MAX_CONTRADICTIONS) {
          contradictions += 1;
          notes.push(describeContradiction(located, candidate));
        }
        return false;
      }
      const { element, target, identity, ageMs = 0, elementKey } = match;
      const place = placeOfTarget(deps.places, organizationId, target);
      if (place === undefined) {
        notes.push(`${rule}: ${element} names a place that no longer exists`);
        return false;
      }
      located = {
        found: true,
        value: { ...place.value, method, timestamp: new Date(nowMs - ageMs), confidencePercent },
        target,
        places: place.places,
        rule,
        element,
        ageMs,
        ...(elementKey !== undefined && { elementKey }),
        countedAddresses: inquiry.addresses,
        ...(identity && { identity }),
        candidates,
        notes,
      };
      return winnerOnly;
    }

    for (const resolution of RULES) {
      if (located !== undefined && winnerOnly) break;
      resolution.find(inquiry, (match) => take(resolution, match));
    }
    if (located !== undefined) return located;
    const needsAddress = inquiry.unplacedDevice !== undefined;
    return {
      found: false,
      reason: needsAddress
        ? 'the device has registered no address for the network it is in: its address must be asked'
        : 'nothing in the request is known to this organization',
      needsAddress,
      countedAddresses: inquiry.addresses,
      notes,
    };
  };
}
