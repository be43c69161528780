import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { forOrganization, type Items, listItems } from './list-items.ts';
import { printTable } from './print-table.ts';

type RowError = { line: number; column: string; message: string };
type Counts = { added: number; changed: number; removed: number; unchanged: number; errors: number };
type Lint = {
  counts: Record<string, number>;
  findings: { rule: string; element: string; message: string; line?: number }[];
};
type Job = {
  id: string;
  state: string;
  percent: number;
  report: { format: string; counts: Counts; errors: RowError[]; lint: Lint } | null;
  problem: { detail: string; fields: { path: string; message: string }[] } | null;
};

type ForOrganization = { organization: string };
type ImportOptions = ForOrganization & { dryRun: boolean; replace: boolean; format?: string };

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

export function describeImport(counts: Omit<Counts, 'errors'>, dryRun: boolean): string {
  const what = dryRun ? 'would be' : 'were';
  return `${counts.added} ${what} added, ${counts.changed} changed, ${counts.removed} removed, ${counts.unchanged} unchanged`;
}

function describeLint({ counts, findings }: Lint): string[] {
  const lines: string[] = [];
  for (const [rule, count] of Object.entries(counts)) {
    if (count === 0) continue;
    lines.push(`${rule}: ${count}`);
    const shown = findings.filter((one) => one.rule === rule).slice(0, SHOWN);
    for (const { element, message, line } of shown) {
      lines.push(`  ${line === undefined ? '' : `line ${line}, `}${element} ${message}`);
    }
    if (count > shown.length) lines.push(`  and ${count - shown.length} more`);
  }
  return lines;
}

/** `npx waymark wiremap …`: which network element stands in which response location. */
export function addWireMapCommands(program: Command, { withApi, say, fail }: Deps): void {
  const wiremap = program.command('wiremap').description('which network element stands in which response location');
  const add = (usage: string, description: string): Command =>
    wiremap.command(usage).description(description).requiredOption('--organization <id>', 'organization id');

  async function waitFor(api: ApiClient, started: Job, organization: string): Promise<Job> {
    let job = started;
    let told = 0;
    for (let waitMs = FIRST_PAUSE_MS; !ENDED.has(job.state); waitMs = Math.min(LONGEST_PAUSE_MS, waitMs * 2)) {
      await pause(waitMs);
      job = await api.request<Job>('GET', forOrganization(`/api/wire-map/imports/${job.id}`, organization));
      if (job.percent < told + 10 || ENDED.has(job.state)) continue;
      told = job.percent;
      say(`${job.state} ${job.percent} %`);
    }
    return job;
  }

  function tell({ id, report, problem }: Job, dryRun: boolean): void {
    if (problem) {
      say(problem.detail);
      for (const fault of problem.fields) say(`  ${fault.path} ${fault.message}`);
      fail();
    }
    if (!report) return;
    say(describeImport(report.counts, dryRun));
    for (const { line, column, message } of report.errors) say(`  line ${line}, ${column}: ${message}`);
    if (report.counts.errors > report.errors.length) {
      say(`  and ${report.counts.errors - report.errors.length} more`);
    }
    for (const line of describeLint(report.lint)) say(line);
    if (report.counts.errors > 0) fail();
    else if (dryRun) say(`to store it within the hour: wiremap apply ${id}`);
  }

  add('import <file>', 'CSV: our own columns or a file in the manner of others; all or nothing')
    .option('--dry-run', 'show what would change and what is questionable, store nothing', false)
    .option('--replace', 'remove what the file does not name', false)
    .option('--format <format>', 'waymark, redsky, teams, cer or access-points; told by the header unless given')
    .action((file: string, { organization, dryRun, replace, format }: ImportOptions) =>
      withApi(async (api) => {
        const query = new URLSearchParams({
          dryRun: String(dryRun),
          replace: String(replace),
          ...(format && { format }),
        });
        const path = forOrganization(`/api/wire-map/imports?${query.toString()}`, organization);
        const started = await api.request<Job>('POST', path, await openAsBlob(file), 'text/csv');
        tell(await waitFor(api, started, organization), dryRun);
      }),
    );
  add('apply <import>', 'store what a dry run has checked within the last hour').action(
    (id: string, { organization }: ForOrganization) =>
      withApi(async (api) => {
        const path = forOrganization(`/api/wire-map/imports/${encodeURIComponent(id)}/apply`, organization);
        tell(await waitFor(api, await api.request<Job>('POST', path), organization), false);
      }),
  );
  add('list', 'every element')
    .option('--unseen-for-days <days>', 'only those that have located nobody for so long')
    .action(({ organization, unseenForDays }: ForOrganization & { unseenForDays?: string }) =>
      withApi(async (api) => {
        const query = unseenForDays === undefined ? '' : `?unseenForDays=${encodeURIComponent(unseenForDays)}`;
        const items = await listItems(api, forOrganization(`/api/wire-map${query}`, organization));
        say(printTable(['kind', 'value', 'port', 'responseLocationId', 'description'], items));
      }),
    );
  const addDownload = (usage: string, description: string, path: string): void => {
    add(usage, description).action((file: string, { organization }: ForOrganization) =>
      withApi(async (api) => {
        const csv = await api.download('GET', forOrganization(path, organization));
        await writeFile(file, csv, { flag: 'wx' });
        say(`${file}: ${csv.length} bytes`);
      }),
    );
  };
  addDownload('export <file>', 'write the wire map as CSV, as the import reads it', '/api/wire-map/export');
  addDownload('unmapped <file>', 'write what requests named and nobody mapped as CSV', '/api/wire-map/unmapped/export');
  add('lint', 'what is questionable about the wire map; fails when anything is').action(
    ({ organization }: ForOrganization) =>
      withApi(async (api) => {
        const lines = describeLint(await api.request<Lint>('GET', forOrganization('/api/wire-map/lint', organization)));
        for (const line of lines) say(line);
        if (lines.length > 0) fail();
        else say('nothing is questionable');
      }),
  );
  add('versions', 'the latest changes of the wire map, newest first').action(({ organization }: ForOrganization) =>
    withApi(async (api) => {
      const path = forOrganization('/api/wire-map/versions', organization);
      const { items } = await api.request<Items<Record<string, unknown>>>('GET', path);
      say(printTable(['revision', 'madeAt', 'action', 'added', 'changed', 'removed'], items));
    }),
  );
  add('undo', 'make the wire map what it was before its last change, or at a version')
    .option('--to <version>', 'the version to go back to; 0 is the empty wire map')
    .action(({ organization, to }: ForOrganization & { to?: string }) =>
      withApi(async (api) => {
        if (to !== undefined && !/^\d{1,9}$/.test(to)) throw new Error(`--to ${to}: expected a version, 0 or more`);
        const body = to === undefined ? {} : { revision: Number(to) };
        const path = forOrganization('/api/wire-map/undo', organization);
        const done = await api.request<{ restored: number; counts: Omit<Counts, 'unchanged' | 'errors'> }>(
          'POST',
          path,
          body,
        );
        const { added, changed, removed } = done.counts;
        say(`version ${done.restored} is in force: ${added} came back, ${changed} changed back, ${removed} removed`);
      }),
    );
}
