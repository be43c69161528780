import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import type { AlertEndpoint } from '../alert-endpoint.ts';
import type { AlertSchedule } from './alert-schedule.ts';

/** Somebody, or something, that is told of occasions. */
export type AlertRecipient = {
  id: string;
  /** 1 to 256 characters; no other recipient of the organization has it. */
  name: string;
  language: AlertLanguage;
  /** IANA; null: that of the site. */
  timeZone: string | null;
  /** null: always on duty. */
  schedule: AlertSchedule | null;
  /** 1 to 20, each once; all of them are told. */
  endpoints: readonly AlertEndpoint[];
};

/** Recipients who are told together. */
export type AlertGroup = {
  id: string;
  /** As a recipient's. */
  name: string;
  recipientIds: readonly string[];
  /** When the group is on duty; its recipients' own schedules count beside it. null: always. */
  schedule: AlertSchedule | null;
};
