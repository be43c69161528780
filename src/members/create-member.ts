import { requireE164 } from '../domain/phone-number.ts';
import { invalidField } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { giveNumber } from './assign-number.ts';
import type { MemberKind } from './caller.ts';
import { changeMembers } from './change-members.ts';
import type { Member } from './member-book.ts';
import { type MemberInput, readAgents, readMemberFields } from './member-fields.ts';
import type { HuntGroupAgent, MemberExtras } from './member-resource.ts';
import { insertMember, replaceAgents, selectPossibleAgents } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';

export type NewMember = MemberInput & {
  kind: MemberKind;
  locationId: string;
  firstName: string;
};

/** Contract section 8: virtual lines and hunt groups have a number or an extension. */
export function requireNumberOrExtension(kind: MemberKind, number: string | null, extension: string | null): void {
  if ((kind === 'VIRTUAL_LINE' || kind === 'HUNT_GROUP') && number === null && extension === null) {
    throw invalidField('phoneNumber', 'is required where there is no extension');
  }
}

/** Gives a hunt group its agents. Throws `invalid` naming those that cannot be. */
export async function setAgents(
  tx: Transaction,
  { locationIds, organizationId }: Scope,
  member: Pick<Member, 'id' | 'kind'>,
  agents: readonly HuntGroupAgent[],
  /** Those who are elsewhere than the administrator sees: they stay, after the others. */
  unseen: readonly HuntGroupAgent[] = [],
): Promise<void> {
  if (member.kind !== 'HUNT_GROUP') throw invalidField('agents', 'goes with hunt groups only');
  const possible = await selectPossibleAgents(
    tx,
    organizationId,
    agents.map((agent) => agent.memberId),
    locationIds,
  );
  const stranger = agents.findIndex((agent) => !possible.has(agent.memberId));
  if (stranger >= 0) {
    throw invalidField(`agents.${stranger}.id`, 'is no person, workspace or virtual line of the organization');
  }
  await replaceAgents(tx, organizationId, member.id, [...agents, ...unseen]);
}

/**
 * Adds a person, workspace, virtual line or hunt group with its number or extension.
 * Throws `invalid`, `not-found` (location), `conflict` (number, extension or e-mail address taken).
 */
export function createCreateMember(deps: MembersDeps) {
  return async function createMember(scope: Scope, wanted: NewMember): Promise<Member & MemberExtras> {
    const { organizationId } = scope;
    const { kind, locationId } = wanted;
    const fields = readMemberFields(kind, wanted, undefined);
    const number = wanted.phoneNumber ? requireE164(wanted.phoneNumber, 'phoneNumber') : null;
    requireNumberOrExtension(kind, number, fields.extension);
    const agents = readAgents(wanted.agents);
    await deps.places.getLocation(scope, locationId);
    const member: Member & MemberExtras = {
      id: newId(),
      kind,
      locationId,
      ...fields,
      ecbnSelected: number === null ? 'LOCATION_ECBN' : 'DIRECT_LINE',
      ecbnMemberId: null,
      elinEnabled: false,
      elinForWebexAppEnabled: false,
    };
    return changeMembers(deps, scope, async (tx) => {
      await insertMember(tx, organizationId, member);
      if (number !== null) await giveNumber(deps, tx, organizationId, member, number);
      if (agents) await setAgents(tx, scope, member, agents);
      return {
        result: member,
        entry: {
          action: 'member.created',
          subject: `member ${member.id}`,
          after: { kind, locationId, number, ...fields, ...(agents && { agents }) },
        },
      };
    });
  };
}
