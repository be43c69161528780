import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation } from '../storage/constraint-violation.ts';
import type { Transaction } from '../storage/database.ts';
import {
  lockMember,
  type MemberCallbackSetting,
  selectLocationCallback,
  updateMemberSettings,
  upsertLocationCallback,
} from './callback-records.ts';
import type { MemberKind } from './caller.ts';
import { DEFAULT_ELIN_EXPIRY_MINUTES } from './describe-callbacks.ts';
import type { CallbackSelection, LocationCallback, Member } from './member-book.ts';
import type { MembersDeps } from './members-deps.ts';
import { requireMember } from './require-member.ts';

/** Absent or null = stays as it is. */
export type MemberCallbackChange = {
  selected?: CallbackSelection | null | undefined;
  /** Needed with LOCATION_MEMBER_NUMBER, unless that is selected already. */
  locationMemberId?: string | null | undefined;
  elinEnabled?: boolean | null | undefined;
  elinForWebexAppEnabled?: boolean | null | undefined;
};

export type LocationCallbackChange = {
  selected: LocationCallback['selected'];
  /** Needed with LOCATION_MEMBER_NUMBER. */
  locationMemberId?: string | null | undefined;
  /** 10 to 1440. Absent or null = stays as it is, 60 at first. */
  elinExpiryTimeMinutes?: number | null | undefined;
};

const SHORTEST_ELIN_EXPIRY = 10;
const LONGEST_ELIN_EXPIRY = 1_440;

/**
 * Contract section 6: a member whose number stands in for others must be in the same location. It stays there until the
 * choice is stored: whoever moves or removes it afterwards is told of those who chose it.
 */
async function requireMemberAt(
  tx: Transaction,
  organizationId: string,
  memberId: string | null | undefined,
  locationId: string,
): Promise<string> {
  if (!memberId) throw invalidField('locationMemberId', 'is required with LOCATION_MEMBER_NUMBER');
  const member = await lockMember(tx, organizationId, memberId, 'staying');
  if (member?.locationId !== locationId) {
    throw invalidField('locationMemberId', 'expected a member of the same location');
  }
  return memberId;
}

function readExpiry(minutes: number | null | undefined): number | undefined {
  if (minutes === null || minutes === undefined) return undefined;
  if (!Number.isInteger(minutes) || minutes < SHORTEST_ELIN_EXPIRY || minutes > LONGEST_ELIN_EXPIRY) {
    throw invalidField('elinExpiryTimeMinutes', `expected ${SHORTEST_ELIN_EXPIRY} to ${LONGEST_ELIN_EXPIRY}`);
  }
  return minutes;
}

function settingOf({ ecbnSelected, ecbnMemberId, elinEnabled, elinForWebexAppEnabled }: Member): MemberCallbackSetting {
  return { ecbnSelected, ecbnMemberId, elinEnabled, elinForWebexAppEnabled };
}

/** Which callback number members and locations use (contract section 6, decision 36). */
export function createUpdateCallbacks(deps: MembersDeps) {
  const { database, audit, places } = deps;
  return {
    /** Throws `not-found`, `gone`, `forbidden`, or `invalid` (`locationMemberId`). */
    async updateMemberCallback(
      scope: Scope,
      memberId: string,
      change: MemberCallbackChange,
      kind?: MemberKind,
    ): Promise<Member> {
      const { organizationId } = scope;
      const { member: found } = await requireMember(deps, scope, memberId, kind);
      return database.db.transaction().execute(async (tx) => {
        const known = await lockMember(tx, organizationId, found.id, 'changing');
        // Whoever moved or removed it meanwhile has been told so; this one may not be allowed there.
        if (known?.locationId !== found.locationId) throw new ProblemError('conflict', 'the member was just changed');
        const before = settingOf(known);
        const ecbnSelected = change.selected ?? known.ecbnSelected;
        const after: MemberCallbackSetting = {
          ecbnSelected,
          ecbnMemberId: null,
          elinEnabled: change.elinEnabled ?? known.elinEnabled,
          elinForWebexAppEnabled: change.elinForWebexAppEnabled ?? known.elinForWebexAppEnabled,
        };
        if (ecbnSelected === 'LOCATION_MEMBER_NUMBER') {
          const wanted = change.locationMemberId ?? known.ecbnMemberId;
          // Somebody who only switches ELINs is not held up by a chosen member that has gone.
          after.ecbnMemberId =
            change.selected || change.locationMemberId
              ? await requireMemberAt(tx, organizationId, wanted, known.locationId)
              : wanted;
        }
        await updateMemberSettings(tx, organizationId, known.id, after);
        await audit.record(tx, scope, {
          action: 'member.callback-updated',
          subject: `member ${known.id}`,
          before,
          after,
        });
        await announceChange(tx, 'members', organizationId);
        return { ...known, ...after };
      });
    },

    /** Throws `not-found`, `gone`, `forbidden`, or `invalid`. */
    async updateLocationCallback(
      scope: Scope,
      locationId: string,
      change: LocationCallbackChange,
    ): Promise<LocationCallback> {
      const { organizationId } = scope;
      await places.getLocation(scope, locationId);
      const minutes = readExpiry(change.elinExpiryTimeMinutes);
      try {
        return await database.db.transaction().execute(async (tx) => {
          const before = await selectLocationCallback(tx, organizationId, locationId);
          const after: LocationCallback = {
            locationId,
            selected: change.selected,
            memberId:
              change.selected === 'LOCATION_MEMBER_NUMBER'
                ? await requireMemberAt(tx, organizationId, change.locationMemberId, locationId)
                : null,
            elinExpiryMinutes: minutes ?? before?.elinExpiryMinutes ?? DEFAULT_ELIN_EXPIRY_MINUTES,
          };
          await upsertLocationCallback(tx, organizationId, after);
          await audit.record(tx, scope, {
            action: 'location.callback-updated',
            subject: `location ${locationId}`,
            before,
            after,
          });
          await announceChange(tx, 'members', organizationId);
          return after;
        });
      } catch (error) {
        if (!isForeignKeyViolation(error)) throw error;
        throw new ProblemError('conflict', 'the location or the member was just removed', { cause: error });
      }
    },
  };
}
