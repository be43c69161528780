import { Type } from 'typebox';
import type { Accounts } from '../../accounts/accounts.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Role } from '../../domain/scope.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { decodeResourceId } from '../../wire/webex/resource-id.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';

const CUSTOMER = Type.Object({ id: Type.String(), name: Type.String() });
const ORGANIZATION = Type.Object({
  id: Type.String(),
  name: Type.String(),
  partnerId: Type.Union([Type.String(), Type.Null()]),
});
const PARTNER = Type.Object({
  id: Type.String(),
  name: Type.String(),
  redskyOrgId: Type.String(),
  isDefault: Type.Boolean(),
});

/** Organizations and partners; the operator's, but for what a partner sees of its customers. */
export function organizationRoutes(deps: { accounts: Accounts }): RestRoute[] {
  const { accounts } = deps;
  const tags = ['Platform'];
  return [
    defineRoute<undefined, { text?: string; start?: number; max?: number }>({
      operationId: 'customers.list',
      method: 'GET',
      path: '/api/customers',
      summary: 'List the organizations that one may act for, by name: whom `orgId` may name',
      description: 'A partner sees its customers, the operator everybody.',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Part of the name' })),
      }),
      responses: { 200: listOf(CUSTOMER) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, async (wanted) =>
          (await accounts.listCustomers(scope, wanted)).map(({ id, name }) => ({ id, name })),
        ),
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'organizations.list',
      method: 'GET',
      path: '/api/organizations',
      summary: 'List organizations',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(ORGANIZATION) },
      handle: ({ query, absoluteUrl }) =>
        listPage(query, absoluteUrl, async (page) =>
          (await accounts.listOrganizations(page)).map(({ id, name, partnerId }) => ({ id, name, partnerId })),
        ),
    }),
    defineRoute<{ name: string; partnerId?: string }>({
      operationId: 'organizations.create',
      method: 'POST',
      path: '/api/organizations',
      summary: 'Create an organization',
      tags,
      body: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 256 }),
        partnerId: Type.Optional(Type.String()),
      }),
      responses: { 201: Type.Object({ id: Type.String() }) },
      async handle({ scope, body }) {
        return { status: 201, body: await accounts.createOrganization(scope, body) };
      },
    }),
    defineRoute<{ role: Role; label: string }>({
      operationId: 'organizations.createToken',
      method: 'POST',
      path: '/api/organizations/{organizationId}/tokens',
      summary: 'Create an access token for any organization',
      description: 'It can never hold more, nor last longer, than the token that asks.',
      tags,
      body: Type.Object({
        role: Type.Enum(['fullAdmin', 'readOnlyAdmin', 'userAdmin', 'locationAdmin']),
        label: Type.String({ minLength: 1, maxLength: 200 }),
      }),
      responses: { 201: Type.Object({ id: Type.String(), token: Type.String() }) },
      async handle({ scope, params, body }) {
        const organizationId = decodeResourceId('ORGANIZATION', params.organizationId ?? '') ?? '';
        if (!(await accounts.organization(organizationId))) {
          throw new ProblemError('not-found', 'there is no such organization');
        }
        const { id, token } = await accounts.createToken({ ...scope, organizationId }, body);
        return { status: 201, body: { id, token } };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'partners.list',
      method: 'GET',
      path: '/api/partners',
      summary: 'List partners (resellers)',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(PARTNER) },
      handle: ({ query, absoluteUrl }) => listPage(query, absoluteUrl, (page) => accounts.listPartners(page)),
    }),
    defineRoute<{ name: string }>({
      operationId: 'partners.create',
      method: 'POST',
      path: '/api/partners',
      summary: 'Create a partner',
      tags,
      body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 256 }) }),
      responses: { 201: PARTNER },
      async handle({ scope, body }) {
        return { status: 201, body: await accounts.createPartner(scope, { name: body.name, isDefault: false }) };
      },
    }),
  ];
}
