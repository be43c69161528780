import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { forOrganization, type Items, listItems } from './list-items.ts';
import { packLayerFile } from './pack-layer-file.ts';
import { printTable } from './print-table.ts';

type Version = {
  id: string;
  layer: string;
  state: string;
  percent: number;
  report: {
    format: string;
    layers: { name: string; features: number; coordinateSystem: string; notes: string[] }[];
    counts: { features: number; points: number; ranges: number; streets: number };
    diff: { counts: Record<'added' | 'changed' | 'removed' | 'unchanged', number> };
    lint: { counts: Record<string, number>; findings: { rule: string; id: string; message: string }[] };
  } | null;
  problem: { detail: string; fields: { path: string; message: string }[] } | null;
};

type Review = { id: string; state: string; percent: number; checked: number; flipped: number; problem: string | null };

type ImportOptions = {
  layer: string;
  dryRun: boolean;
  fileLayer?: string[];
  map?: string[];
  country?: string;
  state?: string;
  county?: string;
  city?: string;
  postalCode?: string;
};

type Deps = {
  /** Runs an action against the platform. */
  withApi: (action: (api: ApiClient) => Promise<void>) => Promise<void>;
  say: (text: string) => void;
  /** The command has done its work and found something that is wrong. */
  fail: () => void;
};

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const SHOWN = 20;

/** Asks again, ever more slowly, until it has ended; tells how far it is in steps of ten percent. */
async function waitFor<Job extends { state: string; percent: number }>(
  started: Job,
  running: readonly string[],
  ask: () => Promise<Job>,
  say: (text: string) => void,
): Promise<Job> {
  let job = started;
  let told = 0;
  for (let waitMs = FIRST_PAUSE_MS; running.includes(job.state); waitMs = Math.min(LONGEST_PAUSE_MS, waitMs * 2)) {
    await pause(waitMs);
    job = await ask();
    if (job.percent < told + 10 || !running.includes(job.state)) continue;
    told = job.percent;
    say(`${job.state} ${job.percent} %`);
  }
  return job;
}

/** `HNO=HouseNo` to the mapping that the server reads. */
function readMapping(pairs: readonly string[]): string {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`--map ${pair}: expected ours=theirs, e.g. HNO=HouseNo`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

function describe({ report }: Version): string[] {
  if (report === null) return [];
  const { added, changed, removed, unchanged } = report.diff.counts;
  const lines = report.layers.map(
    ({ name, features, coordinateSystem, notes }) =>
      `${report.format} ${name}: ${features} features, ${coordinateSystem}${notes.map((note) => `; ${note}`).join('')}`,
  );
  const { points, ranges, streets } = report.counts;
  lines.push(`${points} address points, ${ranges} road sides, ${streets} streets`);
  lines.push(`${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged`);
  for (const [rule, count] of Object.entries(report.lint.counts)) {
    lines.push(`${rule}: ${count}`);
    const shown = report.lint.findings.filter((one) => one.rule === rule).slice(0, SHOWN);
    for (const { id, message } of shown) lines.push(`  ${id}: ${message}`);
    if (count > shown.length) lines.push(`  and ${count - shown.length} more`);
  }
  return lines;
}

/** `npx waymark address …`: roads and address points, and how the stored addresses stand against them. */
export function addAddressLayerCommands(address: Command, { withApi, say, fail }: Deps): void {
  address
    .command('import <file>')
    .description(
      'roads or address points: GeoJSON, GeoPackage, zipped Shapefile or File Geodatabase, CSV; replaces the layer',
    )
    .requiredOption('--layer <name>', 'what the layer is called here')
    .option('--dry-run', 'read it, compare and judge; `address apply` puts it in force', false)
    .option('--file-layer <name...>', 'layers of the file; those that sound of roads and addresses unless told')
    .option('--map <ours=theirs...>', 'a field under a name of its own, e.g. HNO=HouseNo')
    .option('--country <code>', 'of every address that names none; so are the next')
    .option('--state <code>')
    .option('--county <name>')
    .option('--city <name>')
    .option('--postal-code <code>')
    .action((file: string, { layer, dryRun, fileLayer, map, ...defaults }: ImportOptions) =>
      withApi(async (api) => {
        const query = new URLSearchParams({ layer, fileName: basename(file).slice(0, 200), dryRun: String(dryRun) });
        if (fileLayer) query.set('fileLayer', fileLayer.join(','));
        if (map) query.set('mapping', readMapping(map));
        for (const [name, value] of Object.entries(defaults)) query.set(name, value);
        const packed = await packLayerFile(file);
        let started: Version;
        try {
          const at = `/api/address-layers/versions?${query.toString()}`;
          const body = await openAsBlob(packed.path);
          started = await api.request<Version>('POST', at, body, 'application/octet-stream');
        } finally {
          await packed.remove();
        }
        const path = `/api/address-layers/versions/${started.id}`;
        const version = await waitFor(started, ['reading', 'applying'], () => api.request<Version>('GET', path), say);
        for (const line of describe(version)) say(line);
        if (version.problem) {
          say(version.problem.detail);
          for (const fault of version.problem.fields) say(`  ${fault.path} ${fault.message}`);
          fail();
          return;
        }
        say(`version ${version.id} is ${version.state === 'active' ? 'in force' : version.state}`);
      }),
    );
  address
    .command('layers')
    .description('layers in force')
    .action(() =>
      withApi(async (api) => {
        const { items } = await api.request<Items<Version>>('GET', '/api/address-layers');
        const rows = items.map(({ id, layer, report }) => ({ layer, version: id, ...report?.counts }));
        say(printTable(['layer', 'version', 'points', 'ranges', 'streets'], rows));
      }),
    );
  address
    .command('versions')
    .description('versions of layers, newest first')
    .option('--layer <name>')
    .action(({ layer }: { layer?: string }) =>
      withApi(async (api) => {
        const query = layer === undefined ? '' : `?layer=${encodeURIComponent(layer)}`;
        const { items } = await api.request<Items<Record<string, unknown>>>(
          'GET',
          `/api/address-layers/versions${query}`,
        );
        say(printTable(['layer', 'id', 'state', 'fileName', 'createdAt', 'activatedAt'], items));
      }),
    );
  address
    .command('apply <version>')
    .description('put a version in force')
    .action((id: string) =>
      withApi(async (api) => {
        const path = `/api/address-layers/versions/${encodeURIComponent(id)}/apply`;
        const version = await api.request<Version>('POST', path);
        say(`${version.layer}: version ${version.id} is in force`);
      }),
    );
  address
    .command('undo <layer>')
    .description('put the version before the present one in force')
    .action((layer: string) =>
      withApi(async (api) => {
        const path = `/api/address-layers/${encodeURIComponent(layer)}/undo`;
        const { active } = await api.request<{ active: Version | null }>('POST', path);
        say(
          active ? `${layer}: version ${active.id} is in force` : `${layer}: there was none before; the layer is empty`,
        );
      }),
    );
  address
    .command('remove <layer>')
    .description('take a layer out of force')
    .action((layer: string) =>
      withApi(async (api) => {
        await api.request('DELETE', `/api/address-layers/${encodeURIComponent(layer)}`);
        say(`${layer}: no longer in force`);
      }),
    );
  address
    .command('review')
    .description('look at every stored address again')
    .action(() =>
      withApi(async (api) => {
        const started = await api.request<Review>('POST', '/api/address-reviews');
        const path = `/api/address-reviews/${started.id}`;
        const review = await waitFor(started, ['running'], () => api.request<Review>('GET', path), say);
        say(`${review.checked} addresses looked at, ${review.flipped} stand otherwise than before`);
        if (review.problem !== null) {
          say(review.problem);
          fail();
        }
      }),
    );
  address
    .command('statuses')
    .description('how the stored addresses of an organization stand')
    .requiredOption('--organization <id>', 'organization id')
    .option('--status <status>', 'point, street, postal, syntax, none or override')
    .option('--flipped-since <moment>', 'only those whose status changed then or later, ISO 8601')
    .action(
      ({ organization, status, flippedSince }: { organization: string; status?: string; flippedSince?: string }) =>
        withApi(async (api) => {
          const query = new URLSearchParams({ ...(status && { status }), ...(flippedSince && { flippedSince }) });
          const items = await listItems(
            api,
            forOrganization(`/api/address-statuses?${query.toString()}`, organization),
          );
          say(printTable(['kind', 'subjectId', 'status', 'previousStatus', 'flippedAt'], items));
        }),
    );
}
