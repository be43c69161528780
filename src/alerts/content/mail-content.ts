import type { AlertLanguage, AlertSeverity } from '../../domain/alert-trigger.ts';

/**
 * What a mail says, before it is laid out: `mail-text.ts` makes plain text of it, `mail-layout.ts` HTML. Every text is one line
 * of plain text that the layout escapes; `html` alone is markup.
 */
export type MailContent = {
  language: AlertLanguage;
  severity: AlertSeverity;
  /** The severity in words, in the mail's language. */
  severityText: string;
  isDrill: boolean;
  subject: string;
  headline: string;
  /** Said before everything else: a drill, a simulated destination. */
  notices: readonly string[];
  /** What counts most, in this order: where, callback number, caller, when. Each stands in a section as well. */
  highlights: readonly MailLine[];
  sections: readonly MailSection[];
  /** What is noteworthy; `title` stands above it. */
  notes: { title: string; items: readonly string[] };
  links: readonly MailLink[];
  /** Why the reader is told: last and small. */
  footer: readonly string[];
  /** The organization's own words in place of highlights, sections and notes; null: ours. */
  custom: { text: string; html: string | null } | null;
};

export type MailSection = { title: string; lines: readonly MailLine[] };
export type MailLine = { name: string; value: string };

/** `acknowledge` is the button of the mail. */
export type MailLink = { kind: 'acknowledge' | 'trace' | 'data' | 'incident'; text: string; url: string };
