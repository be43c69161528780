import { Type } from 'typebox';
import type { Accounts, TokenColumn } from '../../accounts/accounts.ts';
import {
  DEFAULT_OVERLAP_SECONDS,
  MAX_OVERLAP_SECONDS,
  TOKEN_STATES,
  type TokenState,
} from '../../domain/credentials.ts';
import { OAUTH_SCOPES, type OAuthScope, ROLES, type Role } from '../../domain/scope.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { listOf, TEXT_OR_NULL } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';

const ROLE = Type.Enum(ROLES as Role[]);
const LABEL = Type.String({ minLength: 1, maxLength: 200 });

const TOKEN = Type.Object({
  id: Type.String(),
  label: Type.String(),
  role: Type.String(),
  scopes: Type.Array(Type.String()),
  locationIds: Type.Union([Type.Array(Type.String()), Type.Null()]),
  partnerId: TEXT_OR_NULL,
  personId: TEXT_OR_NULL,
  state: Type.String({ description: TOKEN_STATES.join(', ') }),
  createdAt: Type.String(),
  expiresAt: TEXT_OR_NULL,
  revokedAt: TEXT_OR_NULL,
  lastUsedAt: Type.Union([Type.String(), Type.Null()], { description: 'Up to a minute behind' }),
  replaces: Type.Union([Type.String(), Type.Null()], { description: 'The token that this one was made to replace' }),
});

const NEW_TOKEN = Type.Object({
  label: LABEL,
  role: ROLE,
  scopes: Type.Optional(Type.Array(Type.Enum([...OAUTH_SCOPES]), { minItems: 1 })),
  locationIds: Type.Optional(Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 1_000 })),
  partnerId: Type.Optional(
    Type.String({ description: 'With the role partnerAdmin, for the operator; else the partner of the organization' }),
  ),
  personId: Type.Optional(Type.String({ format: 'uuid' })),
  lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 10 * 365 * 86_400 })),
});

type NewTokenBody = {
  label: string;
  role: Role;
  scopes?: OAuthScope[];
  locationIds?: string[];
  partnerId?: string;
  personId?: string;
  lifetimeSeconds?: number;
};

const CREATED = { id: Type.String(), token: Type.String(), expiresAt: TEXT_OR_NULL };

type ListQuery = {
  text?: string;
  role?: string;
  state?: TokenState;
  sort?: SortWord<TokenColumn>;
  start?: number;
  max?: number;
};

/** Bearer tokens of the asker's organization. */
export function tokenRoutes(deps: { accounts: Accounts }): RestRoute[] {
  const { accounts } = deps;
  const tags = ['Tokens'];
  return [
    defineRoute<undefined, ListQuery>({
      operationId: 'tokens.list',
      method: 'GET',
      path: '/api/tokens',
      summary: 'List access tokens',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(
          Type.String({ minLength: 1, maxLength: 256, description: 'Part of the label, in any case' }),
        ),
        role: Type.Optional(ROLE),
        state: Type.Optional(Type.Enum([...TOKEN_STATES])),
        ...sortQuery<TokenColumn>('createdAt', 'label', 'role', 'createdAt', 'expiresAt', 'lastUsedAt'),
      }),
      responses: { 200: listOf(TOKEN) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => accounts.listTokens(scope, wanted)),
    }),
    defineRoute<NewTokenBody>({
      operationId: 'tokens.create',
      method: 'POST',
      path: '/api/tokens',
      summary: 'Create an access token',
      description: 'The token is shown in this answer only. It can never hold more than the token that asks.',
      tags,
      body: NEW_TOKEN,
      responses: { 201: Type.Object(CREATED) },
      async handle({ scope, body }) {
        return { status: 201, body: await accounts.createToken(scope, body) };
      },
    }),
    defineRoute<{ label?: string; expiresAt?: string | null }>({
      operationId: 'tokens.update',
      method: 'PATCH',
      path: '/api/tokens/{tokenId}',
      summary: 'Change what a token is called and when it ends',
      description:
        'Earlier: always. Later or never: only with a token that has all that this one gives and lasts as long.',
      tags,
      body: Type.Object({ label: Type.Optional(LABEL), expiresAt: Type.Optional(TEXT_OR_NULL) }),
      responses: { 200: TOKEN },
      async handle({ scope, params, body }) {
        // null = never; undefined = stays.
        const expiresAt = typeof body.expiresAt === 'string' ? readMoment(body.expiresAt, 'expiresAt') : body.expiresAt;
        const changes = { label: body.label, expiresAt };
        return { status: 200, body: await accounts.changeToken(scope, params.tokenId ?? '', changes) };
      },
    }),
    defineRoute<undefined, { overlapSeconds?: number }>({
      operationId: 'tokens.rotate',
      method: 'POST',
      path: '/api/tokens/{tokenId}/rotate',
      summary: 'Replace a token; the old one works beside the new one for a while',
      description:
        `The new token is shown in this answer only, gives the same and ends when the old one would have. The old one ends after ` +
        `\`overlapSeconds\` (default ${DEFAULT_OVERLAP_SECONDS}).`,
      tags,
      query: Type.Object({
        overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_OVERLAP_SECONDS })),
      }),
      responses: {
        201: Type.Object({ ...CREATED, replaced: Type.Object({ id: Type.String(), expiresAt: Type.String() }) }),
      },
      async handle({ scope, params, query }) {
        return { status: 201, body: await accounts.rotateToken(scope, params.tokenId ?? '', query) };
      },
    }),
    defineRoute({
      operationId: 'tokens.revoke',
      method: 'DELETE',
      path: '/api/tokens/{tokenId}',
      summary: 'Revoke an access token at once',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await accounts.revokeToken(scope, params.tokenId ?? '');
        return { status: 204 };
      },
    }),
  ];
}
