import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AlertSender } from '../senders/alert-sender.ts';
import type { AcceptedLog, AcceptedMessage } from './accepted-log.ts';
import type { AlertMetrics } from './alert-metrics.ts';

/** Longer than any sender gives an attempt; the net below them. */
const ATTEMPT_MS = 28_000;

/** Hands mails to the sender, each at most once as far as this process and its log know. */
export type MessageDelivery = {
  /** Resolves with the acceptance, old or new; rejects when this attempt failed. */
  deliver(mail: AlertMessage, path: 'job' | 'essential'): Promise<AcceptedMessage>;
  isUnderWay(key: string): boolean;
};

/** What came of one attempt to tell somebody of a call. */
export type AlertOutcome = {
  isAccepted: boolean;
  callId: string | null;
  organizationId: string | null;
  incidentId: string | null;
  kind: string;
  channel: AlertChannel;
  /** Whom it went to, as receipts show it. */
  recipient: string;
  reasons: AlertMessage['reasons'];
  /** Of this attempt; null when it succeeded. */
  error: string | null;
};

export function createMessageDelivery(deps: {
  senders: Readonly<Record<AlertChannel, AlertSender>>;
  log: AcceptedLog;
  metrics: AlertMetrics;
  clock: Clock;
  /** Must not throw. */
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
}): MessageDelivery {
  const { senders, log, metrics, clock } = deps;
  const underWay = new Map<string, Promise<AcceptedMessage>>();

  async function send(mail: AlertMessage, path: 'job' | 'essential'): Promise<AcceptedMessage> {
    await log.load();
    const known = log.find(mail.key);
    if (known) return known;
    const { response } = await senders[mail.endpoint.channel].send(mail, AbortSignal.timeout(ATTEMPT_MS));
    const now = clock.nowMs();
    const { key, kind, severity, organizationId, callId, incidentId, recipientId, label, reasons } = mail;
    const accepted: AcceptedMessage = {
      key,
      kind,
      severity,
      organizationId,
      callId,
      incidentId,
      recipientId,
      label,
      reasons,
      channel: mail.endpoint.channel,
      at: new Date(now).toISOString(),
      response,
    };
    await log.add(accepted);
    metrics.accepted(kind, path, mail.startedAt === null ? null : (now - Date.parse(mail.startedAt)) / 1_000);
    return accepted;
  }

  async function sendAndTell(mail: AlertMessage, path: 'job' | 'essential'): Promise<AcceptedMessage> {
    try {
      const accepted = await send(mail, path);
      tell(mail, null);
      return accepted;
    } catch (error) {
      tell(mail, errorText(error));
      throw error;
    }
  }

  function tell(message: AlertMessage, error: string | null): void {
    if (message.kind === 'invitation') return;
    const { kind, callId, incidentId, organizationId, label, reasons, endpoint } = message;
    const { channel } = endpoint;
    deps.onAlert?.({
      isAccepted: error === null,
      callId,
      incidentId,
      kind,
      channel,
      organizationId,
      recipient: label,
      reasons,
      error,
    });
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
