import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { E911Account, StoredAccount } from './e911-account.ts';
import { selectUsedAccounts } from './e911-account-records.ts';

export type E911AccountIndex = {
  byOrganization: ReadonlyMap<string, E911Account>;
  /** Whose phones present this company id; those of an account given up only for a while. */
  byCompany: ReadonlyMap<string, { organizationId: string; account: StoredAccount; validUntilMs: number }>;
};

/** The account that an organization uses, and those it gave up. */
type OrganizationAccounts = { current: E911Account | null; former: StoredAccount[] };

function accountsOf(organizationId: string, accounts: readonly StoredAccount[]): OrganizationAccounts {
  return {
    current: accounts.find((account): account is E911Account => account.organizationId === organizationId) ?? null,
    former: accounts.filter((account) => account.former?.organizationId === organizationId),
  };
}

/** E911 accounts in memory, for HELD credentials and calls. */
export function e911AccountSnapshot(db: Queryable): SnapshotDefinition<OrganizationAccounts, E911AccountIndex> {
  return {
    name: 'e911-accounts',
    version: 2,
    kinds: ['accounts'],
    async loadAll() {
      const rows = new Map<string, StoredAccount[]>();
      for (const account of await selectUsedAccounts(db)) {
        for (const id of new Set([account.organizationId, account.former?.organizationId])) {
          if (typeof id === 'string') rows.set(id, [...(rows.get(id) ?? []), account]);
        }
      }
      return new Map([...rows].map(([id, accounts]) => [id, accountsOf(id, accounts)]));
    },
    async loadOne(organizationId) {
      const accounts = await selectUsedAccounts(db, organizationId);
      return accounts.length === 0 ? null : accountsOf(organizationId, accounts);
    },
    build(rows) {
      const byOrganization = new Map<string, E911Account>();
      const byCompany = new Map<string, { organizationId: string; account: StoredAccount; validUntilMs: number }>();
      for (const [organizationId, { former }] of rows) {
        for (const account of former) {
          const validUntilMs = account.former ? Date.parse(account.former.validUntil) : 0;
          byCompany.set(account.companyId, { organizationId, account, validUntilMs });
        }
      }
      // Last, so that who uses an account now comes before who did.
      for (const [organizationId, { current }] of rows) {
        if (!current) continue;
        byOrganization.set(organizationId, current);
        byCompany.set(current.companyId, { organizationId, account: current, validUntilMs: Number.POSITIVE_INFINITY });
      }
      return { byOrganization, byCompany };
    },
  };
}
