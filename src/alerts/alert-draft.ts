import type { AlertMessage } from './alert-message.ts';
import type { AlertOccasion } from './alert-occasion.ts';
import type { AlertContext } from './content/alert-context.ts';
import type { ToldRecipient } from './told-recipient.ts';

/**
 * A message whose words are written when it leaves: what it is told of, to whom, and what that needs beside. JSON-serializable; the call
 * is left out where it is stored, because the call's own record holds it.
 */
export type AlertDraft = Omit<AlertMessage, 'content'> & {
  content: null;
  told: ToldRecipient;
  occasion: AlertOccasion;
  context: DraftContext;
};

/** Of the context what is known when the message is queued; links and the organization's own words come when it is written. */
export type DraftContext = Omit<AlertContext, 'acknowledgeUrl' | 'templates'> & {
  /** The incident that this message asks to acknowledge; null: there is nothing to acknowledge. */
  openedIncidentId: string | null;
};

/** What delivery holds: most is written when it leaves. */
export type OutgoingAlert = AlertMessage | AlertDraft;
