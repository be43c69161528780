import { ProblemError } from '../domain/problem.ts';
import { OAUTH_SCOPES, type OAuthScope, type Role, type Scope } from '../domain/scope.ts';

/** What a token may do when nothing else is said: everything its role can use. */
export const DEFAULT_SCOPES: Readonly<Record<Role, readonly OAuthScope[]>> = {
  fullAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform'),
  partnerAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform'),
  readOnlyAdmin: OAUTH_SCOPES.filter((scope) => scope.endsWith('_read') || scope === 'waymark:read'),
  userAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform' && scope !== 'waymark:write'),
  locationAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform' && scope !== 'waymark:write'),
  operator: OAUTH_SCOPES,
};

/** What a token gives, whoever holds it. */
export type TokenStrength = { role: Role; scopes: readonly OAuthScope[]; partnerId: string | null };

/**
 * Whoever makes a token, renews it or lets it last longer holds what it gives. So that nobody climbs by that, the asker must
 * have it all: throws `forbidden` otherwise.
 */
export function requireNotStronger(scope: Scope, strength: TokenStrength): void {
  const excess = strength.scopes.filter((name) => !scope.scopes.has(name));
  const isOperator = scope.role === 'operator';
  const isSamePartner = scope.role === 'partnerAdmin' && strength.partnerId === (scope.partnerId ?? null);
  const aboveAsker =
    (strength.role === 'operator' && !isOperator) ||
    (strength.role === 'partnerAdmin' && !isOperator && !isSamePartner);
  if (excess.length === 0 && !aboveAsker) return;
  throw new ProblemError('forbidden', 'a token cannot be given more than the asking token has', {
    fields: excess.map((name) => ({ path: 'scopes', message: `${name} is not held by the asking token` })),
  });
}

/** A token that ends makes none that lasts longer: whoever finds it must not keep what it opens. */
export function requireEndWithin(scope: Scope, endsAtMs: number | null, path: string, nowMs: number): void {
  if (scope.expiresAtMs === undefined || (endsAtMs !== null && endsAtMs <= scope.expiresAtMs)) return;
  const leftSeconds = Math.floor((scope.expiresAtMs - nowMs) / 1_000);
  throw new ProblemError('forbidden', 'a token cannot outlive the asking token', {
    fields: [{ path, message: `the asking token ends in ${leftSeconds} seconds` }],
  });
}
