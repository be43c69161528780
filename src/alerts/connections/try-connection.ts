import type { Audit } from '../../audit/audit.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { newId } from '../../support/ids.ts';
import type { AlertEndpoint } from '../alert-endpoint.ts';
import type { AlertMessage, MessageContent } from '../alert-message.ts';
import { SendError } from '../senders/alert-sender.ts';
import type { ConnectionSender } from '../senders/connection-sender.ts';
import type { ConnectionKind, OpenConnection } from './alert-connection.ts';

export type ConnectionTest = {
  /** E.164; where an SMS gateway sends the test. */
  number?: string | undefined;
};

/** What the other side said. */
export type TestOutcome = {
  isAccepted: boolean;
  /** Its answer, or what kept it from giving one; at most 200 characters. */
  response: string;
  /** Trying again cannot help. */
  isPermanent: boolean;
  tookMs: number;
};

/** At most so many tests of one organization at a time: each may take as long as the other side lets it. */
const TESTS_AT_ONCE = 4;
const NUMBER = /^\+[1-9]\d{6,14}$/;

export function createTryConnection(deps: {
  senders: Readonly<Record<'webhook' | 'sms' | 'chat', ConnectionSender>>;
  openStored: (db: Queryable, organizationId: string, id: string) => Promise<OpenConnection>;
  database: Database;
  audit: Audit;
  clock: Clock;
}) {
  const { senders, database, audit, clock } = deps;
  const senderOf: Readonly<Record<ConnectionKind, ConnectionSender>> = {
    webhook: senders.webhook,
    'sms-gateway': senders.sms,
    chat: senders.chat,
  };
  const underWay = new Map<string, number>();

  async function send(connection: OpenConnection, message: AlertMessage): Promise<Omit<TestOutcome, 'tookMs'>> {
    const signal = AbortSignal.timeout((connection.settings.timeoutSeconds + 1) * 1_000);
    try {
      const { response } = await senderOf[connection.kind].sendThrough(connection, message, signal);
      return { isAccepted: true, response, isPermanent: false };
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      return { isAccepted: false, response: error.message, isPermanent: error.isPermanent };
    }
  }

  return async function tryConnection(scope: Scope, id: string, { number }: ConnectionTest = {}): Promise<TestOutcome> {
    const { organizationId } = scope;
    const connection = await deps.openStored(database.db, organizationId, id);
    const message = writeTest(connection, number, new Date(clock.nowMs()).toISOString());
    const count = underWay.get(organizationId) ?? 0;
    if (count >= TESTS_AT_ONCE) {
      throw new ProblemError('too-many-requests', `${count} tests are under way`, { retryAfterSeconds: 5 });
    }
    underWay.set(organizationId, count + 1);
    const startedMs = clock.monotonicMs();
    try {
      const sent = await send(connection, message);
      const outcome = { ...sent, tookMs: Math.round(clock.monotonicMs() - startedMs) };
      await database.db.transaction().execute((tx) =>
        audit.record(tx, scope, {
          action: 'alert-connection.tested',
          subject: `alert-connection ${id}`,
          detail: { isAccepted: outcome.isAccepted, response: outcome.response },
        }),
      );
      return outcome;
    } finally {
      const left = (underWay.get(organizationId) ?? 1) - 1;
      if (left === 0) underWay.delete(organizationId);
      else underWay.set(organizationId, left);
    }
  };
}

function writeTest(connection: OpenConnection, number: string | undefined, at: string): AlertMessage {
  const { id, organizationId, name } = connection;
  const sentence = `TEST: “${name}” is set up to tell of emergency calls. Nobody called; there is nothing to do.`;
  let endpoint: AlertEndpoint;
  let content: MessageContent;
  if (connection.kind === 'webhook') {
    endpoint = { channel: 'webhook', connectionId: id };
    content = { channel: 'webhook', type: 'connection.test', data: { connectionId: id, name, text: sentence } };
  } else if (connection.kind === 'chat') {
    endpoint = { channel: 'chat', connectionId: id };
    content = { channel: 'chat', title: 'TEST', lines: [], notices: [sentence], links: [] };
  } else {
    if (number === undefined || !NUMBER.test(number)) {
      throw invalidField('number', 'expected where the test goes, as +15125550100');
    }
    endpoint = { channel: 'sms', number, connectionId: id };
    content = { channel: 'sms', text: sentence };
  }
  return {
    key: newId(),
    kind: 'connection-test',
    severity: 'info',
    organizationId,
    callId: null,
    recipientId: null,
    incidentId: null,
    startedAt: null,
    endpoint,
    label: name,
    reasons: [],
    content,
    writtenAt: at,
  };
}
