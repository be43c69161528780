import { type Shape, shapeCenter } from '../../domain/shape.ts';
import type { MessageContent } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertContext } from './alert-context.ts';
import type { AlertFacts } from './alert-facts.ts';
import { oneLine } from './one-line.ts';
import { uncertaintyMeters } from './uncertainty.ts';
import { WEBHOOK_TYPES, type WebhookData } from './webhook-payload.ts';

/** The facts for programs: fixed names, null where nothing is known, no words that depend on a language but `text` and `headline`. */
export function webhookContent(
  occasion: AlertOccasion,
  told: ToldRecipient,
  context: AlertContext,
  facts: AlertFacts,
): Extract<MessageContent, { channel: 'webhook' }> {
  const { call, news, place } = occasion;
  const data: WebhookData = {
    subjectId: occasion.subjectId,
    incidentId: context.incidentId,
    moment: occasion.moment,
    triggers: [...occasion.triggers],
    trigger: told.trigger,
    severity: told.severity,
    isDrill: facts.isDrill,
    isSimulated: facts.isSimulated,
    at: occasion.at,
    organizationId: occasion.organizationId,
    headline: facts.headline,
    site: { id: place.locationId, name: facts.place.site, timeZone: context.site?.timeZone ?? null },
    responseLocation: { id: place.responseLocationId, name: facts.place.responseLocation },
    call: call && {
      id: call.id,
      kind: call.kind,
      emergencyCallId: call.emergencyCallId,
      incidentId: call.incidentId,
      dialed: oneLine(call.dialed),
      startedAt: call.startedAt,
      answeredAt: call.answeredAt,
      endedAt: call.endedAt,
      outcome: call.outcome,
      flags: [...call.flags],
    },
    caller: call && {
      name: facts.caller.name,
      number: facts.caller.number,
      memberId: call.caller.memberId,
      memberKind: call.caller.memberKind,
    },
    callback: call && { number: facts.callback.number, quality: call.callback.quality },
    location: call?.location
      ? {
          text: facts.place.text,
          inside: facts.place.inside,
          civic: call.location.civic,
          position: positionOf(call.location.shape),
          source: call.location.source,
          foundBy: call.location.foundBy ?? null,
          rule: oneLine(call.location.rule),
          method: call.location.method,
          determinedAt: call.location.determinedAt,
          ageSeconds: call.location.ageSeconds,
        }
      : null,
    destination: call && {
      name: facts.destination.name,
      kind: call.destination.kind,
      conveyed: call.conveyed.form,
      callbackNumber: call.conveyed.callbackNumber,
      attempts: call.attempts.map(({ name, outcome, status }) => ({ name: oneLine(name), outcome, status })),
    },
    test: call?.testResult ?? null,
    news: news && { sentence: news.sentence, text: facts.news.text, values: news.values },
    recipient: { label: facts.recipient, reasons: [...told.reasons] },
    links: facts.links,
  };
  return { channel: 'webhook', type: WEBHOOK_TYPES[occasion.moment], data };
}

function positionOf(shape: Shape | null) {
  return shape && { ...shapeCenter(shape), uncertaintyMeters: uncertaintyMeters(shape) };
}
