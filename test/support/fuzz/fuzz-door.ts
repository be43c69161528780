/** Sends many odd requests to a door of a running server, and keeps what must not happen. */
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';

export type FuzzRequest = { path: string; contentType: string; body: Uint8Array };
export type FuzzAnswer = { status: number; body: string };

export type FuzzPlan<Request extends FuzzRequest> = {
  baseUrl: string;
  pid: number;
  requests: fc.Arbitrary<Request>;
  /** What is wrong with an answer, if anything; `place` counts the requests. */
  faultOf(request: Request, answer: FuzzAnswer, place: number): string | undefined;
  /** Whether the answer is of the kind that good requests get: mutations that only ever fail would show little. */
  isGood(answer: FuzzAnswer): boolean;
  count: number;
  seed: number;
  say(text: string): void;
};

export type FuzzReport = {
  count: number;
  good: number;
  /** How often each HTTP status came. */
  statuses: Record<number, number>;
  /** The first of them, each with the request that shows it. */
  faults: string[];
  faultCount: number;
  /** Answers that took too long once and not when asked again: the machine was busy. */
  lateOnce: number;
  slowestMs: number;
  residentBeforeMb: number;
  residentAfterMb: number;
};

const UNDER_WAY = 32;
const CHUNK = 2_000;
const LIMIT_MS = 100;
const TIMEOUT_MS = 20_000;
const FAULTS_KEPT = 20;
const SAY_EVERY = 100_000;

function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1_024);
}

export async function fuzzDoor<Request extends FuzzRequest>(plan: FuzzPlan<Request>): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: UNDER_WAY });
  const { hostname, port } = new URL(plan.baseUrl);
  const report: FuzzReport = {
    count: 0,
    good: 0,
    statuses: {},
    faults: [],
    faultCount: 0,
    lateOnce: 0,
    slowestMs: 0,
    residentBeforeMb: residentMb(plan.pid),
    residentAfterMb: 0,
  };

  function send({ path, contentType, body }: Request): Promise<FuzzAnswer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': contentType, 'content-length': body.byteLength };
      const outgoing = httpRequest({ agent, hostname, port, path, method: 'POST', headers, timeout: TIMEOUT_MS });
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => {
          text += piece;
        });
        incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
        incoming.once('error', reject);
      });
      outgoing.end(body);
    });
  }

  function keep(request: Request, fault: string): void {
    report.faultCount += 1;
    if (report.faults.length >= FAULTS_KEPT) return;
    report.faults.push(`${fault}: ${request.path} ${JSON.stringify(Buffer.from(request.body).toString('latin1'))}`);
  }

  async function isSlowAlone(request: Request): Promise<boolean> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const startedAt = performance.now();
      await send(request);
      if (performance.now() - startedAt <= LIMIT_MS) return false;
    }
    return true;
  }

  const late: Request[] = [];
  async function ask(request: Request, place: number): Promise<void> {
    const startedAt = performance.now();
    try {
      const answer = await send(request);
      const tookMs = performance.now() - startedAt;
      report.slowestMs = Math.max(report.slowestMs, tookMs);
      if (tookMs > LIMIT_MS) late.push(request);
      report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
      if (plan.isGood(answer)) report.good += 1;
      const fault = plan.faultOf(request, answer, place);
      if (fault !== undefined) keep(request, fault);
    } catch (error) {
      keep(request, `no answer (${String(error)})`);
    }
  }

  try {
    for (let start = 0; start < plan.count; start += CHUNK) {
      const size = Math.min(CHUNK, plan.count - start);
      const requests = fc.sample(plan.requests, { numRuns: size, seed: plan.seed + start });
      let next = 0;
      const drive = async (): Promise<void> => {
        for (let index = next++; index < requests.length; index = next++) {
          await ask(requests[index] as Request, start + index);
        }
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, drive));
      report.count += size;
      for (const request of late.splice(0)) {
        if (await isSlowAlone(request)) keep(request, `an answer takes more than ${LIMIT_MS} ms`);
        else report.lateOnce += 1;
      }
      if (report.count % SAY_EVERY === 0) plan.say(`${report.count} requests, ${report.faultCount} faults`);
    }
    report.residentAfterMb = residentMb(plan.pid);
  } finally {
    agent.destroy();
  }
  return report;
}

export function describeFuzzReport(report: FuzzReport): string[] {
  const statuses = Object.entries(report.statuses).map(([status, count]) => `${count} × ${status}`);
  return [
    `${report.count} requests: ${statuses.join(', ')}; ${report.good} answered with what was asked for`,
    `${report.faultCount} faults; slowest answer ${Math.round(report.slowestMs)} ms, ${report.lateOnce} over ${LIMIT_MS} ms once and not again`,
    `memory of the server ${report.residentBeforeMb} MB before, ${report.residentAfterMb} MB after`,
    ...report.faults,
  ];
}
