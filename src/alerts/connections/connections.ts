import type { Audit } from '../../audit/audit.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { KeptRemoval } from '../../storage/kept-removals.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import { createChatSender } from '../senders/chat-sender.ts';
import type { ConnectionSender } from '../senders/connection-sender.ts';
import { createSmsSender } from '../senders/sms-sender.ts';
import { createWebhookSender } from '../senders/webhook-sender.ts';
import { type AlertConnection, shownConnection } from './alert-connection.ts';
import { connectionSnapshotDefinition } from './connection-snapshot.ts';
import type { ConnectionListRequest, CreatedConnection, RotatedWebhookSecret } from './manage-connections.ts';
import { createConnectionManagement } from './manage-connections.ts';
import type { ConnectionChanges, NewConnection } from './read-connection.ts';
import type { OutgoingPolicy } from './read-outgoing-url.ts';
import { createSwitchOff } from './switch-off.ts';
import { type ConnectionTest, createTryConnection, type TestOutcome } from './try-connection.ts';

export type { AlertConnection, ConnectionKind } from './alert-connection.ts';
export type { ConnectionColumn } from './connection-records.ts';
export type { ConnectionListRequest, CreatedConnection, RotatedWebhookSecret } from './manage-connections.ts';
export type { ConnectionChanges, NewConnection } from './read-connection.ts';
export type { ConnectionTest, TestOutcome } from './try-connection.ts';

/** Webhooks, SMS gateways and chat rooms of organizations, and the senders that use them. */
export type AlertConnections = {
  readonly snapshots: readonly Snapshot<unknown>[];
  readonly senders: Readonly<Record<'webhook' | 'sms' | 'chat', ConnectionSender>>;

  /** From memory; without what is secret. */
  connection(organizationId: string, id: string): AlertConnection | undefined;
  /** Whose it is, and what it is called; from memory. */
  ownerOf(id: string): { organizationId: string; name: string } | undefined;

  /** Problems: `invalid` (every field at fault), `conflict` (name, too many). */
  create(scope: Scope, wanted: NewConnection): Promise<CreatedConnection>;
  list(scope: Scope, request?: ConnectionListRequest): Promise<AlertConnection[]>;
  /** Problems: `not-found`, `gone`. */
  get(scope: Scope, id: string): Promise<AlertConnection>;
  /** What is absent stays. Problems: as `create` and `get`. */
  update(scope: Scope, id: string, changes: ConnectionChanges): Promise<AlertConnection>;
  /** Problems: `not-found`, `gone`, `conflict` (in use; says where). */
  remove(scope: Scope, id: string): Promise<void>;
  /** Puts a removed one back by `putBack`, in the transaction. Problems: `conflict` (too many by now). */
  bringBackConnection(
    tx: Transaction,
    removal: Pick<KeptRemoval, 'organizationId'>,
    putBack: () => Promise<void>,
  ): Promise<void>;
  /** The new secret in clear, this once. Problems: `not-found`, `gone`, `invalid` (no webhook, grace). */
  rotateSecret(scope: Scope, id: string, wanted?: { graceSeconds?: number | undefined }): Promise<RotatedWebhookSecret>;
  /** Sends a test message now, also by what is switched off. Problems: `not-found`, `gone`, `invalid` (`number`). */
  test(scope: Scope, id: string, wanted?: ConnectionTest): Promise<TestOutcome>;
};

export type AlertConnectionsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  /** Folder of saved snapshots; undefined = none are kept. */
  snapshotFolder: string | undefined;
  http: OutgoingHttp;
  policy: OutgoingPolicy;
};

export function createAlertConnections(deps: AlertConnectionsDeps): AlertConnections {
  const { database, audit, clock, logger, http, policy } = deps;
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger },
    connectionSnapshotDefinition(database, logger),
  );
  const find = (organizationId: string, id: string) => snapshot.current().get(organizationId)?.get(id);
  const switchOff = createSwitchOff({ database, audit, clock });
  const senders = {
    webhook: createWebhookSender({
      http,
      find,
      clock,
      onGone({ organizationId, id, version }, reason) {
        switchOff({ organizationId, id, version }, reason).catch((error: unknown) => {
          // The next message meets the same answer, and tries again to switch it off.
          logger.error({ err: errorText(error), connectionId: id }, 'a webhook that is gone could not be switched off');
        });
      },
    }),
    sms: createSmsSender({ http, find, clock }),
    chat: createChatSender({ http, find, clock }),
  };
  const management = createConnectionManagement({ database, audit, clock, policy });
  return {
    snapshots: [snapshot],
    senders,
    ownerOf(id) {
      for (const [organizationId, connections] of snapshot.current()) {
        const name = connections.get(id)?.name;
        if (name !== undefined) return { organizationId, name };
      }
      return undefined;
    },
    connection(organizationId, id) {
      const open = find(organizationId, id);
      return open && shownConnection(open, clock.nowMs());
    },
    ...management,
    test: createTryConnection({ senders, openStored: management.openStored, database, audit, clock }),
  };
}
