import { nextPage, type RestAnswer } from '../transport/rest-route.ts';
import { pageOf } from './paging.ts';

/** One page of a list that does not tell its length: one item more than asked for tells whether there is another page. */
export async function listPage<Query extends { start?: number; max?: number }, Item>(
  query: Query,
  absoluteUrl: URL,
  list: (wanted: Query & { start: number; max: number }) => Promise<Item[]>,
): Promise<RestAnswer> {
  const page = pageOf(query);
  const found = await list({ ...query, start: page.start, max: page.max + 1 });
  const isLast = found.length <= page.max;
  return { status: 200, body: { items: found.slice(0, page.max) }, ...nextPage(absoluteUrl, page, isLast) };
}
