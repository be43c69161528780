import type { Generated } from 'kysely';

export interface StorageTables {
  /** One row per committed change of one kind for one organization, in commit order. */
  changeFeed: {
    sequence: Generated<string>;
    kind: string;
    /** null = platform-wide data (PSAPs, boundaries). */
    organizationId: string | null;
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
}
