import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { type Items, listItems } from './list-items.ts';
import { packLayerFile } from './pack-layer-file.ts';
import { printTable } from './print-table.ts';

type Counts = { added: number; changed: number; removed: number; unchanged: number };
type Finding = {
  rule: string;
  severity: string;
  layer?: string;
  row?: string;
  boundary?: string;
  message: string;
  latitude?: number;
  longitude?: number;
};
type Report = {
  revision: number | null;
  file: {
    format: string;
    layers: {
      name: string;
      holds: string;
      coordinateSystem: string;
      notes: string[];
      rows: number;
      boundaries: number;
    }[];
  };
  counts: Counts;
  lint: { counts: Record<string, number>; errors: number; findings: Finding[] };
};
type Job = {
  id: string;
  state: string;
  percent: number;
  report: Report | null;
  problem: { detail: string; fields: { path: string; message: string }[] } | null;
};

type ImportOptions = {
  layer: string;
  fileLayer?: string[];
  service?: string;
  mapping?: string;
  dryRun: boolean;
  skipFaulty: boolean;
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
const ENDED = new Set(['checked', 'applied', 'failed']);
const SHOWN = 20;

function describeFile({ format, layers }: Report['file']): string[] {
  return layers.flatMap(({ name, holds, coordinateSystem, notes, rows, boundaries }) => [
    `${format} layer ${name} (${holds}, ${coordinateSystem}): ${rows} rows, ${boundaries} boundaries`,
    ...notes.map((note) => `  ${note}`),
  ]);
}

function describeCounts({ added, changed, removed, unchanged }: Counts, isStored: boolean): string {
  const what = isStored ? 'were' : 'would be';
  return `${added} ${what} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged`;
}

function describeFindings({ counts, findings }: Report['lint']): string[] {
  return Object.entries(counts).flatMap(([rule, count]) => {
    const ofRule = findings.filter((one) => one.rule === rule);
    const shown = ofRule.slice(0, SHOWN).map(({ layer, row, boundary, message, latitude, longitude }) => {
      const where = [layer, row && `row ${row}`, boundary].filter((one) => one !== undefined && one !== '').join(', ');
      const at = latitude === undefined ? '' : ` (${latitude}, ${longitude})`;
      return `  ${where === '' ? '' : `${where}: `}${message}${at}`;
    });
    const more = count > shown.length ? [`  and ${count - shown.length} more`] : [];
    return [`${ofRule[0]?.severity ?? 'warning'} ${rule}: ${count}`, ...shown, ...more];
  });
}

/** `npx waymark boundary …`: service boundaries out of files of maps. */
export function addBoundaryCommands(program: Command, { withApi, say, fail }: Deps): void {
  const boundary = program.command('boundary').description('service boundaries out of files of maps');

  async function waitFor(api: ApiClient, started: Job): Promise<Job> {
    let job = started;
    let told = 0;
    for (let waitMs = FIRST_PAUSE_MS; !ENDED.has(job.state); waitMs = Math.min(LONGEST_PAUSE_MS, waitMs * 2)) {
      await pause(waitMs);
      job = await api.request<Job>('GET', `/api/boundaries/imports/${job.id}`);
      if (job.percent < told + 10 || ENDED.has(job.state)) continue;
      told = job.percent;
      say(`${job.state} ${job.percent} %`);
    }
    return job;
  }

  function sayProblem({ problem }: Job): void {
    if (!problem) return;
    say(problem.detail);
    for (const { path, message } of problem.fields) say(`  ${path} ${message}`);
    fail();
  }

  boundary
    .command('import <file>')
    .description(
      'GeoJSON, GeoPackage, Shapefile (.shp or zip), File Geodatabase (.gdb or zip): becomes the whole of the layer',
    )
    .option('--layer <name>', 'stored layer', 'default')
    .option('--file-layer <name...>', 'layers of the file; those of the NENA model unless told')
    .option('--service <urn>', 'every row serves this one, whatever it says')
    .option('--mapping <file>', 'YAML: names of layers and fields, values, destinations')
    .option('--dry-run', 'show what would change and what is questionable, store nothing', false)
    .option('--skip-faulty', 'store what can be stored of a file with faulty rows', false)
    .action((file: string, { layer, fileLayer, service, mapping, dryRun, skipFaulty }: ImportOptions) =>
      withApi(async (api) => {
        const query = new URLSearchParams({
          layer,
          skipFaulty: String(skipFaulty),
          ...(fileLayer && { fileLayer: fileLayer.join(',') }),
          ...(service !== undefined && { service }),
          ...(mapping !== undefined && { mapping: await readFile(mapping, 'utf8') }),
        });
        const packed = await packLayerFile(file);
        let checked: Job;
        try {
          const path = `/api/boundaries/imports?${query.toString()}`;
          const body = await openAsBlob(packed.path);
          checked = await waitFor(api, await api.request<Job>('POST', path, body, 'application/octet-stream'));
        } finally {
          await packed.remove();
        }
        sayProblem(checked);
        const { report } = checked;
        if (!report) return;
        for (const line of [...describeFile(report.file), ...describeFindings(report.lint)]) say(line);
        if (dryRun) {
          say(describeCounts(report.counts, false));
          if (report.lint.errors > 0) fail();
          return;
        }
        const applied = await waitFor(
          api,
          await api.request<Job>('POST', `/api/boundaries/imports/${checked.id}/apply`),
        );
        sayProblem(applied);
        if (!applied.report) return;
        say(describeCounts(applied.report.counts, true));
        if (applied.report.revision !== null) say(`layer ${layer} is at version ${applied.report.revision}`);
      }),
    );
  boundary
    .command('list')
    .description('every boundary')
    .option('--layer <name>', 'of this layer only')
    .option('--without-destination', 'only those that no call can be sent to yet', false)
    .action(({ layer, withoutDestination }: { layer?: string; withoutDestination: boolean }) =>
      withApi(async (api) => {
        const query = new URLSearchParams({ ...(layer !== undefined && { layer }) });
        if (withoutDestination) query.set('withoutDestination', 'true');
        const items = await listItems(api, `/api/boundaries?${query.toString()}`);
        say(printTable(['layer', 'sourceId', 'serviceUrn', 'displayName', 'uri', 'inForce'], items));
      }),
    );
  boundary
    .command('layers')
    .description('layers that hold boundaries')
    .action(() =>
      withApi(async (api) => {
        const { items } = await api.request<Items<Record<string, unknown>>>('GET', '/api/boundaries/layers');
        say(printTable(['layer', 'revision', 'boundaries', 'withoutDestination', 'notInForce'], items));
      }),
    );
  boundary
    .command('versions')
    .description('changes of a layer in the last 90 days, newest first')
    .option('--layer <name>', 'stored layer', 'default')
    .action(({ layer }: { layer: string }) =>
      withApi(async (api) => {
        const path = `/api/boundaries/${encodeURIComponent(layer)}/versions`;
        const { items } = await api.request<Items<Record<string, unknown>>>('GET', path);
        say(
          printTable(
            ['revision', 'madeAt', 'action', 'added', 'changed', 'removed', 'boundaries', 'restorable'],
            items,
          ),
        );
      }),
    );
  boundary
    .command('undo')
    .description('make a layer what it was before its last change, or at a version')
    .option('--layer <name>', 'stored layer', 'default')
    .option('--to <version>', 'the version to go back to; 0 is the empty layer')
    .action(({ layer, to }: { layer: string; to?: string }) =>
      withApi(async (api) => {
        if (to !== undefined && !/^\d{1,9}$/.test(to)) throw new Error(`--to ${to}: expected a version, 0 or more`);
        const done = await api.request<{ restored: number; counts: Omit<Counts, 'unchanged'> }>(
          'POST',
          `/api/boundaries/${encodeURIComponent(layer)}/undo`,
          to === undefined ? {} : { revision: Number(to) },
        );
        const { added, changed, removed } = done.counts;
        say(`version ${done.restored} is in force: ${added} came back, ${changed} changed back, ${removed} removed`);
      }),
    );
  boundary
    .command('remove <layer>')
    .description('remove a layer; undo brings it back')
    .action((layer: string) =>
      withApi(async (api) => {
        const { removed } = await api.request<{ removed: number }>(
          'DELETE',
          `/api/boundaries/${encodeURIComponent(layer)}`,
        );
        say(`${removed} removed`);
      }),
    );
}
