import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { ProblemError } from '../domain/problem.ts';
import { createLayerBudget, LAYER_LIMITS, type LayerFeature } from '../layers/layer.ts';
import { errorText } from '../support/error-text.ts';

const MAX_RECORD = 100_000;

/** Rows of a CSV file with a header, without geometry: latitude and longitude are columns. */
export async function* readAddressCsv(path: string, limits = LAYER_LIMITS): AsyncGenerator<LayerFeature> {
  const rows = createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(
    parse({
      columns: true,
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: MAX_RECORD,
      trim: true,
    }),
  );
  const budget = createLayerBudget(limits);
  let count = 0;
  try {
    for await (const properties of rows as AsyncIterable<Record<string, string>>) {
      count += 1;
      budget.takeFeature();
      yield { row: String(count), properties, geometry: null, fault: null };
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('malformed', `row ${count + 1} cannot be read: ${errorText(error)}`, { cause: error });
  }
}
