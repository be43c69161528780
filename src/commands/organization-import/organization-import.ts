import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../support/clock.ts';
import { counted } from '../../support/counted.ts';
import { type ApiClient, createApiClient } from '../../transport/api-client.ts';
import { applyPlan } from './apply-plan.ts';
import { compareOrganizations, type Plan } from './compare-organizations.ts';
import { confirm } from './confirm.ts';
import { findCsvFiles, writeTemplates } from './find-csv-files.ts';
import { type ImportState, openImportState } from './import-state.ts';
import type { Kind, OrganizationContent } from './organization-content.ts';
import { readCsv } from './read-csv.ts';
import { type LiveContent, readLive } from './read-live.ts';
import { nameOfKind, showPlan, titleOf } from './show-plan.ts';
import { createItemWriter } from './write-item.ts';

type Options = {
  organization?: string;
  from?: string;
  token?: string;
  tokenFile?: string;
  sourceOrganization?: string;
  template?: string;
  callbacks: boolean;
  dryRun: boolean;
  yes: boolean;
  removeMissing: boolean;
  all: boolean;
};

export type ImportDeps = {
  /** Runs an action against the platform. */
  withApi: (action: (api: ApiClient, config: Config) => Promise<void>) => Promise<void>;
  say: (text: string) => void;
  setExitCode: (code: number) => void;
  clock: Pick<Clock, 'monotonicMs'>;
};

const LISTED = 20;
const MAX_FAULTS = 200;
const PROGRESS_EVERY_MS = 2_000;
/** Patience with a source: it may be far away and busy, and an import can be run again. */
const SOURCE_PATIENCE = { repeats: 3, firstPauseMs: 250, timeoutMs: 60_000 };

/** The address of the API without `/v1`, which every path of it has. */
function readSourceAddress(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new Error(`--from ${text}: expected an address that begins https: or http:`);
  }
  if (url.username !== '' || url.search !== '') throw new Error('--from: expected an address without user and query');
  return url.href.replace(/\/+$/, '').replace(/\/v1$/, '');
}

async function readToken(options: Options, config: Config): Promise<string> {
  const fromFile = options.tokenFile === undefined ? undefined : await readFile(options.tokenFile, 'utf8');
  const token = (options.token ?? fromFile ?? config.importToken?.reveal() ?? '').trim();
  if (token === '') throw new Error('the source needs a token: --token-file, WAYMARK_IMPORT_TOKEN or --token');
  // Nothing else can stand in a header (RFC 6750 §2.1).
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('the token of the source holds characters that no token has');
  return token;
}

/** `npx waymark organization import`: takes a whole organization over from files or from a live API (decision 41). */
export function addOrganizationImport(organization: Command, deps: ImportDeps): void {
  const { withApi, say, setExitCode } = deps;

  async function readFiles(
    paths: readonly string[],
    current: OrganizationContent,
  ): Promise<OrganizationContent | undefined> {
    const known = current.items.location.map(({ key, title }) => ({ key, name: title }));
    const { faults, ...content } = readCsv(await findCsvFiles(paths), known);
    if (faults.length === 0) return content;
    for (const { file, line, column, message } of faults.slice(0, MAX_FAULTS)) {
      say(`${file} line ${line}${column === '' ? '' : `, ${column}`}: ${message}`);
    }
    if (faults.length > MAX_FAULTS) say(`and ${faults.length - MAX_FAULTS} more`);
    say(`${counted(faults.length, 'fault')} in the files; nothing was changed`);
    setExitCode(1);
    return undefined;
  }

  async function readSource(from: string, options: Options, config: Config): Promise<LiveContent> {
    const url = new URL(from);
    const isLoopback = /^(?:127\.[\d.]+|localhost|\[::1\])$/.test(url.hostname);
    if (url.protocol === 'http:' && !isLoopback)
      say(`${url.host} is asked over plain http: everybody between sees the token`);
    const api = createApiClient({ baseUrl: from, token: await readToken(options, config), ...SOURCE_PATIENCE });
    const content = await readLive({
      api,
      organizationId: options.sourceOrganization,
      foreignLinks: 'refuse',
      callbacks: options.callbacks,
      progress: (text) => say(`read: ${text}`),
    });
    for (const text of content.remarks) say(text);
    for (const { what, reason } of content.faults.slice(0, MAX_FAULTS)) say(`cannot be taken over: ${what}: ${reason}`);
    if (content.faults.length > MAX_FAULTS) say(`and ${content.faults.length - MAX_FAULTS} more`);
    if (content.faults.length > 0) setExitCode(1);
    return content;
  }

  async function isAgreed(options: Options): Promise<boolean> {
    if (options.yes) return true;
    const question = options.removeMissing ? 'Do that, and remove what is only here?' : 'Do that?';
    const answer = await confirm(question);
    if (answer === undefined) say('nobody to ask: --yes does it without asking');
    if (answer !== true) {
      say('nothing was changed');
      setExitCode(1);
    }
    return answer === true;
  }

  async function carryOut(plan: Plan, api: ApiClient, state: ImportState, options: Options): Promise<void> {
    const startedMs = deps.clock.monotonicMs();
    let toldMs = startedMs;
    const writer = createItemWriter({
      api,
      organizationId: options.organization ?? '',
      here: plan.here,
      made(item, ourId) {
        plan.here.set(`${item.kind}/${item.key}`, ourId);
        if (item.sourceId !== undefined) state.remember(item.kind, item.sourceId, ourId);
      },
    });
    const { done, failures, gaveUp } = await applyPlan(plan.items, {
      writer,
      removeMissing: options.removeMissing,
      save: () => state.save(),
      progress(kind: Kind, settled: number, total: number) {
        const nowMs = deps.clock.monotonicMs();
        if (settled < total && nowMs - toldMs < PROGRESS_EVERY_MS) return;
        toldMs = nowMs;
        say(`${nameOfKind(kind)}: ${settled} of ${total}`);
      },
    });
    for (const { item, error } of failures) say(`failed: ${titleOf(item)}: ${error.message}`);
    const seconds = Math.max(0.1, (deps.clock.monotonicMs() - startedMs) / 1_000);
    say(`${done} done, ${failures.length} failed, in ${seconds.toFixed(1)} s`);
    if (gaveUp !== undefined) say(`the platform is not well: ${gaveUp}\nrun the same command again to go on`);
    if (failures.length > 0 || gaveUp !== undefined) setExitCode(1);
  }

  async function run(paths: readonly string[], options: Options, api: ApiClient, config: Config): Promise<void> {
    const { organization: organizationId, from } = options;
    if (organizationId === undefined)
      throw new Error('--organization <id> says which organization of this platform it is for');
    if ((from === undefined) === (paths.length === 0)) {
      throw new Error('give files or folders, or --from <address> of a live API, and not both');
    }
    if (options.callbacks && from === undefined) throw new Error('--callbacks goes with --from');
    const current = await readLive({
      api,
      organizationId,
      foreignLinks: 'ours',
      callbacks: options.callbacks,
      progress: () => undefined,
    });
    const base = from === undefined ? undefined : readSourceAddress(from);
    const wanted = base === undefined ? await readFiles(paths, current) : await readSource(base, options, config);
    if (!wanted) return;

    const state = await openImportState(
      config.dataDir,
      organizationId,
      base === undefined ? 'csv' : new URL(base).host,
      say,
    );
    const { removeMissing } = options;
    const plan = compareOrganizations(wanted, current, { remembered: state.known, removeMissing });
    for (const line of showPlan(plan, { removeMissing, listed: options.all ? Number.MAX_SAFE_INTEGER : LISTED }))
      say(line);

    const isWork = ({ change }: Plan['items'][number]): boolean =>
      change === 'create' || change === 'change' || (removeMissing && change === 'onlyHere');
    const blocked = plan.items.filter(({ change }) => change === 'blocked').length;
    if (blocked > 0) setExitCode(1);
    if (options.dryRun) {
      say('dry run: nothing was changed');
      return;
    }
    const hasWork = plan.items.some(isWork);
    if (!hasWork) say('nothing to change');
    else if (!(await isAgreed(options))) return;
    // Also what was found by its name is remembered, so that it is found when it is renamed.
    for (const { kind, wanted: item, current: found } of plan.items) {
      if (item?.sourceId !== undefined && found) state.remember(kind, item.sourceId, found.key);
    }
    await state.save();
    if (hasWork) await carryOut(plan, api, state, options);
  }

  organization
    .command('import [paths...]')
    .description(
      'take an organization over, from CSV files or a live Webex-compatible API; shows the differences first',
    )
    .option('--organization <id>', 'organization of this platform that it is for')
    .option('--from <address>', 'live API to take it from, e.g. https://webexapis.com/v1')
    .option('--token-file <file>', 'file with the access token of the source (or set WAYMARK_IMPORT_TOKEN)')
    .option('--token <token>', 'the token itself; other users of this machine may see it in the list of processes')
    .option('--source-organization <id>', 'orgId at the source, where the token may act for several')
    .option('--callbacks', 'with --from: also which emergency callback number everybody selected', false)
    .option('--dry-run', 'show what would change, store nothing', false)
    .option('--yes', 'do not ask', false)
    .option('--remove-missing', 'remove what is only here; asked for, or with --yes', false)
    .option('--all', 'list everything that is new or only here', false)
    .option('--template <folder>', 'write the CSV files with their columns and an example row, and explain them')
    .action(async (paths: string[], options: Options) => {
      if (options.template === undefined) return withApi((api, config) => run(paths, options, api, config));
      for (const line of await writeTemplates(options.template)) say(line);
      return undefined;
    });
}
