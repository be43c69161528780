import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { E911Account } from './e911-account.ts';
import { selectE911Account, selectE911Accounts } from './e911-account-records.ts';

export type E911AccountIndex = {
  byOrganization: ReadonlyMap<string, E911Account>;
  /** Company id to organization id. */
  byCompany: ReadonlyMap<string, string>;
};

/** E911 accounts in memory, for HELD credentials and calls. */
export function e911AccountSnapshot(db: Queryable): SnapshotDefinition<E911Account, E911AccountIndex> {
  return {
    name: 'e911-accounts',
    version: 1,
    kinds: ['accounts'],
    loadAll: async () => new Map((await selectE911Accounts(db)).map((account) => [account.organizationId, account])),
    loadOne: async (organizationId) => (await selectE911Account(db, organizationId)) ?? null,
    build: (rows) => ({
      byOrganization: rows,
      byCompany: new Map([...rows.values()].map((account) => [account.companyId, account.organizationId])),
    }),
  };
}
