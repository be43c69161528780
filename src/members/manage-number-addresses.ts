import type { UncheckedAddress } from '../addresses/addresses.ts';
import { readE164 } from '../domain/phone-number.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { LocationAddresses } from '../places/places.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { newId } from '../support/ids.ts';
import { changeMembers } from './change-members.ts';
import { lockNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import type { FormerNumberAddress, NumberAddress } from './number-address.ts';
import {
  insertFormerNumberAddress,
  type NumberAddressRow,
  selectFormerNumberAddresses,
  selectNumberAddress,
  selectNumberLocation,
  upsertNumberAddress,
} from './number-address-records.ts';
import { deriveNumberAddress } from './number-address-snapshot.ts';

/** What is known of a number's addresses: its own, where it has one that counts, before those of its location. */
export type NumberAddresses = LocationAddresses & {
  /** null: it has none, or stands at another location since. */
  own: NumberAddress | null;
  /** Former own addresses, the newest first, at most 100. */
  ownHistory: FormerNumberAddress[];
};

const MAX_HISTORY = 100;

/** A number's own emergency address (contract section 7, decision 39). */
export function createNumberAddressManagement(deps: MembersDeps) {
  const { addresses, clock, database, places } = deps;

  /** The number and the addresses of its location. Throws `not-found`, `gone`, `forbidden`. */
  async function requireNumber(
    scope: Scope,
    text: string,
  ): Promise<{ number: string; locationId: string; around: LocationAddresses }> {
    const { organizationId } = scope;
    const number = readE164(text);
    const locationId = number === null ? undefined : await selectNumberLocation(database.db, organizationId, number);
    const isElsewhere = locationId !== undefined && scope.locationIds?.has(locationId) === false;
    if (number === null || locationId === undefined || isElsewhere) {
      const gone =
        !isElsewhere &&
        number !== null &&
        (await wasRemoved(database.db, { organizationId, kind: 'number', id: number }));
      throw missing(gone, `number ${text.slice(0, 32)}`);
    }
    return { number, locationId, around: await places.readLocationAddresses(scope, locationId) };
  }

  return {
    /**
     * Gives a number an emergency address of its own; null takes it away, and the location's applies again. What is left
     * out is the location's. Rejects with `not-found`, `forbidden`, `invalid` (fields below `emergencyAddress`).
     */
    async setNumberAddress(scope: Scope, text: string, given: UncheckedAddress | null): Promise<void> {
      const { organizationId } = scope;
      const { number, locationId, around } = await requireNumber(scope, text);
      const now = new Date(clock.nowMs());
      const checked =
        given === null
          ? null
          : await addresses.readEmergencyAddress(given, {
              base: (around.emergencyAddress ?? around.location).postalAddress,
              change: false,
              path: 'emergencyAddress',
              now,
            });
      await changeMembers(deps, scope, async (tx) => {
        const held = await lockNumber(tx, number);
        if (held?.organizationId !== organizationId || held.locationId !== locationId) {
          throw new ProblemError('conflict', `the number ${number} was just moved or removed`);
        }
        const before = await selectNumberAddress(tx, organizationId, number);
        if (checked === null && (before === undefined || before.address === null)) {
          return { result: undefined, entry: undefined };
        }
        if (before !== undefined && before.address !== null && before.addressCheck !== null) {
          await insertFormerNumberAddress(tx, {
            id: newId(),
            organizationId,
            number,
            locationId: before.locationId,
            address: before.address,
            addressCheck: before.addressCheck,
            validFrom: before.updatedAt,
            validTo: now,
          });
        }
        const row: NumberAddressRow = {
          id: before?.id ?? newId(),
          organizationId,
          number,
          locationId,
          address: checked?.address ?? null,
          addressCheck: checked?.check ?? null,
          createdAt: before?.createdAt ?? now,
          updatedAt: now,
        };
        await upsertNumberAddress(tx, row);
        return {
          result: undefined,
          entry: {
            action: checked === null ? 'number.emergency-address-removed' : 'number.emergency-address-set',
            subject: `number ${number}`,
            detail: {
              locationId,
              before: before?.address ? { address: before.address } : null,
              after: checked === null ? null : { address: checked.address, level: checked.check.level },
            },
          },
        };
      });
    },

    async readNumberAddresses(scope: Scope, text: string): Promise<NumberAddresses> {
      const { number, locationId, around } = await requireNumber(scope, text);
      const row = await selectNumberAddress(database.db, scope.organizationId, number);
      const own = row && deriveNumberAddress(addresses, row);
      const isOfUse = own !== undefined && own.address !== null && own.locationId === locationId;
      const former = await selectFormerNumberAddresses(database.db, scope.organizationId, number, MAX_HISTORY);
      return {
        own: isOfUse ? own : null,
        ownHistory: former.map(({ address, addressCheck, validFrom, validTo, locationId: at }) => ({
          locationId: at,
          postalAddress: address as unknown as FormerNumberAddress['postalAddress'],
          addressCheck: addressCheck as unknown as FormerNumberAddress['addressCheck'],
          validFrom: validFrom.toISOString(),
          validTo: validTo.toISOString(),
        })),
        ...around,
      };
    },
  };
}
