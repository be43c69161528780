/** Columns that hold JSON: how they are written, found and ordered by. */
import { type RawBuilder, sql } from 'kysely';

/** As it is written; null stays what the database calls null. */
export function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** One value of an object in lower case; empty where the object has none of that name. */
export function lowerValue(column: string, name: string): RawBuilder<string> {
  return sql<string>`lower(coalesce(${sql.ref(column)}->>${sql.lit(name)}, ''))`;
}

/** Whether any value of an object, in lower case, is like a pattern. */
export function anyValueLike(object: RawBuilder<unknown>, pattern: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from jsonb_each_text(${object}) as each_value where lower(each_value.value) like ${pattern})`;
}
