import type { AlertMessage } from '../alert-message.ts';
import type { ConnectionKind, OpenConnection } from '../connections/alert-connection.ts';
import { type AlertSender, type SendAcceptance, SendError } from './alert-sender.ts';

/** A sender whose messages go through what an organization set up. */
export type ConnectionSender = AlertSender & {
  /** The same by a connection at hand, switched on or not. */
  sendThrough(connection: OpenConnection, message: AlertMessage, signal: AbortSignal): Promise<SendAcceptance>;
};

export type FindConnection = (organizationId: string, id: string) => OpenConnection | undefined;

type Open<Kind extends ConnectionKind> = Extract<OpenConnection, { kind: Kind }>;

/** How long the end waits for messages under way. */
const END_LIMIT_MS = 3_000;

/** What the senders of every kind have in common: whose connection it is, whether it is on, and an end that waits. */
export function createConnectionSender<Kind extends ConnectionKind>(deps: {
  kind: Kind;
  find: FindConnection;
  hand: (connection: Open<Kind>, message: AlertMessage, signal: AbortSignal) => Promise<SendAcceptance>;
}): ConnectionSender {
  const { kind, find, hand } = deps;
  const underWay = new Set<Promise<SendAcceptance>>();
  const ending = new AbortController();

  function isOurs(connection: OpenConnection): connection is Open<Kind> {
    return connection.kind === kind;
  }

  async function sendThrough(
    connection: OpenConnection,
    message: AlertMessage,
    signal: AbortSignal,
  ): Promise<SendAcceptance> {
    if (!isOurs(connection)) throw new SendError(`${connection.name} is no ${kind}`, { isPermanent: true });
    const handing = hand(connection, message, AbortSignal.any([signal, ending.signal]));
    underWay.add(handing);
    try {
      return await handing;
    } finally {
      underWay.delete(handing);
    }
  }

  return {
    sendThrough,
    async send(message, signal) {
      const { endpoint, organizationId } = message;
      const id = 'connectionId' in endpoint ? endpoint.connectionId : undefined;
      const connection = organizationId === null || id === undefined ? undefined : find(organizationId, id);
      if (connection === undefined) {
        throw new SendError(`the ${kind} that this was for is no longer set up`, { isPermanent: true });
      }
      if (!connection.isEnabled) {
        const why = connection.disabledReason === null ? '' : `: ${connection.disabledReason}`;
        throw new SendError(`${connection.name} is switched off${why}`.slice(0, 200), { isPermanent: true });
      }
      return sendThrough(connection, message, signal);
    },
    async stop() {
      const timer = setTimeout(() => ending.abort(), END_LIMIT_MS);
      await Promise.allSettled(underWay);
      clearTimeout(timer);
    },
  };
}
