import type { AlertLanguage, AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertFacts } from './alert-facts.ts';

/** The channels whose words an organization can change; a webhook carries facts under fixed names. */
export const TEMPLATE_CHANNELS = ['email', 'sms', 'chat', 'push'] as const satisfies readonly AlertChannel[];
export type TemplateChannel = (typeof TEMPLATE_CHANNELS)[number];

/** What a template says. `title`: a mail's subject, the first line of chat and push; null where the channel has none. */
export type TemplateText = {
  title: string | null;
  body: string;
  /** The mail's HTML in place of `body` laid out; null: `body` is laid out. */
  html: string | null;
};

/** The templates of one organization, compiled. */
export type TemplateBook = {
  find(trigger: AlertTrigger, channel: TemplateChannel, language: AlertLanguage): CompiledTemplate | undefined;
  /** Told when a template failed and the text of ours went out. Must not throw. */
  onFault(template: CompiledTemplate, fault: string): void;
};

export type CompiledTemplate = {
  id: string;
  /** Throws when the template cannot be rendered within its limits. */
  render(facts: AlertFacts): TemplateText;
};
