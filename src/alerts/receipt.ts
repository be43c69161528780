/**
 * What became of one mail: waiting for its first attempt; taken by the mail server; refused or unanswered and to be tried
 * again; given up.
 */
export type ReceiptState = 'queued' | 'accepted' | 'failed' | 'exhausted';

/** What one recipient was sent and when (47 CFR 9.16: what to keep of a notification). */
export type Receipt = {
  mailKey: string;
  /** null: a mail that is about no call (an invitation). */
  callId: string | null;
  /** `call-alert`, `invitation` … */
  kind: string;
  channel: 'email';
  recipient: string;
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
