import type { CountyNames } from './county-names.ts';
import { isActiveRow, type RegistryEntry, type RegistryRow } from './registry-entry.ts';

/** What is questionable about a registry's rows; nothing of it keeps a row out. */
export type RegistryLint = {
  kind: 'repeated-id' | 'unknown-county' | 'several-counties' | 'spelling' | 'former-name' | 'ambiguous-county';
  key: string;
  detail: string;
};

/** Gives every row its key and the counties that it names; in small steps, for a spelling that none has is looked for among all. */
export function* prepareSteps(
  rows: readonly RegistryRow[],
  counties: CountyNames,
): Generator<void, { entries: RegistryEntry[]; lint: RegistryLint[] }> {
  const seen = new Map<string, number>();
  const lint: RegistryLint[] = [];
  const entries: RegistryEntry[] = [];
  for (const row of rows) {
    yield;
    const times = (seen.get(row.psapId) ?? 0) + 1;
    seen.set(row.psapId, times);
    const key = times === 1 ? row.psapId : `${row.psapId}#${times}`;
    const { match, sourceIds } = counties.find(row.state, row.county);
    const where = `${row.name}: ${row.county || 'no county'}, ${row.state}`;
    if (times > 1) lint.push({ kind: 'repeated-id', key, detail: `${row.name} has the id of another row` });
    if (match === 'none') lint.push({ kind: 'unknown-county', key, detail: where });
    if (match === 'several') lint.push({ kind: 'several-counties', key, detail: where });
    if (match === 'spelling' || match === 'former-name') lint.push({ kind: match, key, detail: where });
    if (match === 'ambiguous') lint.push({ kind: 'ambiguous-county', key, detail: `${where} is a county and a city` });
    entries.push({ ...row, key, isActive: isActiveRow(row), sourceIds, match });
  }
  return { entries, lint };
}
