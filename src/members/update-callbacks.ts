import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Queryable } from '../storage/database.ts';
import type { CallbackSelection, LocationCallback, Member } from './member-book.ts';
import {
  selectLocationCallback,
  selectMember,
  updateMemberSettings,
  upsertLocationCallback,
} from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';

/** Absent or null = stays as it is. */
export type MemberCallbackChange = {
  selected?: CallbackSelection | null | undefined;
  /** Needed with LOCATION_MEMBER_NUMBER. */
  locationMemberId?: string | null | undefined;
  elinEnabled?: boolean | null | undefined;
  elinForWebexAppEnabled?: boolean | null | undefined;
};

export type LocationCallbackChange = {
  selected: LocationCallback['selected'];
  locationMemberId?: string | null | undefined;
  /** 10 to 1440. */
  elinExpiryTimeMinutes?: number | null | undefined;
};

const DEFAULT_ELIN_EXPIRY_MINUTES = 60;

/** Contract section 6: a member whose number stands in for others must be in the same location. */
async function requireMemberAt(
  db: Queryable,
  organizationId: string,
  memberId: string | null | undefined,
  locationId: string,
): Promise<string> {
  if (!memberId) throw invalidField('locationMemberId', 'is required with LOCATION_MEMBER_NUMBER');
  const member = await selectMember(db, organizationId, memberId);
  if (member?.locationId !== locationId)
    throw invalidField('locationMemberId', 'expected a member of the same location');
  return memberId;
}

/** Which callback number members and locations use (contract section 6). */
export function createUpdateCallbacks(deps: MembersDeps) {
  const { database, audit, places } = deps;
  return {
    /** Throws `not-found`, `forbidden`, or `invalid` (`locationMemberId`). */
    async updateMemberCallback(scope: Scope, memberId: string, change: MemberCallbackChange): Promise<Member> {
      const { organizationId } = scope;
      const known = await selectMember(database.db, organizationId, memberId);
      if (!known) throw new ProblemError('not-found', 'the member does not exist');
      await places.getLocation(scope, known.locationId);
      return database.db.transaction().execute(async (tx) => {
        const ecbnSelected = change.selected ?? known.ecbnSelected;
        const settings = {
          ecbnSelected,
          ecbnMemberId:
            ecbnSelected === 'LOCATION_MEMBER_NUMBER'
              ? await requireMemberAt(
                  tx,
                  organizationId,
                  change.locationMemberId ?? known.ecbnMemberId,
                  known.locationId,
                )
              : null,
          elinEnabled: change.elinEnabled ?? known.elinEnabled,
          elinForWebexAppEnabled: change.elinForWebexAppEnabled ?? known.elinForWebexAppEnabled,
        };
        await updateMemberSettings(tx, organizationId, memberId, settings);
        await audit.record(tx, scope, {
          action: 'member.callback-updated',
          subject: `member ${memberId}`,
          detail: settings,
        });
        await announceChange(tx, 'members', organizationId);
        return { ...known, ...settings };
      });
    },

    /** Throws `not-found`, `forbidden`, or `invalid`. */
    async updateLocationCallback(
      scope: Scope,
      locationId: string,
      change: LocationCallbackChange,
    ): Promise<LocationCallback> {
      const { organizationId } = scope;
      const minutes = change.elinExpiryTimeMinutes;
      if (
        minutes !== null &&
        minutes !== undefined &&
        !(Number.isInteger(minutes) && minutes >= 10 && minutes <= 1440)
      ) {
        throw invalidField('elinExpiryTimeMinutes', 'expected 10 to 1440');
      }
      await places.getLocation(scope, locationId);
      return database.db.transaction().execute(async (tx) => {
        const known = await selectLocationCallback(tx, organizationId, locationId);
        const callback: LocationCallback = {
          locationId,
          selected: change.selected,
          memberId:
            change.selected === 'LOCATION_MEMBER_NUMBER'
              ? await requireMemberAt(tx, organizationId, change.locationMemberId, locationId)
              : null,
          elinExpiryMinutes: minutes ?? known?.elinExpiryMinutes ?? DEFAULT_ELIN_EXPIRY_MINUTES,
        };
        await upsertLocationCallback(tx, organizationId, callback);
        await audit.record(tx, scope, {
          action: 'location.callback-updated',
          subject: `location ${locationId}`,
          detail: callback,
        });
        await announceChange(tx, 'members', organizationId);
        return callback;
      });
    },
  };
}
