import { Type } from 'typebox';

/** Offset paging of the lists under /api. */
export const PAGE_QUERY = {
  start: Type.Optional(Type.Integer({ minimum: 0, description: 'Offset of the first item' })),
  max: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Items per page, 1 to 1,000' })),
};

export const DEFAULT_MAX = 100;

/** The address of the page after this one; undefined on the last. */
export function nextPageUrl(
  url: URL,
  page: { start?: number | undefined; max?: number | undefined },
  total: number,
): string | undefined {
  const max = page.max ?? DEFAULT_MAX;
  const next = (page.start ?? 0) + max;
  if (next >= total) return undefined;
  const target = new URL(url);
  target.searchParams.set('start', String(next));
  target.searchParams.set('max', String(max));
  return target.href;
}
