import type { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { forOrganization, listItems } from './list-items.ts';
import { printTable } from './print-table.ts';
import { readSeconds } from './read-seconds.ts';

type ForOrganization = { organization: string };

type CreateOptions = ForOrganization & {
  role: string;
  label: string;
  scope?: string[];
  location?: string[];
  partner?: string;
  lasts?: string;
};

type ListOptions = ForOrganization & { role?: string; state?: string };

type Deps = {
  /** Runs an action against the platform. */
  withApi: (action: (api: ApiClient) => Promise<void>) => Promise<void>;
  say: (text: string) => void;
  nowMs: () => number;
};

function tokenPath(tokenId: string, rest = ''): string {
  return `/api/tokens/${encodeURIComponent(tokenId)}${rest}`;
}

/** When a token is to end: `never`, a time span from now, or an ISO 8601 date and time. */
function readEnd(text: string, nowMs: number): string | null {
  if (text === 'never') return null;
  const moment = /^\d+[smhd]$/.test(text) ? nowMs + readSeconds(text, '--at') * 1_000 : Date.parse(text);
  if (Number.isNaN(moment)) throw new Error(`--at ${text}: expected never, a time span (12h, 30d) or a date and time`);
  return new Date(moment).toISOString();
}

/** `npx waymark token …`: access tokens of one organization. */
export function addTokenCommands(program: Command, deps: Deps): void {
  const { withApi, say } = deps;
  const tokens = program.command('token').description('access tokens of an organization');
  const add = (usage: string, description: string): Command =>
    tokens.command(usage).description(description).requiredOption('--organization <id>', 'organization id');

  add('create', 'make a token; it is shown this once')
    .option(
      '--role <role>',
      'fullAdmin, readOnlyAdmin, userAdmin, locationAdmin, partnerAdmin or operator',
      'fullAdmin',
    )
    .option('--label <text>', 'what the token is for', 'made on the command line')
    .option('--scope <scope...>', 'only these scopes instead of all of the role')
    .option('--location <id...>', 'with locationAdmin: the locations it may touch')
    .option('--partner <id>', 'with partnerAdmin: its partner; else the partner of the organization')
    .option('--lasts <span>', 'how long it works, e.g. 12h or 30d; without it, for ever')
    .action((options: CreateOptions) =>
      withApi(async (api) => {
        const { id, token } = await api.request<{ id: string; token: string }>(
          'POST',
          forOrganization('/api/tokens', options.organization),
          {
            role: options.role,
            label: options.label,
            ...(options.scope && { scopes: options.scope }),
            ...(options.location && { locationIds: options.location }),
            ...(options.partner !== undefined && { partnerId: options.partner }),
            ...(options.lasts !== undefined && { lifetimeSeconds: readSeconds(options.lasts, '--lasts') }),
          },
        );
        say(`${token}\n(id ${id}; shown this once)`);
      }),
    );

  add('list', 'what tokens there are, when they end and when they were last used')
    .option('--role <role>', 'only those of this role')
    .option('--state <state>', 'only those that are active, expired or revoked')
    .action(({ organization, role, state }: ListOptions) =>
      withApi(async (api) => {
        const filter = new URLSearchParams({ ...(role && { role }), ...(state && { state }) }).toString();
        const items = await listItems(api, forOrganization(`/api/tokens${filter && `?${filter}`}`, organization));
        say(printTable(['id', 'role', 'state', 'label', 'createdAt', 'expiresAt', 'lastUsedAt'], items));
      }),
    );

  add('expire <tokenId>', 'say when a token ends')
    .requiredOption('--at <when>', 'never, a time span from now (12h, 30d), or a date and time')
    .action((tokenId: string, options: ForOrganization & { at: string }) =>
      withApi(async (api) => {
        const expiresAt = readEnd(options.at, deps.nowMs());
        await api.request('PATCH', forOrganization(tokenPath(tokenId), options.organization), { expiresAt });
        say(expiresAt === null ? 'does not end' : `ends ${expiresAt}`);
      }),
    );

  add('rotate <tokenId>', 'replace a token; the old one works beside the new one for a while')
    .option('--overlap <span>', 'how long the old one still works, e.g. 0s, 1h or 7d (default: a day)')
    .action((tokenId: string, options: ForOrganization & { overlap?: string }) =>
      withApi(async (api) => {
        const overlap =
          options.overlap === undefined ? '' : `?overlapSeconds=${readSeconds(options.overlap, '--overlap')}`;
        const { id, token, replaced } = await api.request<{
          id: string;
          token: string;
          replaced: { expiresAt: string };
        }>('POST', forOrganization(tokenPath(tokenId, `/rotate${overlap}`), options.organization));
        say(`${token}\n(id ${id}; shown this once; the old one works until ${replaced.expiresAt})`);
      }),
    );

  add('revoke <tokenId>', 'end a token at once').action((tokenId: string, options: ForOrganization) =>
    withApi(async (api) => {
      await api.request('DELETE', forOrganization(tokenPath(tokenId), options.organization));
      say('revoked');
    }),
  );
}
