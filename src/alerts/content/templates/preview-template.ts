import type { FieldFault } from '../../../domain/problem.ts';
import type { MessageContent } from '../../alert-message.ts';
import type { AlertOccasion } from '../../alert-occasion.ts';
import type { ToldRecipient } from '../../told-recipient.ts';
import type { AlertContext } from '../alert-context.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { composeMessage } from '../compose-message.ts';
import { MAX_SMS_SEGMENTS } from '../compose-sms.ts';
import { gatherFacts } from '../gather-facts.ts';
import { smsSegments, toGsmText } from '../gsm-text.ts';
import { mailSubject } from '../mail-page.ts';
import { SAMPLE_DESTINATION, sampleOccasion, sampleTold } from '../sample-occasion.ts';
import { checkTemplate } from './check-template.ts';
import { compileTemplate } from './compile-template.ts';
import { missingMinimum, textOfHtml } from './legal-minimum.ts';
import type { TemplateKey, TemplateText } from './template.ts';

export type TemplatePreview = {
  /** What is wrong, by field; nothing is rendered then and nothing can be saved. */
  faults: FieldFault[];
  /** What is allowed, and should be known. */
  warnings: string[];
  /** As it would be sent; null while there are faults. */
  content: MessageContent | null;
};

/** Facts that a template must be able to tell: of its trigger, with everything known and with next to nothing. */
function samplesOf(key: TemplateKey, context: AlertContext): AlertFacts[] {
  const told = sampleTold(key);
  const occasion = sampleOccasion(key.trigger, '');
  const bare: AlertOccasion = {
    ...occasion,
    call: occasion.call && {
      ...occasion.call,
      location: null,
      caller: { ...occasion.call.caller, number: null, displayName: null, asserted: null, memberKind: null },
      callback: { number: null, quality: 'INVALID', rule: 'the call carries no number that can be called' },
      flags: ['no-location', 'relay', 'no-callback'],
    },
    news: occasion.news && { ...occasion.news, values: {} },
  };
  const unplaced: AlertContext = { ...context, site: null, responseLocationName: null, acknowledgeUrl: () => null };
  const both = [gatherFacts(occasion, told, context), gatherFacts(bare, told, unplaced)];
  return key.trigger === 'destination-unreachable' ? [...both, gatherFacts(SAMPLE_DESTINATION, told, context)] : both;
}

/** What is wrong with a template, and what it makes of `occasion`. */
export function previewTemplate(
  key: TemplateKey,
  text: TemplateText,
  context: AlertContext,
  subject: { occasion: AlertOccasion; told: ToldRecipient } = {
    occasion: sampleOccasion(key.trigger, ''),
    told: sampleTold(key),
  },
): TemplatePreview {
  const samples = samplesOf(key, context);
  const faults = checkTemplate(key.channel, text, samples);
  if (faults.length > 0) return { faults, warnings: [], content: null };
  const template = compileTemplate(key.channel, text);
  const failures: string[] = [];
  const { content } = composeMessage(subject.occasion, subject.told, {
    ...context,
    templates: { find: () => template, onFault: (_key, fault) => failures.push(fault) },
  });
  return { faults: [], warnings: [...failures, ...warningsOf(key, text, samples)], content };
}

function warningsOf(key: TemplateKey, text: TemplateText, [full]: readonly AlertFacts[]): string[] {
  if (full === undefined) return [];
  const { title, body, html } = compileTemplate(key.channel, text)(full);
  // Above every mail stands our headline, and where there is no title of its own, ours.
  const above = key.channel === 'email' ? full.headline : '';
  const heading = title ?? (key.channel === 'sms' ? '' : mailSubject(full));
  const said = [above, heading, html === null ? body : textOfHtml(html)].join('\n');
  const warnings = missingMinimum(full, said).map(
    ({ name }) => `${name}: the law wants it said (47 CFR 9.16(b)(2)); it is added to the message`,
  );
  if (key.channel === 'sms' && smsSegments(toGsmText(body)) > MAX_SMS_SEGMENTS) {
    warnings.push('longer than two segments: values are cut until it fits');
  }
  return warnings;
}
