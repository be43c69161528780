import { isDeepStrictEqual } from 'node:util';
import { requireE164 } from '../domain/phone-number.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { giveNumber } from './assign-number.ts';
import { refuseMainNumber, refuseWhileCalledBack } from './callback-use.ts';
import type { MemberKind } from './caller.ts';
import { changeMembers } from './change-members.ts';
import { requireNumberOrExtension, setAgents } from './create-member.ts';
import type { MemberNumber } from './member-book.ts';
import { type MemberInput, readAgents, readMemberFields } from './member-fields.ts';
import type { HuntGroupAgent } from './member-resource.ts';
import { type MemberValues, selectAgents, selectStoredMember, updateMemberRow } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { freeNumbers, lockNumbersOf, moveNumbers } from './number-records.ts';
import { requireMember } from './require-member.ts';

export type MemberChanges = MemberInput & {
  /** Its numbers go with it. */
  locationId?: string | null | undefined;
};

type Part = Record<string, unknown>;

/** What differs, before and after. */
function difference(before: Part, after: Part): { before: Part; after: Part } | undefined {
  const names = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  if (names.length === 0) return undefined;
  const only = (part: Part) => Object.fromEntries(names.map((name) => [name, part[name]]));
  return { before: only(before), after: only(after) };
}

const numberOf = (held: MemberNumber): string => held.number;

/** Changes a member. Throws `not-found`, `gone`, `forbidden`, `invalid`, or `conflict` (taken, or others rely on it). */
export function createUpdateMember(deps: MembersDeps) {
  async function changeAgents(
    tx: Transaction,
    scope: Scope,
    member: { id: string; kind: MemberKind },
    agents: readonly HuntGroupAgent[] | undefined,
  ): Promise<{ before: Part; after: Part } | undefined> {
    if (!agents) return undefined;
    const plain = (list: readonly HuntGroupAgent[]) => list.map(({ memberId, weight }) => ({ memberId, weight }));
    const before = plain(await selectAgents(tx, scope.organizationId, member.id));
    const seen = plain(await selectAgents(tx, scope.organizationId, member.id, scope.locationIds));
    if (isDeepStrictEqual(seen, agents)) return undefined;
    const unseen = before.filter(({ memberId }) => !seen.some((one) => one.memberId === memberId));
    await setAgents(tx, scope, member, agents, unseen);
    return { before: { agents: before }, after: { agents: [...agents, ...unseen] } };
  }

  return async function updateMember(
    scope: Scope,
    id: string,
    changes: MemberChanges,
    kind?: MemberKind,
  ): Promise<void> {
    const { organizationId } = scope;
    const { member: found } = await requireMember(deps, scope, id, kind);
    const locationId = changes.locationId ?? found.locationId;
    if (locationId !== found.locationId) await deps.places.getLocation(scope, locationId);
    const wanted = changes.phoneNumber ? requireE164(changes.phoneNumber, 'phoneNumber') : changes.phoneNumber;
    const agents = readAgents(changes.agents);

    await changeMembers(deps, scope, async (tx) => {
      const known = await selectStoredMember(tx, organizationId, found.id, true);
      if (known?.locationId !== found.locationId) throw new ProblemError('conflict', 'the member was just changed');
      const fields = readMemberFields(known.kind, changes, known);
      const held = await lockNumbersOf(tx, organizationId, known.id);
      const primary = held.find((number) => number.isPrimary);
      const number = wanted === undefined ? (primary?.number ?? null) : wanted || null;
      requireNumberOrExtension(known.kind, number, fields.extension);
      const moves = locationId !== known.locationId;
      const freed = primary && primary.number !== number ? [primary] : [];
      const moved = moves ? held.filter((one) => !freed.includes(one)) : [];
      refuseMainNumber([...freed, ...moved]);
      if (moves || (primary && number === null)) await refuseWhileCalledBack(tx, organizationId, known.id);

      // The one chosen for its callbacks stays behind, and a callback elsewhere sends help elsewhere.
      const chooses = !moves || known.ecbnSelected !== 'LOCATION_MEMBER_NUMBER';
      const values: MemberValues = {
        ...fields,
        locationId,
        ecbnSelected: chooses ? known.ecbnSelected : number === null ? 'LOCATION_ECBN' : 'DIRECT_LINE',
        ecbnMemberId: chooses ? known.ecbnMemberId : null,
      };
      const changed = difference({ ...known, number: primary?.number ?? null }, { ...values, number });
      const changedAgents = await changeAgents(tx, scope, known, agents);
      if (!changed && !changedAgents) return { result: undefined, entry: undefined };

      await freeNumbers(tx, organizationId, freed.map(numberOf));
      await moveNumbers(tx, organizationId, moved.map(numberOf), locationId);
      await updateMemberRow(tx, organizationId, known.id, values);
      if (number !== null && number !== primary?.number) {
        await giveNumber(deps, tx, organizationId, { id: known.id, locationId }, number);
      }
      return {
        result: undefined,
        entry: {
          action: 'member.updated',
          subject: `member ${known.id}`,
          before: { ...changed?.before, ...changedAgents?.before },
          after: { ...changed?.after, ...changedAgents?.after },
        },
      };
    });
  };
}
