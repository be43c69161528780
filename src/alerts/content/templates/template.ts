import {
  ALERT_LANGUAGES,
  ALERT_TRIGGERS,
  type AlertLanguage,
  type AlertTrigger,
} from '../../../domain/alert-trigger.ts';
import type { AlertChannel } from '../../alert-endpoint.ts';
import type { AlertFacts } from '../alert-facts.ts';

/** The channels whose words an organization can change; a webhook carries facts under fixed names. */
const TEMPLATE_CHANNELS = ['email', 'sms', 'chat', 'push'] as const satisfies readonly AlertChannel[];
export type TemplateChannel = (typeof TEMPLATE_CHANNELS)[number];

/** Which words: of what happened, by which channel, in which language. */
export type TemplateKey = { trigger: AlertTrigger; channel: TemplateChannel; language: AlertLanguage };

/** What a template says, in Liquid. */
export type TemplateText = {
  /** A mail's subject, the first line of chat and push; null for text messages, and where it stays that of ours. */
  title: string | null;
  body: string;
  /** A mail's HTML in place of `body`; null: `body` is laid out. Null for every other channel. */
  html: string | null;
};

/** One version of the words of an organization; `text` null: those of ours from then on. */
export type TemplateVersion = {
  version: number;
  text: TemplateText | null;
  changedBy: string;
  /** ISO 8601. */
  changedAt: string;
};

/** The templates of one organization, compiled when they are first wanted. */
export type TemplateBook = {
  find(key: TemplateKey): CompiledTemplate | undefined;
  /** Told when a template failed and the words of ours went out. Must not throw. */
  onFault(key: TemplateKey, fault: string): void;
};

/** Throws when the template cannot be rendered within its limits. */
export type CompiledTemplate = (facts: AlertFacts) => TemplateText;

export function templateName({ trigger, channel, language }: TemplateKey): string {
  return `${trigger}/${channel}/${language}`;
}

/** Every template that there can be. */
export const TEMPLATE_KEYS: readonly TemplateKey[] = ALERT_TRIGGERS.flatMap((trigger) =>
  TEMPLATE_CHANNELS.flatMap((channel) => ALERT_LANGUAGES.map((language) => ({ trigger, channel, language }))),
);
