/** One e-mail to be sent after the commit of the transaction that asks for it, outside the path of any call. */
export type MailJob = {
  /** `alarm`: the platform tells its operator that something is wrong with it. */
  kind: 'invitation' | 'alarm';
  /** One address. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** Whose mail it is; receipts are listed by it. */
  organizationId?: string;
  /** What the mail is about: the same text, recipient and kind are sent once. Absent: every job is a mail of its own. */
  stableKey?: string;
};
