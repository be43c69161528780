import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { E911Account, StoredAccount } from './e911-account.ts';
import { selectUsedAccounts } from './e911-account-records.ts';
import { selectFingerprints } from './held-certificate-records.ts';

export type E911AccountIndex = {
  byOrganization: ReadonlyMap<string, E911Account>;
  /** Whose phones present this company id; those of an account given up only for a while. */
  byCompany: ReadonlyMap<string, KnownCompany>;
};

type KnownCompany = {
  organizationId: string;
  account: StoredAccount;
  validUntilMs: number;
  certificates: ReadonlySet<string>;
};

/** The account that an organization uses, those it gave up, and the fingerprints of its phones' certificates. */
type OrganizationAccounts = { current: E911Account | null; former: StoredAccount[]; certificates: string[] };

function accountsOf(
  organizationId: string,
  accounts: readonly StoredAccount[],
  certificates: string[],
): OrganizationAccounts {
  return {
    certificates,
    current: accounts.find((account): account is E911Account => account.organizationId === organizationId) ?? null,
    former: accounts.filter((account) => account.former?.organizationId === organizationId),
  };
}

/** E911 accounts in memory, for HELD credentials and calls. */
export function e911AccountSnapshot(db: Queryable): SnapshotDefinition<OrganizationAccounts, E911AccountIndex> {
  return {
    name: 'e911-accounts',
    version: 3,
    kinds: ['accounts'],
    async loadAll() {
      const rows = new Map<string, StoredAccount[]>();
      for (const account of await selectUsedAccounts(db)) {
        for (const id of new Set([account.organizationId, account.former?.organizationId])) {
          if (typeof id === 'string') rows.set(id, [...(rows.get(id) ?? []), account]);
        }
      }
      const certificates = Map.groupBy(await selectFingerprints(db), ({ organizationId }) => organizationId);
      const fingerprintsOf = (id: string): string[] =>
        (certificates.get(id) ?? []).map(({ fingerprint }) => fingerprint);
      return new Map([...rows].map(([id, accounts]) => [id, accountsOf(id, accounts, fingerprintsOf(id))]));
    },
    async loadOne(organizationId) {
      const accounts = await selectUsedAccounts(db, organizationId);
      if (accounts.length === 0) return null;
      const certificates = await selectFingerprints(db, organizationId);
      return accountsOf(
        organizationId,
        accounts,
        certificates.map(({ fingerprint }) => fingerprint),
      );
    },
    build(rows) {
      const byOrganization = new Map<string, E911Account>();
      const byCompany = new Map<string, KnownCompany>();
      const certificates = new Map([...rows].map(([id, one]) => [id, new Set(one.certificates)]));
      const certificatesOf = (id: string): ReadonlySet<string> => certificates.get(id) ?? new Set();
      for (const [organizationId, { former }] of rows) {
        for (const account of former) {
          const validUntilMs = account.former ? Date.parse(account.former.validUntil) : 0;
          const known = { organizationId, account, validUntilMs, certificates: certificatesOf(organizationId) };
          byCompany.set(account.companyId, known);
        }
      }
      // Last, so that who uses an account now comes before who did.
      for (const [organizationId, { current }] of rows) {
        if (!current) continue;
        byOrganization.set(organizationId, current);
        byCompany.set(current.companyId, {
          organizationId,
          account: current,
          validUntilMs: Number.POSITIVE_INFINITY,
          certificates: certificatesOf(organizationId),
        });
      }
      return { byOrganization, byCompany };
    },
  };
}
