import { endpointKey } from '../alert-endpoint.ts';
import type { ToldRecipient } from '../told-recipient.ts';

/** Who is told by the rules, and the browsers that asked for themselves; an endpoint that a rule names already is told once, as the rule says. */
export function withSubscribers(
  told: readonly ToldRecipient[],
  subscribers: readonly ToldRecipient[],
): readonly ToldRecipient[] {
  if (subscribers.length === 0) return told;
  const named = new Set(told.map(({ endpoint }) => endpointKey(endpoint)));
  return [...told, ...subscribers.filter(({ endpoint }) => !named.has(endpointKey(endpoint)))];
}
