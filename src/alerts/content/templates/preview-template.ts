import type { FieldFault } from '../../../domain/problem.ts';
import type { MessageContent } from '../../alert-message.ts';
import type { AlertOccasion } from '../../alert-occasion.ts';
import type { ToldRecipient } from '../../told-recipient.ts';
import type { AlertContext } from '../alert-context.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { composeMessage } from '../compose-message.ts';
import { gatherFacts } from '../gather-facts.ts';
import { smsSegments } from '../gsm-text.ts';
import { sampleOccasion, sampleTold } from '../sample-occasion.ts';
import { checkTemplate } from './check-template.ts';
import { compileTemplate } from './compile-template.ts';
import { missingMinimum } from './legal-minimum.ts';
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
  return [gatherFacts(occasion, told, context), gatherFacts(bare, told, unplaced)];
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

function warningsOf(key: TemplateKey, text: TemplateText, samples: readonly AlertFacts[]): string[] {
  const warnings = new Set<string>();
  const render = compileTemplate(key.channel, text);
  for (const facts of samples) {
    const { title, body, html } = render(facts);
    for (const { name } of missingMinimum(facts, [title ?? '', html ?? body].join('\n'))) {
      warnings.add(`${name}: the law wants it said (47 CFR 9.16(b)(2)); it is added to the message`);
    }
  }
  const [full] = samples;
  if (key.channel === 'sms' && full !== undefined && smsSegments(render(full).body) > 2) {
    warnings.add('longer than two segments: values are cut until it fits');
  }
  return [...warnings];
}
