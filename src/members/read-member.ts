import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { MemberKind } from './caller.ts';
import type { MemberDetail } from './member-resource.ts';
import { selectAgents, selectNumbersOf, selectStoredMember } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { requireMember } from './require-member.ts';

/** One member with its numbers, and its agents where it is a hunt group. */
export function createReadMember(deps: MembersDeps) {
  const { db } = deps.database;

  async function detail(
    organizationId: string,
    id: string,
    locationIds?: ReadonlySet<string>,
  ): Promise<MemberDetail | undefined> {
    const member = await selectStoredMember(db, organizationId, id);
    if (!member) return undefined;
    return {
      ...member,
      numbers: await selectNumbersOf(db, organizationId, [id]),
      agents: member.kind === 'HUNT_GROUP' ? await selectAgents(db, organizationId, id, locationIds) : [],
    };
  }

  return {
    /** `kind`: a member of any other kind is not found. Throws `not-found`, `gone`, `forbidden`. */
    async readMember(scope: Scope, id: string, kind?: MemberKind): Promise<MemberDetail> {
      const { member: known } = await requireMember(deps, scope, id, kind);
      const member = await detail(scope.organizationId, known.id, scope.locationIds);
      if (!member) throw missing(true, `member ${id}`);
      return member;
    },

    /** The person whose token asks; undefined where the token is a program's. */
    async readOwnPerson(scope: Scope): Promise<MemberDetail | undefined> {
      const person = scope.personId && (await detail(scope.homeOrganizationId, scope.personId));
      return person && person.kind === 'PEOPLE' ? person : undefined;
    },
  };
}
