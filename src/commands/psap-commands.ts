import { openAsBlob } from 'node:fs';
import type { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { listItems } from './list-items.ts';
import { printTable } from './print-table.ts';
import { readSeconds } from './read-seconds.ts';
import { describeImport } from './wire-map-commands.ts';

type Deps = {
  /** Runs an action against the platform. */
  withApi: (action: (api: ApiClient) => Promise<void>) => Promise<void>;
  say: (text: string) => void;
};

type Report = {
  source: string;
  title: string;
  importId: string | null;
  entries: number;
  active: number;
  counts: { added: number; changed: number; removed: number; unchanged: number };
  leftOut: { row: number; reason: string }[];
  lintCounts: Record<string, number>;
  boundaries: Record<string, number>;
  newlyToRelay: string[];
};

type Candidate = { source: string; key: string; psapId: string; name: string; city: string };
type Item = {
  sourceId: string;
  state: string;
  name: string;
  status: string;
  psap: Candidate | null;
  candidates: Candidate[];
};

type PsapOptions = {
  name?: string;
  alternate?: string[] | false;
  silent?: string;
  ringLimit?: string;
  queueLimit?: string;
  plainSipUser?: boolean;
  phone?: string;
  textTo911?: boolean;
};

const MOST_LEFT_OUT_SHOWN = 20;
const NONE = 'none';
/** What a PSAP keeps when it is set anew: a `PUT` replaces all of it. */
const SETTINGS = [
  'name',
  'alternateUris',
  'ringTimeoutMs',
  'ringLimitMs',
  'queueLimitMs',
  'plainSipUser',
  'phoneNumber',
  'textTo911',
];

function settingsOf(known: Record<string, unknown> | undefined): Record<string, unknown> {
  if (!known) return {};
  return Object.fromEntries(SETTINGS.filter((name) => name in known).map((name) => [name, known[name]]));
}

/** What the options say, and nothing of what they do not say. */
function bodyOf(options: PsapOptions): Record<string, unknown> {
  const { alternate, name, phone, plainSipUser, queueLimit, ringLimit, silent, textTo911 } = options;
  const limitMs = (text: string, option: string) => (text === NONE ? null : readSeconds(text, option) * 1_000);
  return {
    ...(name !== undefined && { name }),
    ...(alternate !== undefined && { alternateUris: alternate === false ? [] : alternate }),
    ...(silent !== undefined && { ringTimeoutMs: readSeconds(silent, '--silent') * 1_000 }),
    ...(ringLimit !== undefined && { ringLimitMs: limitMs(ringLimit, '--ring-limit') }),
    ...(queueLimit !== undefined && { queueLimitMs: limitMs(queueLimit, '--queue-limit') }),
    ...(plainSipUser !== undefined && { plainSipUser }),
    ...(phone !== undefined && { phoneNumber: phone === NONE ? null : phone }),
    ...(textTo911 !== undefined && { textTo911 }),
  };
}

function describeReport(report: Report, dryRun: boolean): string[] {
  const { boundaries, lintCounts } = report;
  const counted = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return [
    `${report.source}${report.title === '' ? '' : `: ${report.title}`}`,
    `${report.entries} rows, ${report.active} of PSAPs that take calls themselves`,
    describeImport(report.counts, dryRun),
    ...(Object.keys(lintCounts).length > 0 ? [`questionable: ${counted(lintCounts)}`] : []),
    ...report.leftOut.slice(0, MOST_LEFT_OUT_SHOWN).map(({ reason, row }) => `row ${row} left out: ${reason}`),
    `counties and provinces: ${counted(boundaries)}`,
    `${report.newlyToRelay.length} of them ${dryRun ? 'would now lead' : 'now lead'} to the relay centre until a PSAP is chosen: waymark psap worklist`,
  ];
}

/** `npx waymark psap …`: destinations, PSAP registries, and the worklist of what registries leave open. */
export function addPsapCommands(program: Command, { withApi, say }: Deps): void {
  const psap = program.command('psap').description('PSAPs, their contacts, and registries of PSAPs');
  psap.command('list').action(() =>
    withApi(async (api) => {
      const items = await listItems(api, '/api/psaps');
      say(printTable(['id', 'name', 'uri', 'phoneNumber', 'textTo911', 'sourceId'], items));
    }),
  );
  psap
    .command('set <sourceId> <uri>')
    .description('let calls for a mapping, e.g. us-county-48201, go to this SIP URI')
    .option('--name <name>', 'display name')
    .option('--alternate <uri...>', 'tried in this order when the first fails')
    .option('--no-alternate', 'there is none')
    .option('--silent <span>', 'how long it may say nothing before the next is tried, e.g. 8s')
    .option('--ring-limit <span>', 'how long it may ring, e.g. 40s, or none: as long as SIP allows')
    .option('--queue-limit <span>', 'how long it may keep a call in its queue, e.g. 5m, or none: as long as it says so')
    .option('--plain-sip-user', 'it wants its own URI as Request-URI instead of a service URN')
    .option('--no-plain-sip-user', 'it takes a service URN')
    .option('--phone <number>', 'E.164: its people, beside emergency calls; or none')
    .option('--text-to-911', 'takes text messages')
    .option('--no-text-to-911', 'takes none')
    .addHelpText('after', '\nOf a PSAP that is known, what is not named stays as it is.')
    .action((sourceId: string, uri: string, options: PsapOptions) =>
      withApi(async (api) => {
        const known = (await listItems(api, '/api/psaps')).find((item) => item['sourceId'] === sourceId);
        const body = { name: sourceId, ...settingsOf(known), ...bodyOf(options), uri, sourceId };
        await (known
          ? api.request('PUT', `/api/psaps/${String(known['id'])}`, body)
          : api.request('POST', '/api/psaps', body));
        say(`${sourceId} -> ${uri}`);
      }),
    );
  psap
    .command('import <file>')
    .description(
      "a registry of PSAPs: the FCC's Master PSAP Registry (xlsx or CSV), or a CSV with PSAP ID, PSAP Name, State or Province",
    )
    .option('--source <name>', 'the registry; the file becomes the whole of it', 'fcc')
    .option('--dry-run', 'show what would change, store nothing', false)
    .action((file: string, { dryRun, source }: { dryRun: boolean; source: string }) =>
      withApi(async (api) => {
        const path = `/api/psap-registry/imports?source=${encodeURIComponent(source)}&dryRun=${dryRun}`;
        const report = await api.request<Report>('POST', path, await openAsBlob(file), 'application/octet-stream');
        for (const line of describeReport(report, dryRun)) say(line);
      }),
    );
  psap
    .command('imports')
    .description('imports of registries, the latest first')
    .action(() =>
      withApi(async (api) => {
        const columns = ['id', 'source', 'title', 'importedAt', 'entryCount', 'added', 'changed', 'removed', 'isKept'];
        say(printTable(columns, await listItems(api, '/api/psap-registry/imports')));
      }),
    );
  psap
    .command('restore <importId>')
    .description('go back to what an import left')
    .option('--dry-run', 'show what would change, store nothing', false)
    .action((id: string, { dryRun }: { dryRun: boolean }) =>
      withApi(async (api) => {
        const path = `/api/psap-registry/imports/${encodeURIComponent(id)}/restore?dryRun=${dryRun}`;
        for (const line of describeReport(await api.request<Report>('POST', path), dryRun)) say(line);
      }),
    );
  psap
    .command('worklist')
    .description('counties and provinces where registries leave open which PSAP serves them')
    .option('--status <status>', 'open, one, several, chosen, relay, gone or none', 'open')
    .option('--state <code>', 'of one state, territory or province')
    .action(({ state, status }: { state?: string; status: string }) =>
      withApi(async (api) => {
        const query = new URLSearchParams({ status, ...(state !== undefined && { state }) });
        const items = (await listItems(api, `/api/psap-worklist?${query.toString()}`)) as unknown as Item[];
        const rows = items.flatMap(({ candidates, name, psap: served, sourceId, state: region, status: standing }) => {
          const place = { sourceId, place: `${name}, ${region}`, status: standing };
          const named = served ? [served] : candidates;
          return named.length === 0
            ? [place]
            : named.map((one) => ({ ...place, ...one, candidate: `${one.source}:${one.key}` }));
        });
        say(printTable(['sourceId', 'place', 'status', 'candidate', 'name', 'city'], rows));
      }),
    );
  psap
    .command('choose <sourceId> <candidate>')
    .description(
      'say which candidate of the worklist (source:key) serves a county or province; relay: the relay centre',
    )
    .requiredOption('--reason <text>', 'kept in the audit trail')
    .action((sourceId: string, candidate: string, { reason }: { reason: string }) =>
      withApi(async (api) => {
        const [source = '', key = ''] = candidate.split(/:(.*)/s);
        const body = { candidate: candidate === 'relay' ? null : { source, key }, reason };
        const { psap: served } = await api.request<Item>(
          'PUT',
          `/api/psap-worklist/${encodeURIComponent(sourceId)}`,
          body,
        );
        say(`${sourceId} -> ${served?.name ?? 'the relay centre'}`);
      }),
    );
}
