/** Lists of the API that can be ordered, as its description names them, and what they must keep. */
import assert from 'node:assert/strict';
import { openClient, type PlatformClient } from './platform-client.ts';

type Parameter = { name: string; schema?: { enum?: string[]; anyOf?: { const?: string }[] } };
type Operation = { parameters?: Parameter[] };

/** Lists with the words that order them, by path. */
export async function sortableLists(http: string): Promise<Map<string, readonly string[]>> {
  const answer = await fetch(`${http}/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, { get?: Operation }> };
  const lists = new Map<string, readonly string[]>();
  for (const [path, { get }] of Object.entries(paths)) {
    const words = get?.parameters?.find(({ name }) => name === 'sort')?.schema?.enum;
    if (words && path.startsWith('/api/') && !path.endsWith('/export')) lists.set(path, words);
  }
  return lists;
}

type Item = Record<string, unknown>;

const KEYS = ['key', 'sequence', 'revision', 'sourceId', 'number', 'locationId', 'id'] as const;

/** By which items of the list are told apart. */
function keyOf(item: Item): string {
  const name =
    typeof item['id'] === 'string' ? 'id' : KEYS.find((one) => item[one] !== undefined && item[one] !== null);
  assert.ok(name, `something tells ${JSON.stringify(item)} from others`);
  return String(item[name]);
}

export type ListReader = {
  /** Keys in the order of the list, read in pages of `max`. */
  keys(
    path: string,
    query: Readonly<Record<string, string>>,
    max: number,
    between?: () => Promise<void>,
  ): Promise<string[]>;
  client: PlatformClient;
};

export function openLists(http: string, token: string): ListReader {
  const client = openClient(http, token);
  return {
    client,
    async keys(path, query, max, between) {
      const found: string[] = [];
      let address: string | undefined =
        `${http}${path}?${new URLSearchParams({ ...query, max: String(max) }).toString()}`;
      while (address !== undefined) {
        const response: Response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
        assert.equal(response.status, 200, `${address}: ${response.status}`);
        const { items } = (await response.json()) as { items: Item[] };
        found.push(...items.map(keyOf));
        address = /<([^>]+)>; *rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
        if (address !== undefined) {
          const next: URL = new URL(address);
          address = `${http}${next.pathname}${next.search}`;
          await between?.();
        }
      }
      return found;
    },
  };
}
