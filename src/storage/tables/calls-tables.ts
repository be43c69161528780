import type { Generated, JSONColumnType } from 'kysely';

export interface CallsTables {
  /** Peers from which an organization's calls come. */
  trunks: {
    id: string;
    organizationId: string;
    name: string;
    createdAt: Generated<Date>;
  };
  /** One address or CIDR block belongs to one trunk of one organization. */
  trunkAddresses: {
    address: string;
    /** 0 = any source port. */
    port: number;
    trunkId: string;
  };
  /** One row per call; `record` (a CallRecord) is the whole truth, the columns beside it are for finding it. */
  emergencyCalls: {
    id: string;
    version: number;
    callId: string;
    kind: string;
    startedAt: Date;
    organizationId: string | null;
    locationId: string | null;
    outcome: string;
    /** Its alerts were enqueued in the same transaction. */
    alerted: boolean;
    record: JSONColumnType<object>;
  };
}
