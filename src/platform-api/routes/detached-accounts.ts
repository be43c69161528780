import { Type } from 'typebox';
import type { E911Accounts } from '../../accounts/e911-accounts.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';

const ACCOUNT = Type.Object({
  companyId: Type.String(),
  redSkyOrgId: Type.String(),
  orgPrefix: Type.String(),
  partnerId: Type.String(),
  externalTenantEnabled: Type.Boolean(),
  adminExists: Type.Boolean(),
  createdAt: Type.String(),
});

type NewAccountBody = { email: string; customerName: string; orgPrefix?: string; partnerRedskyOrgId?: string };

/** Accounts that no organization uses until one takes them with PUT serviceSettings (decision 37). */
export function detachedAccountRoutes(deps: { e911Accounts: E911Accounts }): RestRoute[] {
  const { e911Accounts } = deps;
  const tags = ['Partners'];
  return [
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'detachedAccounts.list',
      method: 'GET',
      path: '/api/detached-accounts',
      summary: 'List the E911 accounts of the partner that no organization uses',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(ACCOUNT) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, async (page) =>
          (await e911Accounts.listDetachedAccounts(scope, page)).map((account) => ({
            companyId: account.companyId,
            redSkyOrgId: account.redskyOrgId,
            orgPrefix: account.orgPrefix,
            partnerId: account.partnerId,
            externalTenantEnabled: account.externalTenantEnabled,
            adminExists: account.adminExists,
            createdAt: account.createdAt,
          })),
        ),
    }),
    defineRoute<NewAccountBody>({
      operationId: 'detachedAccounts.create',
      method: 'POST',
      path: '/api/detached-accounts',
      summary: 'Create an E911 account for a customer that has no organization here yet',
      description:
        'Its administrator is invited by e-mail; the secret is shown in this answer only. An organization takes the account with ' +
        'its companyId and secret, and with the administrator’s password where the partner is a reseller.',
      tags,
      body: Type.Object({
        email: Type.String({ maxLength: 254 }),
        customerName: Type.String({ minLength: 1, maxLength: 256 }),
        orgPrefix: Type.Optional(Type.String({ maxLength: 32 })),
        partnerRedskyOrgId: Type.Optional(Type.String({ maxLength: 64 })),
      }),
      responses: {
        201: Type.Object({ companyId: Type.String(), redSkyOrgId: Type.String(), secret: Type.String() }),
      },
      async handle({ scope, body }) {
        const { companyId, redskyOrgId, secret } = await e911Accounts.createDetachedAccount(scope, body);
        return { status: 201, body: { companyId, redSkyOrgId: redskyOrgId, secret } };
      },
    }),
  ];
}
