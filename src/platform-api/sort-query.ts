import { Type } from 'typebox';
import type { SortWord } from '../support/sort-order.ts';

/** The parameter `sort` of a list: the columns that the platform can order all of it by, upwards and downwards. */
export function sortQuery<Column extends string>(usual: SortWord<Column>, ...columns: readonly Column[]) {
  return {
    sort: Type.Optional(
      Type.Enum(
        columns.flatMap((column) => [column, `-${column}`]),
        {
          description: `Column that the whole list is ordered by, with a minus downwards; ${usual} unless told`,
        },
      ),
    ),
  };
}
