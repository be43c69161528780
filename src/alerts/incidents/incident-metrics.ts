import type { Metrics } from '../../support/metrics.ts';
import type { ActVia } from './incident.ts';

/** Figures of incidents. */
export type IncidentMetrics = {
  opened(severity: string): void;
  /** `path`: with the database, or from memory alone. */
  stepTold(path: 'stored' | 'memory'): void;
  acknowledged(via: ActVia, afterSeconds: number): void;
  resolved(via: ActVia): void;
  /** An act that waits for the database. */
  kept(): void;
  open(counts: readonly { severity: string; count: number }[]): void;
};

const SECONDS = [5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];

export function createIncidentMetrics(metrics: Metrics): IncidentMetrics {
  const opened = metrics.counter('waymark_incidents_opened_total', 'Incidents that were opened', ['severity']);
  const open = metrics.gauge('waymark_incidents_open', 'Incidents that nobody has taken on', ['severity']);
  const steps = metrics.counter('waymark_incident_steps_total', 'Later steps that were told', ['path']);
  const kept = metrics.counter('waymark_incident_acts_kept_total', 'Acts that waited for the database');
  const resolved = metrics.counter('waymark_incidents_resolved_total', 'Incidents that were resolved', ['via']);
  const seconds = metrics.histogram(
    'waymark_incident_acknowledge_seconds',
    'From the opening of an incident to somebody acknowledging it',
    SECONDS,
    ['via'],
  );
  return {
    opened: (severity) => opened.inc({ severity }),
    stepTold: (path) => steps.inc({ path }),
    acknowledged: (via, afterSeconds) => seconds.observe({ via }, Math.max(0, afterSeconds)),
    resolved: (via) => resolved.inc({ via }),
    kept: () => kept.inc(),
    open(counts) {
      open.reset();
      for (const { severity, count } of counts) open.set({ severity }, count);
    },
  };
}
