import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { CallFlag, CallLocation } from '../../domain/call-record.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import type { RouteDestination } from '../../routing/routing.ts';
import type { CallLookups } from '../call-lookups.ts';
import type {
  AttachedLocation,
  CallerIdentity,
  Candidate,
  ChosenDestination,
  StepContext,
  StepResult,
} from '../decision.ts';

type Candidates = ChosenDestination['candidates'];

/** How long a relay centre may stay silent before the next destination is tried. */
const RELAY_SILENCE_MS = 6_000;

/** The relay centre alone: what a call gets when nothing can be decided. */
export function relayOnly(lookups: CallLookups): ChosenDestination {
  const reason = 'the relay centre is the default';
  return { candidates: relayCandidates(lookups, 'US', reason), country: 'US', language: null };
}

function relayCandidates(lookups: CallLookups, country: 'US' | 'CA', reason: string): Candidates {
  const { uri, name, alternateUris = [] } = lookups.relays[country];
  const relay: Candidate = {
    uri,
    name,
    sourceId: null,
    kind: 'relay',
    quality: null,
    reason,
    silenceMs: RELAY_SILENCE_MS,
    ringMs: null,
    queueMs: null,
    plainSipUser: false,
  };
  return [relay, ...alternateUris.map((other) => ({ ...relay, uri: other, reason: `alternate of ${name}` }))];
}

/**
 * Where the call goes (decisions 10 and 11): direct to the PSAP when routing is enabled and the place is known; else to the
 * relay centre with all that is known. The one not chosen first stands behind it, so that a dead end is passed over.
 */
export function chooseDestination(
  { call, lookups }: StepContext,
  identity: CallerIdentity,
  attached: AttachedLocation,
): StepResult<ChosenDestination> {
  const { location } = attached;
  const standing = attached.standing ?? identity.standing;
  const route = location ? lookups.destinationsFor(toValue(location), call.service.service) : null;
  const country = countryOf(location, route, identity.caller.number);
  const language = languageOf(lookups, identity, location);
  const flags: CallFlag[] = [];
  const detours: string[] = [];

  if (!location) detours.push('no location is known');
  else if (!route) {
    flags.push('no-route');
    detours.push('the location lies in no boundary');
  }
  if (route?.leadsToRelay) {
    flags.push('psap-open');
    detours.push(route.mapping.displayName);
  }
  if (standing?.optedOut) {
    flags.push('opted-out');
    detours.push('the location or its organization opted out');
  } else if (standing?.exempt) {
    flags.push('exempt');
    detours.push('the location lies outside the service area');
  } else if (standing && !standing.routingEnabled) {
    flags.push('not-enabled');
    const why = [
      ...(standing.accountEnabled ? [] : ['the organization has no E911 account that is switched on']),
      ...(standing.missing.length > 0 ? [`${standing.missing.join(', ')} not completed`] : []),
    ];
    detours.push(`routing is not enabled: ${why.join(', ')}`);
  }
  if (attached.isNomadic && country === 'CA') {
    flags.push('nomadic-canada');
    detours.push('a self-registered address in Canada goes through the relay centre');
  }

  const direct = route && !route.leadsToRelay ? psapCandidates(route) : [];
  const [psap, ...alternates] = direct;
  const isDirect = detours.length === 0 && psap !== undefined;
  const wanted: Candidates = isDirect
    ? [psap, ...alternates, ...relayCandidates(lookups, country, 'no PSAP took the call')]
    : appended(relayCandidates(lookups, country, detours.join('; ')), direct);
  const { candidates, doubts } = doubtfulLast(wanted, lookups);
  const [first] = candidates;
  const unknownStanding = isDirect && !standing ? ['no organization to ask whether routing is enabled'] : [];
  return {
    value: { candidates, country, language },
    choice: first.kind === 'psap' ? `${first.name} (${first.sourceId ?? first.uri})` : first.name,
    reason: [wanted[0].reason, ...doubts, ...unknownStanding].join('; '),
    flags,
  };
}

function appended([first, ...rest]: Candidates, others: readonly Candidate[]): Candidates {
  return [first, ...rest, ...others];
}

/** Destinations that seem dead are tried after the others, but never left out: what is known of them may be old. */
function doubtfulLast(wanted: Candidates, lookups: CallLookups): { candidates: Candidates; doubts: string[] } {
  const doubts: string[] = [];
  const later = wanted.filter((candidate) => {
    const doubt = lookups.doubtOf(candidate.uri);
    if (doubt !== null) doubts.push(`${candidate.name} (${candidate.uri}) ${doubt} and is tried later`);
    return doubt !== null;
  });
  const [first, ...rest] = wanted.filter((candidate) => !later.includes(candidate));
  if (later.length === 0 || !first) return { candidates: wanted, doubts };
  return { candidates: [first, ...rest, ...later], doubts };
}

function toValue({ civic, shape }: CallLocation): LocationValue {
  return { ...(civic ? { civic } : {}), ...(shape ? { shape } : {}) };
}

function psapCandidates(route: RouteDestination): Candidate[] {
  const warnings = route.warnings.map((warning) => `; ${warning}`).join('');
  const base = {
    name: route.mapping.displayName,
    sourceId: route.mapping.sourceId,
    kind: 'psap',
    quality: route.quality,
    silenceMs: route.ringTimeoutMs,
    ringMs: route.ringLimitMs,
    queueMs: route.queueLimitMs,
    plainSipUser: route.plainSipUser,
  } as const;
  return [
    { ...base, uri: route.uri, reason: `${route.rule}${warnings}` },
    ...route.alternateUris.map((uri) => ({ ...base, uri, reason: `alternate of ${route.mapping.displayName}` })),
  ];
}

function countryOf(
  location: CallLocation | null,
  route: RouteDestination | null,
  callerNumber: string | null,
): 'US' | 'CA' {
  const civicCountry = location?.civic?.country?.toUpperCase();
  if (civicCountry) return civicCountry === 'CA' ? 'CA' : 'US';
  if (route) return route.mapping.sourceId.startsWith('ca-') ? 'CA' : 'US';
  const numberCountry = callerNumber ? parsePhoneNumberFromString(callerNumber)?.country : undefined;
  return numberCountry === 'CA' ? 'CA' : 'US';
}

function languageOf(lookups: CallLookups, identity: CallerIdentity, location: CallLocation | null): 'en' | 'fr' | null {
  const locationId = location?.locationId ?? identity.known?.locationId;
  if (!identity.organizationId || !locationId) return null;
  const language = lookups.site(identity.organizationId, locationId)?.preferredLanguage.slice(0, 2).toLowerCase();
  return language === 'en' || language === 'fr' ? language : null;
}
