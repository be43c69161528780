import type { AlertSeverity } from '../domain/alert-trigger.ts';
import type { AlertEndpoint } from './alert-endpoint.ts';

/** What one endpoint is sent, as the job queue keeps it; JSON-serializable. */
export type AlertMessage = {
  /** The same for the same subject, endpoint and kind, on every path, node and start (decision 18). */
  key: string;
  /** A moment (`call-started` …), or `invitation`, `alarm`. */
  kind: string;
  severity: AlertSeverity;
  organizationId: string | null;
  callId: string | null;
  /** null: no incident stands behind it. */
  incidentId: string | null;
  /** Where it happened, for those who listen for some locations only; absent or null: at none of ours. */
  locationId?: string | null;
  /** When what it tells of happened, ISO 8601; null: no time counts. */
  startedAt: string | null;
  endpoint: AlertEndpoint;
  /** null: an address that stands in settings, with no recipient of its own. */
  recipientId: string | null;
  /** What receipts show. */
  label: string;
  reasons: readonly string[];
  content: MessageContent;
  /** ISO 8601; a mail's `Date`, a webhook's timestamp. */
  writtenAt: string;
};

/** What is said, per channel; a webhook carries facts, the others words. */
export type MessageContent =
  | { channel: 'email'; subject: string; text: string; html: string | null; map: MapRequest | null }
  | { channel: 'sms'; text: string }
  | { channel: 'webhook'; type: string; data: Readonly<Record<string, unknown>> }
  | {
      channel: 'chat';
      title: string;
      /** An empty name: the value is a line by itself. */
      lines: readonly { name: string; value: string }[];
      notices: readonly string[];
      links: readonly { text: string; url: string }[];
    }
  | { channel: 'push'; title: string; body: string; url: string };

/** The picture of a place, drawn when the mail is sent. WGS 84 degrees. */
export type MapRequest = { latitude: number; longitude: number; uncertaintyMeters: number | null; caption: string };
