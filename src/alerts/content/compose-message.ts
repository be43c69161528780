import type { AlertDraft } from '../alert-draft.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertMessage, MapRequest, MessageContent } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { messageKey } from '../delivery/message-key.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertContext } from './alert-context.ts';
import type { AlertFacts } from './alert-facts.ts';
import { catalogueOf } from './catalogue/catalogue.ts';
import { chatContent } from './compose-chat.ts';
import { fitPush, pushText } from './compose-push.ts';
import { fitSms, smsText } from './compose-sms.ts';
import { webhookContent } from './compose-webhook.ts';
import { gatherFacts } from './gather-facts.ts';
import { layoutMail } from './mail-layout.ts';
import { mailPage } from './mail-page.ts';
import { mapPlace } from './map-place.ts';
import { OWN_CONTENT, templateKeyOf } from './templates/own-content.ts';
import type { TemplateChannel } from './templates/template.ts';
import { templateFault } from './templates/template-engine.ts';

/** Everything of a message but its words. */
export function messageHead(
  occasion: AlertOccasion,
  told: ToldRecipient,
  context: Pick<AlertContext, 'incidentId' | 'nowMs'>,
): Omit<AlertMessage, 'content'> {
  return {
    key: messageKey(occasion.subjectId, told.endpoint, occasion.moment),
    kind: occasion.moment,
    severity: told.severity,
    organizationId: occasion.organizationId,
    callId: occasion.call?.id ?? null,
    incidentId: context.incidentId,
    locationId: occasion.place.locationId,
    startedAt: occasion.call?.startedAt ?? occasion.at,
    endpoint: told.endpoint,
    recipientId: told.recipientId,
    label: told.label,
    reasons: told.reasons,
    writtenAt: new Date(context.nowMs).toISOString(),
  };
}

/** What this recipient is sent of this occasion. Pure but for the report of a template that failed; never throws. */
export function composeMessage(occasion: AlertOccasion, told: ToldRecipient, context: AlertContext): AlertMessage {
  const content = contentFor(gatherFacts(occasion, told, context), occasion, told, context);
  return { ...messageHead(occasion, told, context), content };
}

/** The message of a draft. `acknowledgeUrl`: by which this recipient acknowledges. */
export function writeDraft(
  draft: AlertDraft,
  acknowledgeUrl: string | null,
  templates: AlertContext['templates'],
): AlertMessage {
  const { told, occasion, context: known, content: _content, ...head } = draft;
  const context: AlertContext = { ...known, acknowledgeUrl: () => acknowledgeUrl, templates };
  return { ...head, content: contentFor(gatherFacts(occasion, told, context), occasion, told, context) };
}

function contentFor(
  facts: AlertFacts,
  occasion: AlertOccasion,
  told: ToldRecipient,
  context: AlertContext,
): MessageContent {
  const { channel } = told.endpoint;
  const own = channel === 'webhook' ? null : ownContent(channel, facts, occasion, context);
  return own ?? DEFAULTS[channel](facts, occasion, told, context);
}

/** What the organization wants said; null where it wrote nothing, or what it wrote failed. */
function ownContent(
  channel: TemplateChannel,
  facts: AlertFacts,
  occasion: AlertOccasion,
  context: AlertContext,
): MessageContent | null {
  const { templates } = context;
  const key = templates && templateKeyOf(occasion.moment, facts, channel);
  if (!key) return null;
  try {
    const template = templates.find(key);
    if (!template) return null;
    const own = OWN_CONTENT[channel](facts, template);
    if (own.channel === 'email') return { ...own, map: mapRequest(occasion, facts) };
    return own.channel === 'push' ? { ...own, url: pushUrl(facts, context) } : own;
  } catch (error) {
    // The alert goes out in the words of ours; who wrote the template learns why.
    templates.onFault(key, templateFault(error));
    return null;
  }
}

type Write = (facts: AlertFacts, occasion: AlertOccasion, told: ToldRecipient, context: AlertContext) => MessageContent;

const DEFAULTS: Readonly<Record<AlertChannel, Write>> = {
  email(facts, occasion) {
    const page = mailPage(facts);
    return { channel: 'email', subject: page.subject, ...layoutMail(page), map: mapRequest(occasion, facts) };
  },
  sms: (facts) => ({ channel: 'sms', text: fitSms(facts, smsText) }),
  chat: chatContent,
  push: (facts, _occasion, _told, context) => ({
    channel: 'push',
    ...fitPush(facts, pushText),
    url: pushUrl(facts, context),
  }),
  webhook: (facts, occasion, told, context) => webhookContent(occasion, told, context, facts),
};

function pushUrl({ links }: AlertFacts, { publicUrl }: AlertContext): string {
  return links.incident ?? links.trace ?? publicUrl;
}

function mapRequest(occasion: AlertOccasion, facts: AlertFacts): MapRequest | null {
  const place = mapPlace(occasion);
  if (!place) return null;
  const { words } = catalogueOf(facts.language);
  return {
    ...place,
    caption: `${words.mapCaption}${words.colon}${facts.place.text ?? facts.place.coordinates ?? ''}`,
  };
}
