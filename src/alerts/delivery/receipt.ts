import type { AlertSeverity } from '../../domain/alert-trigger.ts';
import type { AlertChannel } from '../alert-endpoint.ts';

/**
 * What became of one mail: waiting for its first attempt; taken by the mail server; refused or unanswered and to be tried
 * again; given up.
 */
export type ReceiptState = 'queued' | 'accepted' | 'failed' | 'exhausted';

/** What one recipient was sent and when (47 CFR 9.16: what to keep of a notification). */
export type Receipt = {
  key: string;
  /** null: a mail that is about no call (an invitation). */
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
  /** Why this address is told, as sentences. */
  reasons: readonly string[];
  messageId: string;
  state: ReceiptState;
  attempts: number;
  queuedAt: Date;
  lastAttemptAt: Date | null;
  acceptedAt: Date | null;
  /** The mail server's words when it took the mail. */
  response: string | null;
  lastError: string | null;
};
