import { Type } from 'typebox';
import type { E911Accounts } from '../../accounts/e911-accounts.ts';
import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { READ, WRITE } from '../access.ts';

/** What the contract leaves out of the E911 account: where phones ask, and the secret (decision 7). */
export function e911AccountRoutes(deps: { e911Accounts: E911Accounts; publicUrl(): string }): RestRoute[] {
  const tags = ['E911 account'];
  return [
    defineRoute({
      operationId: 'e911Account.read',
      method: 'GET',
      path: '/api/e911-account',
      summary: 'The E911 account and the HELD address to configure in phones',
      tags,
      access: READ,
      responses: {
        200: Type.Object({
          companyId: Type.String(),
          redSkyOrgId: Type.String(),
          enabled: Type.Boolean(),
          secretRequired: Type.Boolean(),
          heldUrl: Type.String(),
        }),
      },
      async handle({ scope }) {
        const account = await deps.e911Accounts.readAccount(scope.organizationId);
        if (!account) throw new ProblemError('not-found', 'the organization has no E911 account yet');
        return {
          status: 200,
          body: {
            companyId: account.companyId,
            redSkyOrgId: account.redskyOrgId,
            enabled: account.enabled,
            secretRequired: account.secretRequired,
            heldUrl: `${deps.publicUrl()}/held/c/${account.companyId}`,
          },
        };
      },
    }),
    defineRoute({
      operationId: 'e911Account.rotateSecret',
      method: 'POST',
      path: '/api/e911-account/secret',
      summary: 'Make a new secret; the old one stops working',
      description: 'The secret is shown in this answer only.',
      tags,
      access: WRITE,
      responses: { 200: Type.Object({ companyId: Type.String(), secret: Type.String() }) },
      async handle({ scope }) {
        return { status: 200, body: await deps.e911Accounts.rotateSecret(scope) };
      },
    }),
  ];
}
