import type { Metrics } from '../../support/metrics.ts';
import type { OutgoingAlert } from '../alert-draft.ts';

/** Figures of NOTIFY. */
export type AlertMetrics = {
  queued(message: OutgoingAlert): void;
  accepted(message: OutgoingAlert, path: 'job' | 'essential', atMs: number): void;
  /** An attempt failed and is repeated. */
  failed(message: OutgoingAlert): void;
  exhausted(message: OutgoingAlert): void;
  laneChanged(lane: string, isDown: boolean): void;
  /** Calls of which nobody could be told. */
  nobodyToTell(calls: number): void;
  /** Messages in memory, read when figures are asked for. */
  readHeld(read: () => number): void;
  /** Bytes that messages without a job take, read when figures are asked for. */
  readEssentialBytes(read: () => number): void;
  /** News that nobody is told, because too much waits in memory. */
  leftUntold(moment: string): void;
};

const SECONDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200];

export function createAlertMetrics(metrics: Metrics): AlertMetrics {
  const queued = metrics.counter('waymark_alerts_queued_total', 'Messages handed to the outbox', ['kind', 'channel']);
  const accepted = metrics.counter('waymark_alerts_accepted_total', 'Messages that the other side took', [
    'kind',
    'channel',
    'path',
  ]);
  const failed = metrics.counter('waymark_alert_failures_total', 'Attempts that failed and are repeated', [
    'kind',
    'channel',
  ]);
  const exhausted = metrics.counter('waymark_alerts_exhausted_total', 'Messages given up', ['kind', 'channel']);
  const lanesDown = metrics.counter(
    'waymark_alert_channel_outages_total',
    'How often a mail server, gateway, webhook or chat room failed so often in a row that it was left alone for a while',
    ['channel'],
  );
  const nobody = metrics.counter('waymark_alert_calls_without_recipient_total', 'Calls of which nobody could be told');
  const untold = metrics.counter(
    'waymark_alert_news_untold_total',
    'News other than calls and their steps of which nobody was told: the database was away, and what waits in memory took all its room',
    ['moment'],
  );
  const seconds = metrics.histogram(
    'waymark_alert_acceptance_seconds',
    'From what a message tells of to the other side taking it',
    SECONDS,
    ['channel', 'path'],
  );
  const labels = ({ kind, endpoint: { channel } }: OutgoingAlert) => ({ kind, channel });
  return {
    queued: (message) => queued.inc(labels(message)),
    accepted(message, path, atMs) {
      const { channel } = message.endpoint;
      accepted.inc({ ...labels(message), path });
      if (message.startedAt === null) return;
      seconds.observe({ channel, path }, Math.max(0, (atMs - Date.parse(message.startedAt)) / 1_000));
    },
    failed: (message) => failed.inc(labels(message)),
    exhausted: (message) => exhausted.inc(labels(message)),
    laneChanged(lane, isDown) {
      if (isDown) lanesDown.inc({ channel: lane.split(':')[0] ?? lane });
    },
    nobodyToTell: (calls) => nobody.inc(calls),
    readEssentialBytes: (read) =>
      metrics.reading('waymark_alerts_essential_bytes', 'Memory that messages without a stored job take', read),
    leftUntold: (moment) => untold.inc({ moment }),
    readHeld: (read) => metrics.reading('waymark_alerts_held', 'Messages in memory that were not taken yet', read),
  };
}
