import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeLocationRequest } from '../src/wire/held/held.ts';
import { compareDoor } from './door-bench.ts';
import type { MemoryAnswer, MemoryQuestion } from './load/wire-map-memory.ts';
import { type Plan, QUICK } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { startPostgres } from './postgres-under-test.ts';
import { cpuSeconds, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';
import { elementAt } from './wire-map-elements.ts';

const COMPANIES = [1, 100, 10_000] as const;
const QUESTIONS = 500;
const PATIENCE_MS = 300_000;

const short = (count: number): string =>
  count >= 1_000_000 ? `${count / 1_000_000}M` : count >= 1_000 ? `${count / 1_000}k` : `${count}`;

/** Asks the platform as its operator, for an organization where one is named. */
export function askAs(platform: PlatformUnderTest, organizationId?: string) {
  return async <Answer>(method: string, path: string, body?: string, type = 'application/json'): Promise<Answer> => {
    const url = new URL(path, platform.http);
    if (organizationId !== undefined) url.searchParams.set('orgId', organizationId);
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${platform.operatorToken}`,
        ...(body !== undefined && { 'content-type': type }),
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Answer;
  };
}

type Ask = ReturnType<typeof askAs>;
type Job = { id: string; state: string; problem: unknown };

/** Imports every `step`th element from one place to another, and waits until it is applied. */
export async function importRows(ask: Ask, from: number, to: number, step: number, erl: string): Promise<void> {
  const rows = ['kind,value,port,erl'];
  for (let place = from; place < to; place += step) {
    const { kind, value, port } = elementAt(place);
    rows.push(`${kind},${value},${port},${erl}`);
  }
  let job = await ask<Job>('POST', '/api/wire-map/imports?dryRun=false', `${rows.join('\n')}\n`, 'text/csv');
  for (const end = performance.now() + PATIENCE_MS; job.state !== 'applied'; ) {
    if (job.state === 'failed' || performance.now() > end) throw new Error(`the import is ${JSON.stringify(job)}`);
    await pause(250);
    // A database that is busy on the same core may let a question wait too long; the import goes on.
    job = await ask<Job>('GET', `/api/wire-map/imports/${job.id}`).catch(() => job);
  }
}

function question(mac: string): string {
  return encodeLocationRequest({
    locationTypes: 'any',
    exact: false,
    responseTime: 'emergencyRouting',
    devices: [{ kind: 'mac', address: mac }],
    measurements: { lldp: [], wifi: [], dhcp: [] },
  });
}

const heldUrl = (platform: PlatformUnderTest): URL => new URL(`/held/c/${platform.companyId}`, platform.http);

/** Seconds until a device is located. */
async function secondsUntilLocated(platform: PlatformUnderTest, mac: string): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const response = await fetch(heldUrl(platform), {
      method: 'POST',
      headers: { 'content-type': 'application/held+xml' },
      body: question(mac),
    });
    if ((await response.text()).includes('locationResponse')) return (performance.now() - startMs) / 1_000;
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`${mac} is not located`);
    await pause(2);
  }
}

/** Some of the devices among the first elements, evenly spread. */
function macsAmong(elements: number): string[] {
  const macs: string[] = [];
  const step = 10 * Math.max(1, Math.floor(elements / 10 / QUESTIONS));
  for (let place = 7; place < elements; place += step) macs.push(elementAt(place).value);
  return macs;
}

/** Until what a change set off in the background is done: reading other companies, packing, saving. */
async function untilIdle(pid: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let before = cpuSeconds(pid), quiet = 0; quiet < 3 && performance.now() < end; ) {
    await pause(1_000);
    const now = cpuSeconds(pid);
    quiet = now - before < 0.05 ? quiet + 1 : 0;
    before = now;
  }
}

/** A response location that elements can be tied to. */
export async function ownErl(ask: Ask): Promise<string> {
  const { items } = await ask<{ items: { id: string }[] }>('GET', '/api/response-locations?max=1');
  return items[0]?.id ?? '';
}

/** The organization that has a wire map from the start. */
export async function demonstrationId(platform: PlatformUnderTest): Promise<string> {
  const { items } = await askAs(platform)<{ items: { id: string; name: string }[] }>(
    'GET',
    '/api/organizations?max=10',
  );
  for (const { id } of items) {
    const found = await askAs(platform, id)<{ items: unknown[] }>('GET', '/api/wire-map?max=1');
    if (found.items.length > 0) return id;
  }
  throw new Error('there is no demonstration organization');
}

/** Copies an organization with its places, so that others stand beside it, each with its share of the elements. */
const COPY = `with source as (select * from response_locations where id = $1), numbered as (
    select gen_random_uuid() as organization, gen_random_uuid() as location, gen_random_uuid() as building,
      gen_random_uuid() as erl, n from generate_series(1, $2::int) n
  ), o as (insert into organizations (id, name) select organization, 'Company ' || n from numbered
  ), l as (insert into locations select (jsonb_populate_record(null::locations, to_jsonb(l) ||
      jsonb_build_object('id', location, 'organization_id', organization))).* from numbered,
      (select * from locations where id = (select b.location_id from buildings b join source s on s.building_id = b.id)) l
  ), b as (insert into buildings select (jsonb_populate_record(null::buildings, to_jsonb(b) ||
      jsonb_build_object('id', building, 'organization_id', organization, 'location_id', location))).* from numbered,
      (select b.* from buildings b join source s on s.building_id = b.id) b
  ), r as (insert into response_locations select (jsonb_populate_record(null::response_locations, to_jsonb(s) ||
      jsonb_build_object('id', erl, 'organization_id', organization, 'building_id', building))).* from numbered, source s
  ) select 1`;

/** Share of the elements of each copied organization, as one revision each. */
const FILL = `with company as (
    select r.organization_id, r.id as erl, row_number() over (order by r.id) as n from response_locations r
    join organizations o on o.id = r.organization_id where o.name like 'Company %'
  ), e as (insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description,
      created_at, updated_at, revision)
    select gen_random_uuid(), organization_id, 'mac', '02:dd:' || substr(lpad(to_hex(i), 8, '0'), 1, 2) || ':' ||
      substr(lpad(to_hex(i), 8, '0'), 3, 2) || ':' || substr(lpad(to_hex(i), 8, '0'), 5, 2) || ':' ||
      substr(lpad(to_hex(i), 8, '0'), 7, 2), '', erl, '', now(), now(), $3::int
    from company, generate_series($1::int, $2::int) i
  ), v as (insert into wire_map_revisions (organization_id, revision, id, action, added, changed, removed, made_at)
    select organization_id, $3::int, gen_random_uuid(), 'filled', 1, 0, 0, now() from company
  ) insert into change_feed (kind, organization_id) select 'wire-map', organization_id from company`;

/** HELD over wire maps of 10 thousand and a million elements in 1, 100 and 10,000 companies. */
export async function benchHeldAtScale(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const companies of plan === QUICK ? [1] : COMPANIES) {
    const postgres = await startPostgres();
    try {
      const platform = await startPlatform({ WAYMARK_DATABASE_URL: postgres.url });
      try {
        const ask = askAs(platform, await demonstrationId(platform));
        const erl = await ownErl(ask);
        if (companies > 1) await postgres.query(COPY, [erl, companies - 1]);
        let from = 0;
        for (const [round, elements] of (plan === QUICK ? [10_000] : [10_000, 1_000_000]).entries()) {
          const share = Math.max(1, Math.floor(elements / companies));
          if (companies > 1)
            await postgres.query(FILL, [round === 0 ? 0 : Math.floor(10_000 / companies), share - 1, round + 1]);
          await importRows(ask, from, share, 1, erl);
          from = share;
          const macs = macsAmong(share);
          const last = macs.at(-1) ?? String(platform.examples.mac);
          await secondsUntilLocated(platform, last);
          await untilIdle(platform.pid);
          const bodies = (macs.length > 0 ? macs : [last]).map(question);
          const door = { pid: platform.pid, url: heldUrl(platform), contentType: 'application/held+xml', bodies };
          const metric = `requests-${short(elements)}-elements-${short(companies)}-companies`;
          rows.push(ratioRow('held', metric, '1/s', 'node-http', await compareDoor(door, plan)));
        }
      } finally {
        await platform.stop();
      }
    } finally {
      await postgres.stop();
    }
  }
  return rows;
}

function peakMegabytes(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

function row(metric: string, value: number, unit: string, note?: string): Row {
  return {
    bench: 'wire-map',
    metric,
    value: Number(value.toFixed(3)),
    unit,
    peer: null,
    ratio: null,
    ...(note && { note }),
  };
}

/** Seconds from the start of a node until it locates `mac`. */
async function secondsToStart(postgresUrl: string, folder: string, companyId: string, mac: string): Promise<number> {
  const startMs = performance.now();
  const node = await startPlatform({ WAYMARK_DATABASE_URL: postgresUrl, WAYMARK_DEMO: '0' }, folder);
  try {
    await secondsUntilLocated({ ...node, companyId }, mac);
    return (performance.now() - startMs) / 1_000;
  } finally {
    await node.stop();
  }
}

/** An import into the embedded database, and how long somebody who writes beside it has to wait at most. */
async function benchEmbeddedImport(elements: number): Promise<Row[]> {
  const platform = await startPlatform();
  try {
    const ask = askAs(platform, await demonstrationId(platform));
    const erl = await ownErl(ask);
    const startMs = performance.now();
    const over = new AbortController();
    const importing = importRows(ask, 0, elements, 1, erl).finally(() => over.abort());
    let longestMs = 0;
    for (let write = 0; !over.signal.aborted; write += 1) {
      const range = `2001:db8::${write.toString(16)}`;
      const wroteMs = performance.now();
      await ask('POST', '/api/address-ranges', JSON.stringify({ range, description: 'beside the import' }));
      longestMs = Math.max(longestMs, performance.now() - wroteMs);
      await pause(100);
    }
    await importing;
    const seconds = (performance.now() - startMs) / 1_000;
    const name = `${short(elements)}-rows-embedded`;
    return [
      row(`import-${name}`, seconds, 's'),
      row(
        `wait-beside-import-${name}`,
        longestMs,
        'ms',
        'the longest of another write through the API, until it is in force; ten a second',
      ),
    ];
  } finally {
    await platform.stop();
  }
}

/** Memory for an element, reading from disk, imports, how soon another node knows of a change, and cold starts. */
export async function benchWireMap(plan: Plan): Promise<Row[]> {
  const elements = plan === QUICK ? 10_000 : 1_000_000;
  const rows: Row[] = [];
  for (const companies of plan === QUICK ? [1] : COMPANIES) {
    const child = startChild(new URL('load/wire-map-memory.ts', import.meta.url), 'server');
    try {
      const wanted: MemoryQuestion = { elements, companies };
      const { bytesPerElement, readSeconds } = await child.ask<MemoryAnswer>(wanted);
      const name = `${short(elements)}-elements-${short(companies)}-companies`;
      rows.push(row(`memory-${name}`, bytesPerElement, 'bytes'), row(`read-from-disk-${name}`, readSeconds, 's'));
    } finally {
      await child.stop();
    }
  }
  rows.push(...(await benchEmbeddedImport(elements)));
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'));
  try {
    const platform = await startPlatform({ WAYMARK_DATABASE_URL: postgres.url });
    try {
      const { companyId } = platform;
      const last = elementAt(elements - 3).value;
      const other = await startPlatform({ WAYMARK_DATABASE_URL: postgres.url, WAYMARK_DEMO: '0' });
      try {
        const ask = askAs(platform, await demonstrationId(platform));
        const erl = await ownErl(ask);
        const before = peakMegabytes(platform.pid);
        const startMs = performance.now();
        await importRows(ask, 0, elements, 1, erl);
        const seconds = (performance.now() - startMs) / 1_000;
        const grown = Math.round(peakMegabytes(platform.pid) - before);
        rows.push(row(`import-${short(elements)}-rows`, seconds, 's', `${grown} MB more at the peak`));
        await secondsUntilLocated({ ...other, companyId }, last);
        const mac = '02:ee:00:00:00:01';
        const written = ask(
          'POST',
          '/api/wire-map',
          JSON.stringify({ kind: 'mac', value: mac, responseLocationId: erl }),
        );
        const visible = await secondsUntilLocated({ ...other, companyId }, mac);
        await written;
        rows.push(
          row('change-on-another-node', visible, 's', 'from the request that changes to the answer of the other'),
        );
      } finally {
        await other.stop();
      }
      for (const how of ['empty-folder', 'saved-copy']) {
        const seconds = await secondsToStart(postgres.url, folder, companyId, last);
        const name = `cold-start-${short(elements)}-elements-${how}`;
        rows.push(row(name, seconds, 's', 'from the start of the process to the answer of HELD'));
      }
    } finally {
      await platform.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
