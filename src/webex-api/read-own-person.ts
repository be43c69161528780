import type { Role, Scope } from '../domain/scope.ts';
import { isUuid, sha256Hex } from '../support/ids.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { Person } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { personAnswer } from './member-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  fullAdmin: 'id_full_admin',
  readOnlyAdmin: 'id_readonly_admin',
  userAdmin: 'id_user_admin',
  locationAdmin: 'id_location_admin',
  partnerAdmin: 'id_partner_admin',
  operator: 'id_operator',
};

function roleId(role: Role): string {
  return Buffer.from(`ciscospark://us/ROLE/${ROLE_NAMES[role]}`, 'utf8').toString('base64url');
}

/** Tokens of an outside provider have names that are no UUIDs; ids are. */
function uuidOf(tokenId: string): string {
  if (isUuid(tokenId)) return tokenId;
  return sha256Hex(tokenId).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** A program's token, as the person that it is to clients (decision 35). */
function programAnswer(scope: Scope): Person {
  return {
    id: encodeResourceId('PEOPLE', uuidOf(scope.tokenId)),
    orgId: encodeResourceId('ORGANIZATION', scope.homeOrganizationId),
    displayName: scope.label || 'Access token',
    emails: [],
    roles: [roleId(scope.role)],
    type: 'appuser',
  };
}

/** Contract section 8, GET people/me: whose token this is. */
export function readOwnPerson(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, { callingData?: boolean }>('GET /people/me', {
    async handle({ scope, query }) {
      const person = await deps.members.readOwnPerson(scope);
      if (!person) return { status: 200, body: programAnswer(scope) };
      const answer = personAnswer(person, scope.homeOrganizationId, query.callingData ?? false);
      // Roles that nobody stored are those that the token works with.
      return { status: 200, body: { ...answer, roles: person.roles.length > 0 ? person.roles : [roleId(scope.role)] } };
    },
  });
}
