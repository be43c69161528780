import type { Audit } from '../../audit/audit.ts';
import { MAX_GRACE_SECONDS } from '../../domain/credentials.ts';
import { invalidField, missing, ProblemError } from '../../domain/problem.ts';
import { type Scope, shownActor } from '../../domain/scope.ts';
import { announceChange } from '../../storage/change-feed.ts';
import { isUniqueViolation } from '../../storage/constraint-violation.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import { type KeptRemoval, keepRemoval, type RemovedRow } from '../../storage/kept-removals.ts';
import { recordRemoval, wasRemoved } from '../../storage/removed-resources.ts';
import type { Clock } from '../../support/clock.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { selectNamesByEndpoint } from '../recipients/recipient-records.ts';
import { type AlertConnection, type ConnectionKind, type OpenConnection, shownConnection } from './alert-connection.ts';
import type { ConnectionColumn } from './connection-records.ts';
import {
  countConnections,
  deleteConnection,
  insertConnection,
  replaceConnection,
  type StoredConnection,
  selectConnection,
  selectConnectionPage,
} from './connection-records.ts';
import { closeConnection, openConnection } from './open-connection.ts';
import { type ConnectionChanges, changeConnection, type NewConnection, readConnection } from './read-connection.ts';
import type { OutgoingPolicy } from './read-outgoing-url.ts';
import { readSealingKeys, toSealingKeys } from './sealing-keys.ts';
import { newWebhookSecret } from './webhook-secret.ts';

/** `start` and `max` cut a window out of what is listed by name; the first hundred unless told. */
export type ConnectionListRequest = {
  kind?: ConnectionKind | undefined;
  /** Part of the name or of the host that it leads to, in any case. */
  text?: string | undefined;
  /** `name` unless told. */
  sort?: SortWord<ConnectionColumn> | undefined;
  start?: number | undefined;
  max?: number | undefined;
};

/** `secret`: that of a webhook, shown this once; null of other kinds. */
export type CreatedConnection = AlertConnection & { secret: string | null };

export type RotatedWebhookSecret = {
  /** `whsec_…`, in clear this once. */
  secret: string;
  /** ISO 8601; null: the secret before signs no more. */
  previousSecretValidUntil: string | null;
};

/** What is kept when one is removed: its secrets stay sealed, as they were stored (decision 88). */
const REMOVED_CONNECTION: RemovedRow = { table: 'alert_connections' };

const MAX_CONNECTIONS = 200;
const DEFAULT_MAX = 100;
/** Recipients that a refusal names. */
const MAX_NAMED = 10;
const DEFAULT_GRACE_SECONDS = 24 * 3_600;

export function createConnectionManagement(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  policy: OutgoingPolicy;
}) {
  const { database, audit, clock, policy } = deps;

  const now = (): string => new Date(clock.nowMs()).toISOString();
  const shown = (whole: OpenConnection | StoredConnection): AlertConnection => shownConnection(whole, clock.nowMs());
  const sealingKeys = async (db: Queryable) => toSealingKeys(await readSealingKeys(db));

  /** One change in one transaction; of two who want the same name at the same moment, one is told. */
  async function change<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    try {
      return await database.db.transaction().execute(work);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProblemError('conflict', 'another alert connection has that name', {
        cause: error,
        fields: [{ path: 'name', message: 'already in use' }],
      });
    }
  }

  async function requireStored(db: Queryable, organizationId: string, id: string, lock?: 'update') {
    const stored = isUuid(id) ? await selectConnection(db, organizationId, id, lock) : undefined;
    if (stored) return stored;
    throw missing(await wasRemoved(db, { organizationId, kind: 'alert-connection', id }), `alert connection ${id}`);
  }

  /** With its secrets, as stored now. Throws `not-found` or `gone`. */
  async function openStored(
    db: Queryable,
    organizationId: string,
    id: string,
    lock?: 'update',
  ): Promise<OpenConnection> {
    const open = openConnection(await sealingKeys(db), await requireStored(db, organizationId, id, lock));
    if (open === undefined) throw new Error(`the secrets of alert connection ${id} cannot be opened`);
    return open;
  }

  async function replace(
    tx: Transaction,
    scope: Scope,
    action: string,
    { before, after }: { before: OpenConnection; after: OpenConnection },
    detail?: object,
  ): Promise<void> {
    await replaceConnection(tx, closeConnection(await sealingKeys(tx), after));
    await audit.record(tx, scope, {
      action,
      subject: `alert-connection ${after.id}`,
      before: trailOf(shown(before)),
      after: trailOf(shown(after)),
      detail,
    });
    await announceChange(tx, 'alert-connections', after.organizationId);
  }

  return {
    openStored,
    async create(scope: Scope, wanted: NewConnection): Promise<CreatedConnection> {
      const { organizationId } = scope;
      const at = now();
      const head = { id: newId(), organizationId, version: 1, disabledReason: null, createdAt: at, updatedAt: at };
      const open = readConnection(head, wanted, policy);
      return change(async (tx) => {
        await requireRoom(tx, organizationId);
        await insertConnection(tx, closeConnection(await sealingKeys(tx), open));
        await audit.record(tx, scope, {
          action: 'alert-connection.created',
          subject: `alert-connection ${open.id}`,
          after: trailOf(shown(open)),
        });
        await announceChange(tx, 'alert-connections', organizationId);
        return { ...shown(open), secret: (open.kind === 'webhook' && open.secrets.signing[0]?.secret) || null };
      });
    },
    async list(
      { organizationId }: Scope,
      { kind, sort, start = 0, max = DEFAULT_MAX, text }: ConnectionListRequest = {},
    ): Promise<AlertConnection[]> {
      const stored = await selectConnectionPage(database.db, organizationId, { kind, sort, start, max, text });
      return stored.map(shown);
    },
    async get({ organizationId }: Scope, id: string): Promise<AlertConnection> {
      return shown(await requireStored(database.db, organizationId, id));
    },
    update: (scope: Scope, id: string, changes: ConnectionChanges): Promise<AlertConnection> =>
      change(async (tx) => {
        const before = await openStored(tx, scope.organizationId, id, 'update');
        const isEnabled = changes.isEnabled ?? before.isEnabled;
        // Whoever switches it on again has seen why it was off.
        const disabledReason = isEnabled ? null : before.disabledReason;
        const head = { ...before, version: before.version + 1, updatedAt: now(), disabledReason };
        const after = changeConnection(before, headOf(head), changes, policy);
        await replace(tx, scope, 'alert-connection.updated', { before, after }, changedSecrets(before, after));
        return shown(after);
      }),
    remove: (scope: Scope, id: string): Promise<void> =>
      change(async (tx) => {
        const { organizationId } = scope;
        const before = await requireStored(tx, organizationId, id, 'update');
        const users = await selectNamesByEndpoint(tx, organizationId, { connectionId: before.id }, MAX_NAMED + 1);
        if (users.length > 0) {
          const named = users.slice(0, MAX_NAMED).join(', ');
          const more = users.length > MAX_NAMED ? ' and others' : '';
          throw new ProblemError('conflict', `${before.name} is how recipients are told: ${named}${more}`);
        }
        const kept = {
          organizationId,
          kind: 'alert-connection',
          id: before.id,
          name: before.name,
          locationId: null,
          removedBy: shownActor(scope),
          removedAt: new Date(clock.nowMs()),
          summary: trailOf(shown(before)),
          detail: {},
        } as const;
        await keepRemoval(tx, kept, REMOVED_CONNECTION);
        await deleteConnection(tx, organizationId, before.id);
        await recordRemoval(tx, { organizationId, kind: 'alert-connection', id: before.id });
        await audit.record(tx, scope, {
          action: 'alert-connection.removed',
          subject: `alert-connection ${before.id}`,
          before: trailOf(shown(before)),
        });
        await announceChange(tx, 'alert-connections', organizationId);
      }),
    /** Puts a removed connection back by `putBack`, its secrets sealed as they were. Throws `conflict` where there are too many by now. */
    async bringBackConnection(
      tx: Transaction,
      { organizationId }: Pick<KeptRemoval, 'organizationId'>,
      putBack: () => Promise<void>,
    ): Promise<void> {
      await requireRoom(tx, organizationId);
      await putBack();
    },
    async rotateSecret(
      scope: Scope,
      id: string,
      { graceSeconds = DEFAULT_GRACE_SECONDS }: { graceSeconds?: number | undefined } = {},
    ): Promise<RotatedWebhookSecret> {
      if (!(graceSeconds >= 0 && graceSeconds <= MAX_GRACE_SECONDS)) {
        throw invalidField('graceSeconds', `expected 0 to ${MAX_GRACE_SECONDS}`);
      }
      return change(async (tx) => {
        const before = await openStored(tx, scope.organizationId, id, 'update');
        if (before.kind !== 'webhook') throw invalidField('kind', 'only webhooks have a signing secret');
        const secret = newWebhookSecret();
        const until = graceSeconds === 0 ? null : new Date(clock.nowMs() + graceSeconds * 1_000).toISOString();
        const newest = before.secrets.signing[0];
        const previous = until === null || newest === undefined ? [] : [{ secret: newest.secret, until }];
        const after: OpenConnection = {
          ...before,
          version: before.version + 1,
          updatedAt: now(),
          settings: { ...before.settings, previousSecretValidUntil: until },
          secrets: { ...before.secrets, signing: [{ secret, until: null }, ...previous] },
        };
        await replace(tx, scope, 'alert-connection.secret-rotated', { before, after }, { graceUntil: until });
        return { secret, previousSecretValidUntil: until };
      });
    },
  };
}

/** Throws `conflict` where there are as many as there may be. */
async function requireRoom(db: Queryable, organizationId: string): Promise<void> {
  if ((await countConnections(db, organizationId)) < MAX_CONNECTIONS) return;
  throw new ProblemError('conflict', `an organization has at most ${MAX_CONNECTIONS} alert connections`);
}

function headOf({ id, organizationId, version, createdAt, updatedAt, disabledReason }: OpenConnection) {
  return { id, organizationId, version, createdAt, updatedAt, disabledReason };
}

function trailOf({ id: _id, organizationId: _organizationId, ...rest }: AlertConnection): object {
  return rest;
}

/** That something changed which the trail must not show. */
function changedSecrets(before: OpenConnection, after: OpenConnection): object {
  return { secretsChanged: JSON.stringify(before.secrets) !== JSON.stringify(after.secrets) };
}
