/** Asks one HTTP server at a steady pace, for as long as it is told, and tells how long answers took. */
import { Agent, request } from 'node:http';
import { serveParent } from '../processes.ts';

export type LatencyLoad = {
  host: string;
  port: number;
  path: string;
  contentType: string;
  /** Sent in turn. */
  bodies: readonly string[];
  /** Ends when an answer holds this text, or after `ms`. */
  until: string | null;
  ms: number;
};

/** Milliseconds; `seconds` is how long it went on. */
export type LatencyResult = {
  count: number;
  errors: number;
  p50: number;
  p99: number;
  max: number;
  seconds: number;
  reached: boolean;
};

const EVERY_MS = 4;

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

function ask(load: LatencyLoad, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { host, path, port } = load;
    const headers = { 'content-type': load.contentType, 'content-length': Buffer.byteLength(body) };
    const asked = request({ agent, host, port, path, method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve(text));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function run(load: LatencyLoad): Promise<LatencyResult> {
  const times: number[] = [];
  let errors = 0;
  let next = 0;
  const isOver = new AbortController();
  const pending = new Set<Promise<void>>();
  const startedAt = performance.now();
  while (!isOver.signal.aborted && performance.now() - startedAt < load.ms) {
    const sentAt = performance.now();
    const one = ask(load, load.bodies[next++ % load.bodies.length] ?? '')
      .then((text) => {
        times.push(performance.now() - sentAt);
        if (!text.includes('<findServiceResponse')) errors += 1;
        if (load.until !== null && text.includes(load.until)) isOver.abort();
      })
      .catch(() => {
        errors += 1;
      })
      .finally(() => pending.delete(one));
    pending.add(one);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await Promise.all(pending);
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    count: times.length,
    errors,
    p50: at(0.5),
    p99: at(0.99),
    max: sorted.at(-1) ?? 0,
    seconds,
    reached: isOver.signal.aborted,
  };
}

serveParent(run);
