import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { AcceptedLog, AcceptedMail } from './accepted-log.ts';
import type { AlertMail } from './alert-mail.ts';
import { CALL_ALERT } from './alert-mail.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import { messageIdOf } from './mail-key.ts';
import type { MailSender } from './senders/mail-sender.ts';

/** Hands mails to the sender, each at most once as far as this process and its log know. */
export type MailDelivery = {
  /** Resolves with the acceptance, old or new; rejects when this attempt failed. */
  deliver(mail: AlertMail, path: 'job' | 'essential'): Promise<AcceptedMail>;
  isUnderWay(key: string): boolean;
};

/** What came of one attempt to tell somebody of a call. */
export type AlertOutcome = {
  isAccepted: boolean;
  callId: string;
  organizationId: string | null;
  recipient: string;
  reasons: AlertMail['reasons'];
  /** Of this attempt; null when it succeeded. */
  error: string | null;
};

export function createMailDelivery(deps: {
  sender: MailSender;
  mailFrom: string;
  log: AcceptedLog;
  metrics: AlertMetrics;
  clock: Clock;
  /** Must not throw. */
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
}): MailDelivery {
  const { sender, mailFrom, log, metrics, clock } = deps;
  const underWay = new Map<string, Promise<AcceptedMail>>();

  async function send(mail: AlertMail, path: 'job' | 'essential'): Promise<AcceptedMail> {
    await log.load();
    const known = log.find(mail.key);
    if (known) return known;
    const { response } = await sender.send({
      messageId: messageIdOf(mail.key, mailFrom),
      from: mailFrom,
      to: mail.recipient,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      urgent: mail.kind === CALL_ALERT,
      date: new Date(mail.writtenAt),
    });
    const now = clock.nowMs();
    const { key, kind, organizationId, callId, recipient, reasons } = mail;
    const accepted: AcceptedMail = {
      key,
      kind,
      organizationId,
      callId,
      recipient,
      reasons,
      at: new Date(now).toISOString(),
      response,
    };
    await log.add(accepted);
    metrics.accepted(kind, path, mail.startedAt === null ? null : (now - Date.parse(mail.startedAt)) / 1_000);
    return accepted;
  }

  async function sendAndTell(mail: AlertMail, path: 'job' | 'essential'): Promise<AcceptedMail> {
    try {
      const accepted = await send(mail, path);
      tell(mail, null);
      return accepted;
    } catch (error) {
      tell(mail, errorText(error));
      throw error;
    }
  }

  function tell({ kind, callId, organizationId, recipient, reasons }: AlertMail, error: string | null): void {
    if (kind !== CALL_ALERT || callId === null) return;
    deps.onAlert?.({ isAccepted: error === null, callId, organizationId, recipient, reasons, error });
  }

  return {
    isUnderWay: (key) => underWay.has(key),
    deliver(mail, path) {
      // The job and the essential path may want the same mail at the same moment: both then wait for one attempt.
      const running = underWay.get(mail.key);
      if (running) return running;
      const attempt = sendAndTell(mail, path).finally(() => underWay.delete(mail.key));
      underWay.set(mail.key, attempt);
      return attempt;
    },
  };
}
