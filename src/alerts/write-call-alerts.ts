import type { CallRecord } from '../domain/call-record.ts';
import { type AlertMail, CALL_ALERT } from './alert-mail.ts';
import { type AlertContext, composeCallAlert } from './compose-call-alert.ts';
import { mailKey } from './mail-key.ts';
import { REASON_TEXTS, type Recipient } from './recipient.ts';

/** The mails that tell `recipients` of a call, one each. */
export function writeCallAlerts(
  record: CallRecord,
  recipients: readonly Recipient[],
  context: AlertContext,
  now: Date,
): AlertMail[] {
  const { subject, text, html } = composeCallAlert(record, context);
  return recipients.map((recipient) => ({
    key: mailKey(record.id, recipient.address, CALL_ALERT),
    kind: CALL_ALERT,
    organizationId: record.organizationId,
    callId: record.id,
    startedAt: record.startedAt,
    recipient: recipient.address,
    reasons: recipient.reasons.map((reason) => REASON_TEXTS[reason]),
    subject,
    text,
    html,
    writtenAt: now.toISOString(),
  }));
}
