import { Type } from 'typebox';
import type { Accounts } from '../../accounts/accounts.ts';
import { OAUTH_SCOPES, type OAuthScope, ROLES, type Role } from '../../domain/scope.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { READ, WRITE } from '../access.ts';
import { listOf } from '../schemas.ts';

const TOKEN = Type.Object({
  id: Type.String(),
  label: Type.String(),
  role: Type.String(),
  scopes: Type.Array(Type.String()),
  locationIds: Type.Union([Type.Array(Type.String()), Type.Null()]),
  personId: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
  expiresAt: Type.Union([Type.String(), Type.Null()]),
  revokedAt: Type.Union([Type.String(), Type.Null()]),
});

const NEW_TOKEN = Type.Object({
  label: Type.String({ minLength: 1, maxLength: 200 }),
  role: Type.Enum(ROLES as Role[]),
  scopes: Type.Optional(Type.Array(Type.Enum([...OAUTH_SCOPES]), { minItems: 1 })),
  locationIds: Type.Optional(Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 1_000 })),
  personId: Type.Optional(Type.String({ format: 'uuid' })),
  lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 10 * 365 * 86_400 })),
});

type NewTokenBody = {
  label: string;
  role: Role;
  scopes?: OAuthScope[];
  locationIds?: string[];
  personId?: string;
  lifetimeSeconds?: number;
};

/** Bearer tokens of the asker's organization. */
export function tokenRoutes(deps: { accounts: Accounts }): RestRoute[] {
  const { accounts } = deps;
  const tags = ['Tokens'];
  return [
    defineRoute({
      operationId: 'tokens.list',
      method: 'GET',
      path: '/api/tokens',
      summary: 'List access tokens',
      tags,
      access: READ,
      responses: { 200: listOf(TOKEN) },
      async handle({ scope }) {
        return { status: 200, body: { items: await accounts.listTokens(scope) } };
      },
    }),
    defineRoute<NewTokenBody>({
      operationId: 'tokens.create',
      method: 'POST',
      path: '/api/tokens',
      summary: 'Create an access token',
      description: 'The token is shown in this answer only. It can never hold more than the token that asks.',
      tags,
      access: WRITE,
      body: NEW_TOKEN,
      responses: {
        201: Type.Object({
          id: Type.String(),
          token: Type.String(),
          expiresAt: Type.Union([Type.String(), Type.Null()]),
        }),
      },
      async handle({ scope, body }) {
        return { status: 201, body: await accounts.createToken(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'tokens.revoke',
      method: 'DELETE',
      path: '/api/tokens/{tokenId}',
      summary: 'Revoke an access token at once',
      tags,
      access: WRITE,
      responses: { 204: null },
      async handle({ scope, params }) {
        await accounts.revokeToken(scope, params.tokenId ?? '');
        return { status: 204 };
      },
    }),
  ];
}
