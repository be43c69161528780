import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One registry per platform, so that two platforms in one test process do not share figures. */
export type Metrics = {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /**
   * A counter for hot paths: the returned function finds the place of one set of label values once, and what it answers adds
   * one with nothing but an addition. The registry reads the numbers when it is asked.
   */
  tally(name: string, help: string, labels: readonly string[]): (...values: readonly string[]) => () => void;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** A gauge whose numbers are read when the registry is asked, by the value of its one label. */
  readings(name: string, help: string, label: string, read: Readonly<Record<string, () => number>>): void;
  /** The same with one number and no label. */
  reading(name: string, help: string, read: () => number): void;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
  /** The Prometheus text format. */
  text(): Promise<string>;
  contentType: string;
};

export function createMetrics(options: { processMetrics: boolean }): Metrics {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const registers = [registry];

  function tally(name: string, help: string, labelNames: readonly string[]) {
    const counts = new Map<string, { labels: Record<string, string>; count: number }>();
    const counter = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const { labels, count } of counts.values()) this.inc(labels, count);
      },
    });
    registry.registerMetric(counter);
    return (...values: readonly string[]): (() => void) => {
      const key = JSON.stringify(values);
      let one = counts.get(key);
      if (one === undefined) {
        one = { labels: Object.fromEntries(labelNames.map((label, index) => [label, values[index] ?? ''])), count: 0 };
        counts.set(key, one);
      }
      const counted = one;
      return () => {
        counted.count += 1;
      };
    };
  }

  function readings(name: string, help: string, label: string, read: Readonly<Record<string, () => number>>): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        for (const [value, now] of Object.entries(read)) this.set({ [label]: value }, now());
      },
    });
    registry.registerMetric(gauge);
  }

  function reading(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    registry.registerMetric(gauge);
  }

  return {
    tally,
    readings,
    reading,
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
