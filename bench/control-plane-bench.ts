import type { RestLoad, RestLoadResult } from './load/rest-load.ts';
import { type Contestant, compare, type Plan } from './measure.ts';
import { startPlatform } from './platform-under-test.ts';
import { type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import { type Child, cpuSeconds, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

const LOCATIONS = 10_000;
const PAGE = 2_000;

/** In the order in which each moves every location; OPTED_OUT begins again. */
const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED', 'OPTED_OUT'];

type Operation = Pick<RestLoad, 'method' | 'path' | 'bodies'> & { metric: string };

const OPERATIONS: readonly Operation[] = [
  { metric: 'status', method: 'GET', path: '/v1/telephony/config/redSky/status', bodies: [] },
  {
    metric: 'compliance-list',
    method: 'GET',
    path: `/v1/telephony/config/redSky/complianceStatus?max=${PAGE}&start=4000&order=locationState`,
    bodies: [],
  },
  {
    metric: 'locations-list',
    method: 'GET',
    path: `/v1/telephony/config/locations?max=${PAGE}&start=4000`,
    bodies: [],
  },
  {
    metric: 'stage-change',
    method: 'PUT',
    path: '/v1/telephony/config/redSky/status',
    bodies: STAGES.map((complianceStatus) => JSON.stringify({ complianceStatus })),
  },
];

type Organization = { base: URL; token: string };

async function must(base: URL, token: string, method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** An organization with an account and all its locations; they come from SQL, and the change feed is told of them. */
async function createOrganization(
  base: URL,
  operatorToken: string,
  postgres: PostgresUnderTest,
): Promise<Organization> {
  const { id } = (await must(base, operatorToken, 'POST', '/api/organizations', { name: 'Ten thousand sites' })) as {
    id: string;
  };
  const { token } = (await must(base, operatorToken, 'POST', `/api/organizations/${id}/tokens`, {
    label: 'bench',
    role: 'fullAdmin',
  })) as { token: string };
  await postgres.query(
    `insert into locations (id, organization_id, name, name_key, time_zone, preferred_language, announcement_language,
       address, calling_enabled, created_at, updated_at)
     select gen_random_uuid(), $1, 'Site ' || n, 'site ' || n, 'America/Chicago', 'en_us', 'en_us',
       jsonb_build_object('address1', n || ' Elm St', 'city', 'Dallas', 'state', 'TX', 'postalCode', '75201', 'country', 'US'),
       true, now(), now() from generate_series(1, $2::int) n`,
    [id, LOCATIONS],
  );
  await postgres.query('analyze');
  await postgres.query(`insert into change_feed (kind, organization_id) values ('locations', $1)`, [id]);
  await postgres.query(`select pg_notify('waymark_changes', 'locations')`);
  await must(base, token, 'POST', '/v1/telephony/config/redSky', { email: 'admin@sites.example' });
  return { base, token };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function inWords(tookMs: readonly number[]): string {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const [p50, p99, most] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? 0];
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, most ${most.toFixed(1)} ms of ${sorted.length}`;
}

async function benchOperation(
  operation: Operation,
  { base, token }: Organization,
  load: Child,
  ourCpuSeconds: () => number,
  plan: Plan,
): Promise<Row> {
  const { metric, ...asked } = operation;
  const sample = await fetch(new URL(asked.path, base), {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = await sample.text();
  if (sample.status !== 200) throw new Error(`${asked.path} answers ${sample.status} ${body}`);
  const peer = startChild(new URL('peers/fastify.ts', import.meta.url), 'server');
  try {
    const contentType = sample.headers.get('content-type') ?? '';
    const { port: peerPort } = await peer.ask<{ port: number }>({ contentType, body });
    const tookMs: number[] = [];
    const side = (port: number, cpu: () => number, took: number[]): Contestant => ({
      async run(ms) {
        const before = cpu();
        // One at a time: what it takes is then what the server and its database take.
        const wanted: RestLoad = { ...asked, port, token, connections: 1, ms };
        const result = await load.ask<RestLoadResult>(wanted);
        took.push(...result.tookMs);
        return { ...result, cpuSeconds: cpu() - before };
      },
    });
    const seen = await compare(
      side(Number(base.port), ourCpuSeconds, tookMs),
      side(peerPort, () => cpuSeconds(peer.pid), []),
      // Answers of milliseconds are compiled long before as many are given as elsewhere.
      { ...plan, warmUpCount: Math.min(plan.warmUpCount, 20_000), maxWarmUpMs: Math.min(plan.maxWarmUpMs, 6_000) },
    );
    const row = ratioRow('control-plane', metric, '1/s', 'fastify', seen);
    const cpuMs = (1_000 / seen.ours).toFixed(2);
    return { ...row, note: `${inWords(tookMs)}; ${cpuMs} ms of processor each; ${row.note ?? ''}` };
  } finally {
    await peer.stop();
  }
}

/**
 * The REST door on PostgreSQL with an organization of 10,000 locations, one request at a time, server and database on one
 * core; the peer sends the same bytes without a thought. Processor time is that of both.
 */
export async function benchControlPlane(plan: Plan): Promise<Row[]> {
  const postgres = await startPostgres();
  try {
    const platform = await startPlatform({
      WAYMARK_DATABASE_URL: postgres.url,
      WAYMARK_DEMO: '0',
      WAYMARK_RATE_LIMIT_PER_MINUTE: '0',
    });
    const load = startChild(new URL('load/rest-load.ts', import.meta.url), 'load');
    try {
      const organization = await createOrganization(platform.http, platform.operatorToken, postgres);
      const ours = (): number => cpuSeconds(platform.pid) + postgres.cpuSeconds();
      const rows: Row[] = [];
      for (const operation of OPERATIONS) rows.push(await benchOperation(operation, organization, load, ours, plan));
      return rows;
    } finally {
      await Promise.all([load.stop(), platform.stop()]);
    }
  } finally {
    await postgres.stop();
  }
}
