import type { CallCallback } from '../../domain/call-record.ts';
import type { CallerIdentity, StepContext, StepResult } from '../decision.ts';

const RULES: Readonly<Record<string, string>> = {
  DIRECT_LINE: 'the caller’s own direct line',
  LOCATION_ECBN: 'the emergency callback number of the caller’s location',
  LOCATION_MEMBER_NUMBER: 'the member that the caller’s location named for callbacks',
  LOCATION_NUMBER: 'the main number of the caller’s location',
  NONE: 'neither the caller nor the location has an active number',
};

/** The number the call carries, when nothing better is known. */
export function withoutCallback({ caller }: CallerIdentity): CallCallback {
  if (caller.number?.startsWith('+')) {
    return { number: caller.number, quality: 'NOT_RECOMMENDED', rule: 'as asserted on the call; not a known number' };
  }
  return { number: null, quality: 'INVALID', rule: 'the call carries no number that can be called' };
}

/** The number on which the PSAP reaches the caller: what members/ chose (ECBN), else the asserted number. */
export function chooseCallback(_context: StepContext, identity: CallerIdentity): StepResult<CallCallback> {
  const chosen = identity.known?.callback;
  if (chosen && chosen.number !== null) {
    const rule = RULES[chosen.rule] ?? chosen.rule;
    return { value: { ...chosen, rule }, choice: chosen.number, reason: rule };
  }
  const fallback = withoutCallback(identity);
  const why = chosen ? `${RULES[chosen.rule] ?? chosen.rule}; ` : '';
  return { value: fallback, choice: fallback.number ?? 'none', reason: `${why}${fallback.rule}` };
}
