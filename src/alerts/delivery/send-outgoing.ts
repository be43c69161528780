import type { AlertDraft, OutgoingAlert } from '../alert-draft.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertContext } from '../content/alert-context.ts';
import { writeDraft } from '../content/compose-message.ts';
import type { AlertSender, SendAcceptance } from '../senders/alert-sender.ts';

/** What drafts are written with when they leave. */
export type DraftWriting = {
  /** By which the recipient of a draft acknowledges; null: there is nothing to acknowledge. */
  acknowledgeUrlOf(draft: AlertDraft): string | null;
  /** The organization's own words; null: it has none. */
  templatesOf(organizationId: string): AlertContext['templates'];
};

/**
 * Hands a message to its channel's sender, written: by the sender in a thread of its own where it has one, else here. An
 * organization's own words stay here, because what they report stands in memory here.
 */
export function createOutgoingSending(
  senders: Readonly<Record<AlertChannel, AlertSender>>,
  writing: DraftWriting,
): (message: OutgoingAlert, signal: AbortSignal) => Promise<SendAcceptance> {
  return async (message, signal) => {
    const sender = senders[message.endpoint.channel];
    if (message.content !== null) return sender.send(message, signal);
    const acknowledgeUrl = writing.acknowledgeUrlOf(message);
    const templates = writing.templatesOf(message.occasion.organizationId);
    if (templates === null && sender.sendDraft) return sender.sendDraft(message, acknowledgeUrl, signal);
    return sender.send(writeDraft(message, acknowledgeUrl, templates), signal);
  };
}
