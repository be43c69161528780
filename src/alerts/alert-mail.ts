/** A mail as the job queue keeps it; JSON-serializable. */
export type AlertMail = {
  key: string;
  /** `call-alert`, `invitation` … */
  kind: string;
  organizationId: string | null;
  callId: string | null;
  /** When the call began, ISO 8601; null when the mail is about no call. */
  startedAt: string | null;
  recipient: string;
  /** Why this address is told, as sentences. */
  reasons: readonly string[];
  subject: string;
  text: string;
  html: string | null;
  /** ISO 8601; the mail's `Date`. */
  writtenAt: string;
};

/** The kind of mail that tells of a call. */
export const CALL_ALERT = 'call-alert';
