import { Type } from 'typebox';
import type { E911Accounts, NewHeldCertificate } from '../../accounts/e911-accounts.ts';
import type { Compliance } from '../../compliance/compliance.ts';
import { MAX_GRACE_SECONDS } from '../../domain/credentials.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Places } from '../../places/places.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { listOf, TEXT_OR_NULL } from '../schemas.ts';

const ACCOUNT = Type.Object({
  companyId: Type.String(),
  redSkyOrgId: Type.String(),
  enabled: Type.Boolean(),
  externalTenantEnabled: Type.Boolean(),
  secretRequired: Type.Boolean({ description: 'Phones must present the secret beside the company id' }),
  heldUrl: Type.String(),
  previousSecretValidUntil: TEXT_OR_NULL,
  formerAccounts: Type.Array(Type.Object({ companyId: Type.String(), validUntil: Type.String() }), {
    description: 'Accounts given up, whose company ids phones may still name',
  }),
  disabling: Type.Object(
    {
      inForce: Type.Boolean(),
      locationsToRelay: Type.Integer({ description: 'Locations whose emergency calls go direct while it is enabled' }),
      locationsWithoutTestCalls: Type.Integer({ description: 'Locations whose test calls work while it is enabled' }),
      effects: Type.Record(Type.String(), Type.String()),
    },
    { description: 'What PUT serviceSettings with enabled false does, or has done' },
  ),
});

const CERTIFICATE = Type.Object({
  id: Type.String(),
  fingerprint: Type.String({ description: 'SHA-256, lower-case hexadecimal' }),
  subject: Type.String(),
  validUntil: TEXT_OR_NULL,
  description: Type.String(),
  createdAt: Type.String(),
});

/** Decision 37: disabled is not unprotected. */
const EFFECTS = {
  emergencyCalls: 'are routed: to the relay centre, with all that is known, flagged not-enabled (decision 10)',
  testCalls: 'are answered, and the agent says that the service is switched off (decision 9)',
  held: 'goes on: phones get their locations (decision 8)',
  alerts: 'go on: the people on site are told of every emergency call',
  stages: 'can still be completed; they count again once the service is enabled',
};

type Deps = {
  e911Accounts: E911Accounts;
  places: Pick<Places, 'locationsOf'>;
  compliance: Pick<Compliance, 'standing'>;
  publicUrl(): string;
};

/** What the contract leaves out of the E911 account: where phones ask, and the secret (decision 7). */
export function e911AccountRoutes(deps: Deps): RestRoute[] {
  const { e911Accounts } = deps;
  const tags = ['E911 account'];

  function countAffected(organizationId: string): { locationsToRelay: number; locationsWithoutTestCalls: number } {
    const standings = deps.places
      .locationsOf(organizationId)
      .map(({ id }) => deps.compliance.standing(organizationId, id))
      .filter(({ optedOut, exempt }) => !optedOut && !exempt);
    return {
      locationsToRelay: standings.filter(({ missing }) => missing.length === 0).length,
      locationsWithoutTestCalls: standings.filter(({ missing }) => !missing.includes('NETWORK_ELEMENTS')).length,
    };
  }

  return [
    defineRoute({
      operationId: 'e911Account.read',
      method: 'GET',
      path: '/api/e911-account',
      summary: 'The E911 account, the HELD address to configure in phones, and what disabling it does',
      tags,
      responses: { 200: ACCOUNT },
      async handle({ scope }) {
        const account = await e911Accounts.readAccount(scope.organizationId);
        if (!account) throw new ProblemError('not-found', 'the organization has no E911 account yet');
        return {
          status: 200,
          body: {
            companyId: account.companyId,
            redSkyOrgId: account.redskyOrgId,
            enabled: account.enabled,
            externalTenantEnabled: account.externalTenantEnabled,
            secretRequired: account.secretRequired,
            heldUrl: `${deps.publicUrl()}/held/c/${account.companyId}`,
            previousSecretValidUntil: await e911Accounts.previousSecretValidUntil(scope),
            formerAccounts: await e911Accounts.listFormerAccounts(scope),
            disabling: { inForce: !account.enabled, ...countAffected(scope.organizationId), effects: EFFECTS },
          },
        };
      },
    }),
    defineRoute<{ secretRequired: boolean }>({
      operationId: 'e911Account.update',
      method: 'PATCH',
      path: '/api/e911-account',
      summary: 'Say whether phones must present the secret',
      description: 'Phones that name the company id alone are refused while it is true (decision 7).',
      tags,
      body: Type.Object({ secretRequired: Type.Boolean() }),
      responses: { 204: null },
      async handle({ scope, body }) {
        await e911Accounts.requireHeldSecret(scope, body.secretRequired);
        return { status: 204 };
      },
    }),
    defineRoute<undefined, { graceSeconds?: number }>({
      operationId: 'e911Account.rotateSecret',
      method: 'POST',
      path: '/api/e911-account/secret',
      summary: 'Make a new secret; the one before stays good for a grace time',
      description:
        'The secret is shown in this answer only. The grace time is `graceSeconds`, else WAYMARK_SECRET_GRACE_HOURS; a secret ' +
        'that was in its grace time already ends.',
      tags,
      query: Type.Object({ graceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_GRACE_SECONDS })) }),
      responses: {
        200: Type.Object({
          companyId: Type.String(),
          secret: Type.String(),
          previousSecretValidUntil: TEXT_OR_NULL,
        }),
      },
      async handle({ scope, query }) {
        return { status: 200, body: await e911Accounts.rotateSecret(scope, query) };
      },
    }),
    defineRoute({
      operationId: 'e911Account.endGrace',
      method: 'DELETE',
      path: '/api/e911-account/previous-credentials',
      summary: 'End the grace time of the replaced secret and of accounts given up now',
      tags,
      responses: { 204: null },
      async handle({ scope }) {
        await e911Accounts.endGrace(scope);
        return { status: 204 };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'e911Account.listCertificates',
      method: 'GET',
      path: '/api/e911-account/certificates',
      summary: 'Client certificates that stand for the secret of the phones',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(CERTIFICATE) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await e911Accounts.listHeldCertificates(scope, page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<NewHeldCertificate>({
      operationId: 'e911Account.addCertificate',
      method: 'POST',
      path: '/api/e911-account/certificates',
      summary: 'Let a client certificate stand for the secret of the phones',
      description:
        'One of `certificate` (PEM) and `fingerprint`. It counts over HTTPS, where WAYMARK_TLS_CA names its authority; the company ' +
        'id is still to be named (decision 45).',
      tags,
      body: Type.Object({
        certificate: Type.Optional(Type.String({ maxLength: 16_384, description: 'PEM' })),
        fingerprint: Type.Optional(
          Type.String({ maxLength: 128, description: 'SHA-256 in hexadecimal, with or without colons' }),
        ),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 201: CERTIFICATE },
      async handle({ scope, body }) {
        return { status: 201, body: await e911Accounts.addHeldCertificate(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'e911Account.removeCertificate',
      method: 'DELETE',
      path: '/api/e911-account/certificates/{id}',
      summary: 'A client certificate opens nothing any more',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await e911Accounts.removeHeldCertificate(scope, params['id'] ?? '');
        return { status: 204 };
      },
    }),
  ];
}
