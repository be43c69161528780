import type { FieldFaults } from '../../domain/field-faults.ts';
import type { Transaction } from '../../storage/database.ts';
import type { AlertChannel, AlertEndpoint } from '../alert-endpoint.ts';
import type { ConnectionKind } from '../connections/alert-connection.ts';
import { selectConnection } from '../connections/connection-records.ts';
import { selectSubscription } from '../push/push-subscription-records.ts';

/** What kind of connection a channel goes over; null: none. */
const CONNECTION_OF: Readonly<Record<AlertChannel, ConnectionKind | null>> = {
  email: null,
  push: null,
  sms: 'sms-gateway',
  webhook: 'webhook',
  chat: 'chat',
};

/**
 * Whether the connections and browsers that endpoints name are the organization's; those of another one do not exist for it. What
 * is there stays until the transaction ends.
 */
export function createEndpointCheck(tx: Transaction, organizationId: string) {
  const kinds = new Map<string, ConnectionKind | null>();

  async function kindOf(connectionId: string): Promise<ConnectionKind | null> {
    const known = kinds.get(connectionId);
    if (known !== undefined) return known;
    const kind = (await selectConnection(tx, organizationId, connectionId, 'share'))?.kind ?? null;
    kinds.set(connectionId, kind);
    return kind;
  }

  return async function checkEndpoints(endpoints: readonly AlertEndpoint[], faults: FieldFaults): Promise<void> {
    for (const [index, endpoint] of endpoints.entries()) {
      if ('connectionId' in endpoint) {
        const path = `endpoints.${index}.connectionId`;
        const kind = await kindOf(endpoint.connectionId);
        const wanted = CONNECTION_OF[endpoint.channel];
        if (kind === null) faults.add(path, `there is no connection ${endpoint.connectionId}`);
        else if (kind !== wanted) faults.add(path, `is a connection of kind ${kind}, not ${wanted}`);
      } else if (endpoint.channel === 'push') {
        const { subscriptionId } = endpoint;
        const isThere = (await selectSubscription(tx, organizationId, subscriptionId)) !== undefined;
        if (!isThere) faults.add(`endpoints.${index}.subscriptionId`, `there is no subscription ${subscriptionId}`);
      }
    }
  };
}
