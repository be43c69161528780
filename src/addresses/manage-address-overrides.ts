import type { Audit } from '../audit/audit.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId } from '../support/ids.ts';
import { addressKey } from './address-key.ts';
import { deleteOverride, insertOverride, type OverrideRow, selectOverrides } from './address-override-records.ts';
import type { AddressOverride, AddressValidation, UncheckedAddress } from './address-validation.ts';
import { levelAsEntered } from './read-emergency-address.ts';

/** An administrator's word for an address, as it is shown. */
export type AddressOverrideView = AddressOverride & { id: string; address: PostalAddress };

/** Organization, then folded address. */
export type AddressOverrides = ReadonlyMap<string, ReadonlyMap<string, AddressOverride>>;

export type AddressOverrideManagement = {
  listAddressOverrides(scope: Scope): Promise<AddressOverrideView[]>;
  /** Rejects with `invalid` for what is no complete address or no place to send help to, `conflict` where there is one. */
  addAddressOverride(scope: Scope, given: { address: UncheckedAddress; reason: string }): Promise<AddressOverrideView>;
  removeAddressOverride(scope: Scope, id: string): Promise<void>;
};

function toOverride({ madeBy, madeAt, reason }: OverrideRow): AddressOverride {
  return { madeBy, madeAt: madeAt.toISOString(), reason };
}

function toView(row: OverrideRow): AddressOverrideView {
  return { id: row.id, address: row.address as PostalAddress, ...toOverride(row) };
}

/** Overrides in memory, of each organization its own. */
export function addressOverrideSnapshotDefinition(deps: {
  database: Database;
}): SnapshotDefinition<[key: string, AddressOverride][], AddressOverrides> {
  async function load(organizationId?: string): Promise<Map<string, [string, AddressOverride][]>> {
    const loaded = new Map<string, [string, AddressOverride][]>();
    for (const row of await selectOverrides(deps.database.db, organizationId)) {
      const list = loaded.get(row.organizationId) ?? [];
      list.push([row.addressKey, toOverride(row)]);
      loaded.set(row.organizationId, list);
    }
    return loaded;
  }
  return {
    name: 'address-overrides',
    version: 1,
    kinds: ['address-overrides'],
    loadAll: () => load(),
    loadOne: async (organizationId) => (await load(organizationId)).get(organizationId) ?? null,
    build: (rows) => new Map([...rows].map(([organizationId, list]) => [organizationId, new Map(list)])),
  };
}

/** The override that counts for an address as it was given: where the data confirm that very address, none is needed. */
export function withOverride(
  validation: AddressValidation,
  overrides: ReadonlyMap<string, AddressOverride> | undefined,
): AddressValidation {
  if (overrides === undefined || overrides.size === 0 || levelAsEntered(validation) === 'point') return validation;
  const override = overrides.get(addressKey(withoutContent(validation)));
  return override === undefined ? validation : { ...validation, override };
}

export function createAddressOverrideManagement(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  validate: (address: UncheckedAddress) => Promise<AddressValidation>;
  /** Called when what counts in an organization is another. */
  onChanged: (organizationId: string) => void;
}): AddressOverrideManagement {
  const { database, audit, clock } = deps;
  return {
    async listAddressOverrides({ organizationId }) {
      return (await selectOverrides(database.db, organizationId)).map(toView);
    },
    async addAddressOverride(scope, given) {
      const reason = given.reason.trim();
      if (reason === '') {
        throw new ProblemError('invalid', 'an override needs a reason', {
          fields: [{ path: 'reason', message: 'is required' }],
        });
      }
      const validation = await deps.validate(given.address);
      // What is no whole address, or no place at all, no word of anybody makes one.
      if (validation.level === null || !validation.isDispatchable) {
        throw new ProblemError('invalid', 'the address is not complete enough to send help to', {
          fields: validation.errors.map(({ field, detail }) => ({ path: `address.${field}`, message: detail })),
        });
      }
      // As given, in the usual form: what the data would correct is exactly what is in question.
      const address = withoutContent(validation);
      const row = {
        organizationId: scope.organizationId,
        id: newId(),
        addressKey: addressKey(address),
        address,
        reason: reason.slice(0, 1_000),
        madeBy: scope.tokenId,
        madeAt: new Date(clock.nowMs()),
      };
      await database.db.transaction().execute(async (tx) => {
        if (!(await insertOverride(tx, row)))
          throw new ProblemError('conflict', 'there is an override of this address');
        await audit.record(tx, scope, {
          action: 'address-override.added',
          subject: `address ${row.addressKey}`.slice(0, 200),
          after: { address, reason: row.reason, level: validation.level },
        });
        await announceChange(tx, 'address-overrides', scope.organizationId);
      });
      deps.onChanged(scope.organizationId);
      return toView(row);
    },
    async removeAddressOverride(scope, id) {
      await database.db.transaction().execute(async (tx) => {
        const row = isUuid(id) ? await deleteOverride(tx, scope.organizationId, id) : undefined;
        if (!row) throw new ProblemError('not-found', 'there is no such override of an address');
        await audit.record(tx, scope, {
          action: 'address-override.removed',
          subject: `address ${row.addressKey}`.slice(0, 200),
          before: { address: row.address, reason: row.reason },
        });
        await announceChange(tx, 'address-overrides', scope.organizationId);
      });
      deps.onChanged(scope.organizationId);
    },
  };
}

/** The address with corrections of content taken back. */
function withoutContent({ address, corrections }: AddressValidation): PostalAddress {
  const fields: Record<string, string | undefined> = { ...address };
  for (const { field, from, kind } of corrections.toReversed()) if (kind === 'content') fields[field] = from;
  return { ...address, ...(fields as Partial<PostalAddress>) };
}
