import type { ColumnType, Generated } from 'kysely';

export interface StorageTables {
  /** One row per committed change of one kind for one organization, in commit order. */
  changeFeed: {
    sequence: Generated<string>;
    kind: string;
    /** null = platform-wide data (PSAPs, boundaries). */
    organizationId: string | null;
    /** Ids of what the change touched, where those are few; null = anything of the organization. */
    touched: string[] | null;
    at: Generated<Date>;
  };
  /** Key material shared by all nodes: location URI keys and the like. */
  platformSecrets: {
    name: string;
    value: string;
    createdAt: Generated<Date>;
  };
  /** What was there and was removed, for a stated time. */
  removedResources: {
    organizationId: string;
    kind: string;
    id: string;
    removedAt: Generated<Date>;
  };
  /** What was removed and can be brought back for a while. */
  keptRemovals: {
    organizationId: string;
    /** Of the thing itself. */
    id: string;
    kind: string;
    name: string;
    /** Where it was; null = nowhere in particular. */
    locationId: string | null;
    /** Who removed it, in words. */
    removedBy: string;
    removedAt: Date;
    /** What the trail showed of it. */
    summary: ColumnType<object, string, string>;
    /** What its room needs beside its rows to bring it back. */
    detail: ColumnType<object, string, string>;
  };
  /** Its rows and those that went with it, as JSON, table after table in the order in which they can be inserted. */
  keptRows: {
    organizationId: string;
    id: string;
    position: number;
    tableName: string;
    rows: ColumnType<object, string, string>;
  };
}
