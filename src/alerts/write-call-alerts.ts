import type { CallRecord } from '../domain/call-record.ts';
import type { AlertEndpoint } from './alert-endpoint.ts';
import type { AlertMessage } from './alert-message.ts';
import { type AlertContext, composeCallAlert } from './compose-call-alert.ts';
import { messageKey } from './delivery/message-key.ts';
import { REASON_TEXTS, type Recipient } from './recipient.ts';

/** The mails that tell `recipients` of a call, one each. */
export function writeCallAlerts(
  record: CallRecord,
  recipients: readonly Recipient[],
  context: AlertContext,
  now: Date,
): AlertMessage[] {
  const { subject, text, html } = composeCallAlert(record, context);
  return recipients.map(({ address, reasons }) => {
    const endpoint: AlertEndpoint = { channel: 'email', address };
    return {
      key: messageKey(record.id, endpoint, 'call-started'),
      kind: 'call-started',
      severity: 'emergency',
      organizationId: record.organizationId,
      callId: record.id,
      incidentId: record.id,
      startedAt: record.startedAt,
      endpoint,
      recipientId: null,
      label: address,
      reasons: reasons.map((reason) => REASON_TEXTS[reason]),
      content: { channel: 'email', subject, text, html, map: null },
      writtenAt: now.toISOString(),
    };
  });
}
