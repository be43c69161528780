import type { ApiClient } from '../transport/api-client.ts';

export type Items<Item> = { items: Item[] };

const LIST_PAGE = 1_000;

/** A list read to its end, page by page. */
export async function listItems(api: ApiClient, path: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for (;;) {
    const page = `${path}${path.includes('?') ? '&' : '?'}start=${all.length}&max=${LIST_PAGE}`;
    const { items } = await api.request<Items<Record<string, unknown>>>('GET', page);
    all.push(...items);
    if (items.length < LIST_PAGE) return all;
  }
}

/** `?orgId=` for commands that act for one organization. */
export function forOrganization(path: string, organization: string | undefined): string {
  if (organization === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}orgId=${encodeURIComponent(organization)}`;
}
