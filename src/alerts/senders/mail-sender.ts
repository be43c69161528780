/** One mail to one recipient, ready to leave. */
export type OutgoingMail = {
  /** With angle brackets; the same on every attempt (decision 18). */
  messageId: string;
  /** `name@host` or `Name <name@host>`. */
  from: string;
  /** One bare address. */
  to: string;
  subject: string;
  text: string;
  html: string | null;
  /** An alert: marked as urgent. */
  urgent: boolean;
  date: Date;
};

/** A mail server's consent; `response` in its own words. */
export type MailAcceptance = { response: string };

/** Where mail goes. Sending ends within a bounded time: accepted, or an error that says why not. */
export type MailSender = {
  send(mail: OutgoingMail): Promise<MailAcceptance>;
  /** Ends what is under way after a moment. */
  stop(): Promise<void>;
};
