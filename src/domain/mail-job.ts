/** One e-mail to be sent after the commit of the transaction that asks for it, outside the path of any call. */
export type MailJob = {
  kind: 'invitation';
  /** One address. */
  to: string;
  subject: string;
  text: string;
  html?: string;
};
