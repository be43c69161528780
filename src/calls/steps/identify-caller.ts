import type { CallFlag } from '../../domain/call-record.ts';
import type { CallLookups } from '../call-lookups.ts';
import type { CallerIdentity, StepContext, StepResult } from '../decision.ts';
import type { CallIdentity, EmergencyCall } from '../emergency-call.ts';
import { trunkWithin } from '../trunk.ts';

/** What is known when nothing could be looked up: the identity that the call carries. */
export function unidentifiedCaller(call: EmergencyCall): CallerIdentity {
  const carried = bestIdentity(call);
  return {
    organizationId: null,
    trunkId: null,
    trunk: null,
    caller: {
      number: carried?.number ?? null,
      displayName: carried?.displayName ?? null,
      memberId: null,
      memberKind: null,
      locationId: null,
      asserted: carried?.uri ?? null,
    },
    known: null,
    standing: null,
  };
}

function bestIdentity(call: EmergencyCall): CallIdentity | undefined {
  return call.identities.find((identity) => identity.number !== null) ?? call.identities[0];
}

/**
 * Whose call is it: the owner of the conveyed location URI, else the trunk's organization, else the organization of a
 * globally unique asserted number. What contradicts is noted, never refused (decision 12).
 */
export function identifyCaller({ call, lookups, now }: StepContext): StepResult<CallerIdentity> {
  const notes: string[] = [...(call.remarks?.identity ?? [])];
  const flags: CallFlag[] = [];
  if (call.service.isPrefixed) notes.push(`dialled with a prefix as ${call.service.dialed}`);

  const referenceOwner = ownerOfReference(call, lookups, now.nowMs());
  const match = lookups.trunkOf(call.peer);
  const only = match.kind === 'one' ? match.trunk : undefined;
  if (match.kind === 'ambiguous') notes.push(`${match.trunks.length} trunks of several organizations share the peer`);
  const byNumber = firstFound(call.identities, ({ number }) =>
    number?.startsWith('+') ? lookups.findByNumber(number) : undefined,
  );
  // No number is both an ELIN and somebody's own.
  const byElin = byNumber
    ? undefined
    : firstFound(call.identities, ({ number }) => (number?.startsWith('+') ? lookups.findElin(number) : undefined));

  const claims: [organizationId: string, whose: string][] = [];
  if (referenceOwner !== undefined) claims.push([referenceOwner, 'owner of the conveyed location URI']);
  // Another organization's trunk is told by id: the trace is shown to the one that the call belongs to.
  const isOthers = referenceOwner !== undefined && referenceOwner !== only?.organizationId;
  if (only) claims.push([only.organizationId, `trunk ${isOthers ? only.id : only.name}`]);
  if (byNumber) claims.push([byNumber.found.organizationId, `number ${byNumber.found.number ?? ''}`.trim()]);
  if (byElin) claims.push([byElin.found.organizationId, `ELIN ${byElin.identity.number ?? ''}`]);
  const [organizationId, whose] = claims[0] ?? [];
  for (const [other, otherWhose] of claims) {
    if (other === organizationId) continue;
    flags.push('conflict');
    notes.push(`${otherWhose} belongs to organization ${other}`);
  }

  if (organizationId === undefined) {
    return {
      value: unidentifiedCaller(call),
      choice: 'unknown organization',
      reason: ['no location URI of ours, no trunk and no known number', ...notes].join('; '),
      flags: [...flags, 'unknown-organization', 'unknown-caller'],
    };
  }

  const trunk = only ?? trunkWithin(match, organizationId) ?? null;
  const inOrganization = firstFound(call.identities, ({ number }) =>
    number === null ? undefined : lookups.findInOrganization(organizationId, number),
  );
  const known = inOrganization?.found ?? null;
  const carried = inOrganization?.identity ?? byElin?.identity ?? bestIdentity(call);
  if (byElin?.found.organizationId === organizationId) {
    notes.push(`${byElin.identity.number} is the ELIN of ${byElin.found.name}`);
  }
  if (!known) {
    flags.push('unknown-caller');
    notes.push(carried?.number ? `${carried.number} is no member of it` : 'the call carries no number');
  } else if (carried) notes.push(`caller known by ${carried.header}`);
  return {
    value: {
      organizationId,
      trunkId: trunk?.id ?? null,
      trunk,
      caller: {
        number: carried?.number ?? known?.number ?? null,
        displayName: known?.displayName || carried?.displayName || null,
        memberId: known?.memberId ?? null,
        memberKind: known?.kind ?? null,
        locationId: known?.locationId ?? null,
        asserted: carried?.uri ?? null,
      },
      known,
      standing: lookups.standing(organizationId, known?.locationId ?? null),
    },
    choice: known
      ? `${known.displayName || known.number || 'a number'} of organization ${organizationId}`
      : `organization ${organizationId}`,
    reason: [`decided by ${whose}`, ...notes].join('; '),
    flags,
  };
}

function ownerOfReference(call: EmergencyCall, lookups: CallLookups, nowMs: number): string | undefined {
  for (const { form, uri } of call.conveyed) {
    if (form !== 'own' || uri === null) continue;
    const resolved = lookups.resolveReference(uri, nowMs);
    if (resolved.found) return resolved.organizationId;
  }
  return undefined;
}

function firstFound<Found>(
  identities: readonly CallIdentity[],
  find: (identity: CallIdentity) => Found | undefined,
): { identity: CallIdentity; found: Found } | undefined {
  for (const identity of identities) {
    const found = find(identity);
    if (found) return { identity, found };
  }
  return undefined;
}
