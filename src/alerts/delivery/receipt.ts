import type { AlertSeverity } from '../../domain/alert-trigger.ts';
import type { OutgoingAlert } from '../alert-draft.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AcceptedMessage } from './accepted-log.ts';

/**
 * What became of one message: waiting for its first attempt; taken by the other side; refused or unanswered and to be tried
 * again; given up.
 */
export type ReceiptState = 'queued' | 'accepted' | 'failed' | 'exhausted';

/** What one endpoint was sent and when (47 CFR 9.16: what to keep of a notification). */
export type Receipt = {
  key: string;
  /** null: about no call (an invitation). */
  callId: string | null;
  /** null: no incident stands behind it. */
  incidentId: string | null;
  /** `call-started`, `invitation` … */
  kind: string;
  severity: AlertSeverity;
  channel: AlertChannel;
  /** An address, a number, the name of a connection. */
  recipient: string;
  /** null: an address of settings, with no recipient of its own. */
  recipientId: string | null;
  /** Why they are told, as sentences. */
  reasons: readonly string[];
  messageId: string;
  state: ReceiptState;
  attempts: number;
  queuedAt: Date;
  /** When somebody last had it sent again; null: never. */
  resentAt: Date | null;
  lastAttemptAt: Date | null;
  acceptedAt: Date | null;
  /** The other side's words when it took the message. */
  response: string | null;
  lastError: string | null;
  /** It was not taken yet, and what it says is still kept. */
  canResend: boolean;
};

/** What a receipt says of a message, whatever becomes of it. */
export function receiptFacts(message: OutgoingAlert): Omit<AcceptedMessage, 'at' | 'response'> {
  const { key, kind, severity, organizationId, callId, incidentId, recipientId, label, reasons, endpoint } = message;
  const { channel } = endpoint;
  return { key, kind, severity, organizationId, callId, incidentId, recipientId, label, reasons, channel };
}
