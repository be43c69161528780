import { requireE164 } from '../domain/phone-number.ts';
import { invalidField } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Transaction } from '../storage/database.ts';
import { clearMainNumber, lockNumber, setMainNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { refuseElins } from './refuse-elins.ts';

/** Makes one of a location's numbers its main number, in the transaction of a larger change. Throws `invalid` naming `path`. */
export function createSetMainNumber({ audit, places }: Pick<MembersDeps, 'audit' | 'places'>) {
  return async function makeMainNumber(
    tx: Transaction,
    scope: Scope,
    locationId: string,
    phoneNumber: string,
    path: string,
  ): Promise<void> {
    const { organizationId } = scope;
    const number = requireE164(phoneNumber, path);
    await refuseElins({ places }, tx, organizationId, [number], { path });
    const held = await lockNumber(tx, number);
    if (held?.organizationId !== organizationId || held.locationId !== locationId) {
      throw invalidField(path, 'expected a number of the location');
    }
    if (held.isMain) return;
    const before = await clearMainNumber(tx, organizationId, locationId);
    await setMainNumber(tx, organizationId, number);
    await audit.record(tx, scope, {
      action: 'location.main-number-updated',
      subject: `location ${locationId}`,
      before: { mainNumber: before },
      after: { mainNumber: number },
    });
    await announceChange(tx, 'members', organizationId);
  };
}
