import { Type } from 'typebox';

/** Offset paging of the lists under /api. */
export const PAGE_QUERY = {
  start: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'Offset of the first item' })),
  max: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Items per page, 1 to 1,000' })),
};

export const DEFAULT_MAX = 100;

/** Offset and size of the page that a query asks for. */
export function pageOf(query: { start?: number | undefined; max?: number | undefined }): {
  start: number;
  max: number;
} {
  return { start: query.start ?? 0, max: query.max ?? DEFAULT_MAX };
}
