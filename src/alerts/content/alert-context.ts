import type { ToldRecipient } from '../told-recipient.ts';
import type { TemplateBook } from './templates/template.ts';

/** What composing needs beside occasion and recipient; from memory. */
export type AlertContext = {
  /** The site's name and IANA time zone; null when the occasion is tied to none. */
  site: { name: string; timeZone: string } | null;
  /** Name of the emergency response location; null when the occasion is tied to none. */
  responseLocationName: string | null;
  /** The destination is a simulator of this platform, not a public authority. */
  simulated: boolean;
  /** Base of links, without a slash at the end. */
  publicUrl: string;
  /** The incident behind the occasion; null: there is none. */
  incidentId: string | null;
  /** The one-time link by which this recipient acknowledges; null where there is nothing to acknowledge. */
  acknowledgeUrl(told: ToldRecipient): string | null;
  /** Where the incident is looked at; null where there is none. */
  incidentUrl: string | null;
  /** The organization's own words; null: it has none. */
  templates: TemplateBook | null;
  /** When the message is written, epoch ms. */
  nowMs: number;
};
