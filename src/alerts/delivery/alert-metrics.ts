import type { Metrics } from '../../support/metrics.ts';

/** Figures of NOTIFY. */
export type AlertMetrics = {
  queued(kind: string): void;
  /** `sinceCallSeconds` from the start of the call; null when the mail is about no call. */
  accepted(kind: string, path: 'job' | 'essential', sinceCallSeconds: number | null): void;
  failed(kind: string): void;
  exhausted(kind: string): void;
  /** So many calls of which nobody could be told. */
  nobodyToTell(count: number): void;
};

const SECONDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200];

export function createAlertMetrics(metrics: Metrics): AlertMetrics {
  const queued = metrics.counter('waymark_alert_mails_queued_total', 'Mails handed to the job queue', ['kind']);
  const accepted = metrics.counter('waymark_alert_mails_accepted_total', 'Mails the mail server took', [
    'kind',
    'path',
  ]);
  const failed = metrics.counter('waymark_alert_mail_failures_total', 'Attempts that failed and are repeated', [
    'kind',
  ]);
  const exhausted = metrics.counter('waymark_alert_mails_exhausted_total', 'Mails given up after the last attempt', [
    'kind',
  ]);
  const nobody = metrics.counter('waymark_alert_calls_without_recipient_total', 'Calls of which nobody could be told');
  const seconds = metrics.histogram(
    'waymark_alert_acceptance_seconds',
    'From the start of a call to the mail server taking a recipient’s mail',
    SECONDS,
    ['path'],
  );
  return {
    queued: (kind) => queued.inc({ kind }),
    accepted(kind, path, sinceCallSeconds) {
      accepted.inc({ kind, path });
      if (sinceCallSeconds !== null) seconds.observe({ path }, Math.max(0, sinceCallSeconds));
    },
    failed: (kind) => failed.inc({ kind }),
    exhausted: (kind) => exhausted.inc({ kind }),
    nobodyToTell: (count) => nobody.inc(count),
  };
}
