/** Parts of conditions that the records of many rooms ask alike. */
import { type RawBuilder, sql } from 'kysely';

/** To be compared with by `=`: any of these ids, none where there are none. One parameter however many there are; `in` would take one for each. */
export function anyId(ids: Iterable<string>): RawBuilder<string> {
  return sql<string>`any(${[...ids]}::uuid[])`;
}

/** The same of texts. */
export function anyText(texts: Iterable<string>): RawBuilder<string> {
  return sql<string>`any(${[...texts]}::text[])`;
}

/** A text as `like` and `ilike` compare it letter by letter: none of its characters stands for others. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** What `like` and `ilike` find wherever it stands. */
export function partPattern(part: string): string {
  return `%${literalPattern(part)}%`;
}
