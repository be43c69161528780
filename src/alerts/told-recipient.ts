import type { AlertLanguage, AlertSeverity, AlertTrigger } from '../domain/alert-trigger.ts';
import type { AlertEndpoint } from './alert-endpoint.ts';

/** Somebody who is told of an occasion, by one endpoint, and when. */
export type ToldRecipient = {
  endpoint: AlertEndpoint;
  /** What receipts and the desk show: an address, a number, the name of a webhook. */
  label: string;
  /** null: an address of the contract's notification settings, a building or a response location. */
  recipientId: string | null;
  language: AlertLanguage;
  /** IANA; null: that of the site. */
  timeZone: string | null;
  /** Seconds after the occasion; later steps are told only while nobody acknowledged. */
  afterSeconds: number;
  /** The weightiest of the occasion's triggers for which this recipient is told. */
  trigger: AlertTrigger;
  severity: AlertSeverity;
  /** Why, as sentences in English; the catalogue holds those of other languages. */
  reasons: readonly string[];
};
