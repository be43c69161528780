import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';

export interface CallsTables {
  /** Peers from which an organization's calls come. */
  trunks: {
    id: string;
    organizationId: string;
    name: string;
    createdAt: Generated<Date>;
    mode: string;
    identityHeaders: string[];
    deviceHeader: string | null;
    callbackHeaders: string[];
    isMonitored: boolean;
    contactUri: string | null;
  };
  /** One address or CIDR block belongs to one trunk of one organization. */
  trunkAddresses: {
    address: string;
    /** 0 = any source port. */
    port: number;
    trunkId: string;
  };
  /** A name in a client's certificate, in lower case, belongs to one trunk of one organization. */
  trunkTlsNames: {
    name: string;
    trunkId: string;
  };
  /** The last caller of each ELIN. */
  elinBindings: {
    number: string;
    organizationId: string;
    responseLocationId: string;
    caller: string;
    memberId: string | null;
    trunkId: string | null;
    callId: string;
    boundAt: Date;
    expiresAt: Date;
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
    /** As the record says. */
    callbackNumber: GeneratedAlways<string | null>;
  };
  /** SIP ladders of calls, in parts; `messages` is the JSON of LadderMessage[]. */
  callLadders: {
    callId: string;
    part: number;
    at: Date;
    /** Messages that were not kept. */
    leftOut: number;
    messages: string;
  };
  /** What happened to calls lately; `data` is JSON. */
  callEvents: {
    sequence: Generated<string>;
    type: string;
    at: Date;
    organizationId: string | null;
    locationId: string | null;
    data: string;
  };
}
