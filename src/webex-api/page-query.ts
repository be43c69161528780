import { invalidField } from '../domain/problem.ts';

export type PageQuery = { start?: number | undefined; max?: number | undefined };

function wholeNumber(value: number | undefined, path: string, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalidField(path, `expected a whole number from ${least}`);
  }
  return value;
}

/** Offset and size of a page; more than `mostMax` is answered with pages of that size. */
export function readPage(query: PageQuery, limits: { defaultMax: number; mostMax: number }) {
  return {
    start: wholeNumber(query.start, 'start', 0) ?? 0,
    max: Math.min(wholeNumber(query.max, 'max', 1) ?? limits.defaultMax, limits.mostMax),
  };
}
