import { type ApiClient, NoAnswerError } from './api-client.ts';

export type PageLimits = { maxPages: number; maxItems: number };

const LIMITS: PageLimits = { maxPages: 10_000, maxItems: 500_000 };

export type PagesOptions = {
  /**
   * `refuse`: a next page at another origin ends the reading, because the token would go there. `ours`: its path is asked at the
   * address that was asked before, for a server that is known under another public name.
   */
  foreignLinks: 'refuse' | 'ours';
  limits?: PageLimits;
};

function nextPath(nextUrl: string, baseUrl: string, foreignLinks: PagesOptions['foreignLinks']): string {
  const base = new URL(baseUrl);
  const next = URL.parse(nextUrl, `${baseUrl}/`);
  if (next === null) throw new NoAnswerError(`${base.host} named a next page that is no address`);
  if (next.origin === base.origin) return next.href;
  if (foreignLinks === 'ours') return `${next.pathname}${next.search}`;
  throw new NoAnswerError(`${base.host} named a next page at ${next.origin}; the token is not sent there`);
}

/**
 * A list read page by page: the `Link` of every answer is followed verbatim until there is none or a page is empty
 * (contract section 1). Throws ApiError, or NoAnswerError for what is no list, goes in circles or does not end.
 */
export async function readPages(
  api: ApiClient,
  path: string,
  listKey: string,
  { foreignLinks, limits = LIMITS }: PagesOptions,
): Promise<unknown[]> {
  const { host } = new URL(api.baseUrl);
  const all: unknown[] = [];
  const seen = new Set<string>();
  let next: string | undefined = path;
  while (next !== undefined) {
    if (seen.has(next)) throw new NoAnswerError(`${host} sends round in circles: ${listKey}, page ${seen.size + 1}`);
    if (seen.size === limits.maxPages) throw new NoAnswerError(`${host} has more than ${limits.maxPages} pages`);
    seen.add(next);
    const { body, nextUrl }: { body: unknown; nextUrl: string | undefined } = await api.page<unknown>(next);
    const items = (body as Record<string, unknown> | null | undefined)?.[listKey];
    if (!Array.isArray(items)) throw new NoAnswerError(`${host} answered without the list ${listKey}`);
    if (items.length === 0) break;
    for (const item of items) all.push(item);
    if (all.length > limits.maxItems) throw new NoAnswerError(`${host} has more than ${limits.maxItems} ${listKey}`);
    next = nextUrl === undefined ? undefined : nextPath(nextUrl, api.baseUrl, foreignLinks);
  }
  return all;
}
