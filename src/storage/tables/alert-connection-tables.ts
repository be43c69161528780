import type { JSONColumnType } from 'kysely';

export interface AlertConnectionTables {
  /** Webhooks, SMS gateways and chat rooms of an organization; what is secret of them stands sealed. */
  alertConnections: {
    id: string;
    organizationId: string;
    name: string;
    kind: string;
    isEnabled: boolean;
    disabledReason: string | null;
    settings: JSONColumnType<object>;
    sealedSecrets: string;
    version: number;
    createdAt: Date;
    updatedAt: Date;
  };
}
