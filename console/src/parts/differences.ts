import { texts } from '../texts/texts.ts';

/** One field that is not as it was. */
export type Difference = { field: string; was: string; is: string };

/** What the platform says of a thing by itself, and no form changes. */
const NOT_EDITED: ReadonlySet<string> = new Set([
  'addressCheck',
  'attention',
  'changedAt',
  'changedBy',
  'createdAt',
  'defaultText',
  'health',
  'id',
  'lastFault',
  'nextStage',
  'organization',
  'responseLocations',
  'updatedAt',
  'version',
  'warnings',
]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_DEPTH = 3;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `alertingEmail` → `Alerting email`. */
function fieldName(path: readonly string[]): string {
  const words = path.map((part) =>
    part.replaceAll(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`),
  );
  const name = words.join(', ');
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return texts.none;
  if (typeof value === 'boolean') return value ? texts.changedMeanwhile.yes : texts.changedMeanwhile.no;
  if (!Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  if (value.length === 0) return texts.none;
  // Nobody reads ids.
  if (value.some((one) => typeof one !== 'string' || UUID.test(one)))
    return texts.changedMeanwhile.entries(value.length);
  return value.join(', ');
}

/** The fields in which two states of a thing differ, in the order in which the first names them. */
export function differences(was: unknown, is: unknown, path: readonly string[] = []): Difference[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  if (isRecord(was) && isRecord(is) && path.length < MAX_DEPTH) {
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((name) => !NOT_EDITED.has(name))
      .flatMap((name) => differences(was[name], is[name], [...path, name]));
  }
  const [before, after] = [shown(was), shown(is)];
  if (before === after) return [{ field: fieldName(path), was: before, is: texts.changedMeanwhile.others }];
  return [{ field: fieldName(path), was: before, is: after }];
}
