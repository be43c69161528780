import type { CallCallback } from '../../domain/call-record.ts';
import type { ElinOffer } from '../call-lookups.ts';
import type { AttachedLocation, CallerIdentity, StepContext, StepResult } from '../decision.ts';

const RULES: Readonly<Record<string, string>> = {
  DIRECT_LINE: 'the caller’s own direct line',
  LOCATION_ECBN: 'the emergency callback number of the caller’s location',
  LOCATION_MEMBER_NUMBER: 'the member that was chosen for callbacks to the caller',
  LOCATION_NUMBER: 'the main number of the caller’s location',
  NONE: 'neither the caller nor the location has an active number',
};

const MINUTE_MS = 60_000;

/** The number the call carries, when nothing better is known. */
export function withoutCallback({ caller }: CallerIdentity): CallCallback {
  if (caller.number?.startsWith('+')) {
    return { number: caller.number, quality: 'NOT_RECOMMENDED', rule: 'as asserted on the call; not a known number' };
  }
  return { number: null, quality: 'INVALID', rule: 'the call carries no number that can be called' };
}

/**
 * The number on which the PSAP reaches the caller (decision 63): what members/ chose (ECBN), else the asserted number. A caller who
 * has no number of its own gets an ELIN of the place it calls from, where one is allowed or nothing else would reach anybody: calls
 * to it come back to the very caller.
 */
export function chooseCallback(
  context: StepContext,
  identity: CallerIdentity,
  attached: AttachedLocation,
): StepResult<CallCallback> {
  const chosen = identity.known?.callback;
  const hasNumber = chosen !== undefined && chosen.number !== null;
  const offer = mayUseElin(identity, hasNumber) ? offerElin(context, identity, attached) : undefined;
  if (offer) return withElin(context, offer, attached);
  if (hasNumber) {
    const { number, quality } = chosen;
    const rule = RULES[chosen.rule] ?? chosen.rule;
    return { value: { number, quality, rule }, choice: number ?? 'none', reason: rule };
  }
  const fallback = withoutCallback(identity);
  const why = chosen ? `${RULES[chosen.rule] ?? chosen.rule}; ` : '';
  return { value: fallback, choice: fallback.number ?? 'none', reason: `${why}${fallback.rule}` };
}

/** Its own number is better than one that is lent; another's number is better only where the caller's own may not be lent. */
function mayUseElin({ known, caller }: CallerIdentity, hasNumber: boolean): boolean {
  if (caller.number === null) return false;
  if (known === null) return !caller.number.startsWith('+');
  return !known.hasOwnNumber && (known.mayUseElin === true || !hasNumber);
}

function offerElin({ lookups, now }: StepContext, identity: CallerIdentity, { location }: AttachedLocation) {
  const { organizationId, trunkId, caller } = identity;
  const responseLocationId = location?.erlId ?? null;
  if (organizationId === null || responseLocationId === null || caller.number === null) return undefined;
  const wanted = { organizationId, responseLocationId, caller: caller.number, memberId: caller.memberId, trunkId };
  return lookups.elinFor(wanted, now.nowMs());
}

function withElin({ now }: StepContext, offer: ElinOffer, { location }: AttachedLocation): StepResult<CallCallback> {
  const { number, how, displaced, expiryMinutes, boundAtMs } = offer;
  const rule = 'an ELIN of the place, which leads to the caller';
  const expiresAt = new Date(now.nowMs() + expiryMinutes * MINUTE_MS).toISOString();
  const reasons = [
    rule,
    `the caller has no number of its own; calls to ${number} reach it for ${expiryMinutes} minutes`,
  ];
  if (how === 'kept') reasons.push('it has this one already');
  if (how === 'taken')
    reasons.push(`every ELIN there is in use: it no longer reaches ${displaced ?? 'an earlier caller'}`);
  return {
    value: {
      number,
      quality: 'RECOMMENDED',
      rule,
      elin: { responseLocationId: location?.erlId ?? '', boundAt: new Date(boundAtMs).toISOString(), expiresAt },
    },
    choice: number,
    reason: reasons.join('; '),
    ...(how === 'taken' && { flags: ['elin-exhausted'] as const }),
  };
}
