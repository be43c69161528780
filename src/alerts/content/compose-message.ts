import { shapeCenter } from '../../domain/shape.ts';
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
import { uncertaintyMeters } from './uncertainty.ts';

/** What this recipient is sent of this occasion. Pure but for the report of a template that failed; never throws. */
export function composeMessage(occasion: AlertOccasion, told: ToldRecipient, context: AlertContext): AlertMessage {
  const facts = gatherFacts(occasion, told, context);
  return {
    key: messageKey(occasion.subjectId, told.endpoint, occasion.moment),
    kind: occasion.moment,
    severity: told.severity,
    organizationId: occasion.organizationId,
    callId: occasion.call?.id ?? null,
    incidentId: context.incidentId,
    startedAt: occasion.call?.startedAt ?? occasion.at,
    endpoint: told.endpoint,
    recipientId: told.recipientId,
    label: told.label,
    reasons: told.reasons,
    content: DEFAULTS[told.endpoint.channel](facts, occasion, told, context),
    writtenAt: new Date(context.nowMs).toISOString(),
  };
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
    url: facts.links.incident ?? facts.links.trace ?? context.publicUrl,
  }),
  webhook: (facts, occasion, told, context) => webhookContent(occasion, told, context, facts),
};

function mapRequest({ call }: AlertOccasion, facts: AlertFacts): MapRequest | null {
  const shape = call?.location?.shape;
  if (!shape) return null;
  const { words } = catalogueOf(facts.language);
  return {
    ...shapeCenter(shape),
    uncertaintyMeters: uncertaintyMeters(shape),
    caption: `${words.mapCaption}: ${facts.place.text ?? facts.place.coordinates ?? ''}`,
  };
}
