import type { AlertDraft } from '../alert-draft.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { MapPicture } from '../map-picture/map-pictures.ts';
import type { ToldRecipient } from '../told-recipient.ts';

/** What drafts of one occasion have in common; `told` without who it is. */
export type CommonDraft = Omit<
  AlertDraft,
  'key' | 'endpoint' | 'recipientId' | 'label' | 'reasons' | 'content' | 'occasion' | 'told'
> & { told: Pick<ToldRecipient, 'language' | 'timeZone' | 'trigger' | 'severity' | 'reasons'> };

/** A draft as it passes from thread to thread: what many drafts have in common is text, which costs little to hand over. */
export type MailDraft = {
  key: string;
  address: string;
  /** By which this recipient acknowledges; null: there is nothing to acknowledge. */
  acknowledgeUrl: string | null;
  /** `CommonDraft`, as JSON. */
  common: string;
  /** `AlertOccasion`, as JSON; the same text has the same number. */
  occasion: { number: number; json: string };
  picture: MapPicture | null;
};

/** One text per occasion, however many are told of it. */
const occasionTexts = new WeakMap<AlertOccasion, MailDraft['occasion']>();
let occasionNumber = 0;

function occasionText(occasion: AlertOccasion): MailDraft['occasion'] {
  let text = occasionTexts.get(occasion);
  if (text === undefined) {
    text = { number: ++occasionNumber, json: JSON.stringify(occasion) };
    occasionTexts.set(occasion, text);
  }
  return text;
}

/** What others are told alike, without who is told. */
function commonText(draft: AlertDraft): string {
  const { callId, context, incidentId, kind, locationId, organizationId, severity, startedAt, told, writtenAt } = draft;
  const { language, reasons, timeZone, trigger } = told;
  const common: CommonDraft = {
    kind,
    severity,
    organizationId,
    callId,
    incidentId,
    locationId: locationId ?? null,
    startedAt,
    writtenAt,
    told: { language, timeZone, trigger, severity: told.severity, reasons },
    context,
  };
  return JSON.stringify(common);
}

/** What the thread that writes mails is told of a draft of a mail. */
export function mailDraft(draft: AlertDraft, acknowledgeUrl: string | null, picture: MapPicture | null): MailDraft {
  const { endpoint, key, occasion } = draft;
  // An address that is none is refused where the mail is written.
  const address = endpoint.channel === 'email' ? endpoint.address : '';
  return { key, address, acknowledgeUrl, common: commonText(draft), occasion: occasionText(occasion), picture };
}
