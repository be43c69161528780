import { Type } from 'typebox';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Scope } from '../../domain/scope.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { orNull } from '../schemas.ts';

const SESSION = Type.Object({
  id: Type.String({
    description: 'Who it is, as the audit trail names them: of a person, of a token, or of what signed in',
  }),
  label: Type.String({ description: 'What the token is called, or the address of the administrator' }),
  role: Type.String(),
  scopes: Type.Array(Type.String()),
  organization: Type.Object({ id: Type.String(), name: Type.String() }),
  homeOrganizationId: Type.String({
    description: 'Differs for partners and operators that act for another organization',
  }),
  locationIds: orNull(Type.Array(Type.String()), 'The locations it may touch; null: all of the organization'),
  operations: Type.Array(Type.String(), {
    description: 'What it may do: `METHOD /path`, as in the OpenAPI description',
  }),
  endsAtProvider: Type.Boolean({
    description: 'Whether this browser can sign out at the OpenID Connect provider as well',
  }),
  endsAt: orNull(Type.String({ format: 'date-time' }), 'null: it does not end'),
});

/** Whether the right to an operation is held. */
function mayCall({ role, scopes }: Pick<Scope, 'role' | 'scopes'>, { access }: Pick<RestRoute, 'access'>): boolean {
  return access.roles.includes(role) && access.anyScope.some((name) => scopes.has(name));
}

/** Who asks, and what they may do: pages hide by it what the server refuses anyway. */
export function sessionRoutes(deps: { accounts: Accounts; allRoutes(): readonly RestRoute[] }): RestRoute[] {
  return [
    defineRoute({
      operationId: 'session.get',
      method: 'GET',
      path: '/api/session',
      summary: 'Who asks, for which organization, and what they may do',
      tags: ['Tokens'],
      responses: { 200: SESSION },
      async handle({ scope }) {
        const organization = await deps.accounts.organization(scope.organizationId);
        const { label, role, scopes, homeOrganizationId, locationIds, personId, tokenId } = scope;
        const ends = [scope.expiresAtMs, scope.sessionEndsAtMs].filter((end) => end !== undefined);
        return {
          status: 200,
          body: {
            id: personId ?? tokenId,
            label: label ?? '',
            role,
            scopes: [...scopes],
            organization: { id: scope.organizationId, name: organization?.name ?? '' },
            homeOrganizationId,
            locationIds: locationIds === undefined ? null : [...locationIds],
            operations: deps
              .allRoutes()
              .filter((route) => mayCall(scope, route))
              .map(({ method, path }) => `${method} ${path}`),
            endsAtProvider: scope.endsAtProvider === true,
            endsAt: ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString(),
          },
        };
      },
    }),
  ];
}
