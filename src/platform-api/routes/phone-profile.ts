import { Type } from 'typebox';
import type { E911Accounts } from '../../accounts/e911-accounts.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';
import { writePhoneProfile } from '../write-phone-profile.ts';

type Wanted = { line?: number; secondary?: string; emergencyNumbers?: string };

const EMERGENCY_NUMBERS = '911,933';
const HTTP = /^https?:$/;

/** `https://node` of a second way to the platform: the path is ours. */
function readBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url !== undefined && HTTP.test(url.protocol) && url.search === '' && url.hash === '' && !url.username;
  if (!isBase) throw invalidField('secondary', 'is not an address such as https://e911-b.example.com');
  return url.href.replace(/\/+$/, '');
}

/** What phones are configured with so that they ask for their location. */
export function phoneProfileRoutes(deps: {
  e911Accounts: Pick<E911Accounts, 'readAccount'>;
  publicUrl(): string;
}): RestRoute[] {
  return [
    defineRoute<undefined, Wanted>({
      operationId: 'e911Account.phoneProfile',
      method: 'GET',
      path: '/api/e911-account/phone-profile',
      summary: 'Settings for multiplatform phones: company id, HELD addresses, emergency numbers',
      description:
        'A part of the phone profile (cfg.xml). `secondary` is another address under which the platform is reached; phones ask ' +
        'there when the first does not answer.',
      tags: ['E911 account'],
      query: Type.Object({
        line: Type.Optional(Type.Integer({ minimum: 1, maximum: 99, description: 'The line of the phone' })),
        secondary: Type.Optional(Type.String({ maxLength: 512, description: 'e.g. https://e911-b.example.com' })),
        emergencyNumbers: Type.Optional(
          Type.String({
            maxLength: 63,
            pattern: '^[0-9]{2,6}(,[0-9]{2,6})*$',
            description: `Separated by commas; ${EMERGENCY_NUMBERS} unless told`,
          }),
        ),
      }),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        const account = await deps.e911Accounts.readAccount(scope.organizationId);
        if (!account) throw new ProblemError('not-found', 'the organization has no E911 account yet');
        if (account.secretRequired) {
          const detail =
            'the organization requires its secret for HELD, which these phones cannot present (secretRequired)';
          throw new ProblemError('conflict', detail);
        }
        const held = (base: string): string => `${base}/held/c/${account.companyId}`;
        return {
          status: 200,
          headers: { 'content-type': 'application/xml; charset=utf-8' },
          body: writePhoneProfile({
            line: query.line ?? 1,
            companyId: account.companyId,
            primaryUrl: held(deps.publicUrl()),
            secondaryUrl: query.secondary === undefined ? undefined : held(readBase(query.secondary)),
            emergencyNumbers: (query.emergencyNumbers ?? EMERGENCY_NUMBERS).split(','),
          }),
        };
      },
    }),
  ];
}
