import type { FieldFaults } from '../domain/field-faults.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';

/** Finds emergency response locations as people name them in a file. */
export type ResponseLocationNames = {
  /** By id, or by name within the named location (name or id; may be empty where the ERL's name is unique). */
  find(erl: string, location: string, faults: FieldFaults): string | undefined;
  /** The names to write for an id. */
  nameOf(id: string): { erl: string; location: string } | undefined;
};

const PAGE = 1_000;

function key(name: string): string {
  return name.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

async function readAll<Item>(
  list: (page: { start: number; max: number }) => Promise<{ items: Item[]; total: number }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const { items, total } = await list({ start: all.length, max: PAGE });
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

export async function loadResponseLocationNames(
  places: Pick<Places, 'listLocations' | 'listResponseLocations'>,
  scope: Scope,
): Promise<ResponseLocationNames> {
  const locationNames = new Map<string, string>();
  const locationIds = new Map<string, string>();
  for (const location of await readAll((page) => places.listLocations(scope, page))) {
    locationNames.set(location.id, location.name);
    locationIds.set(key(location.name), location.id);
    locationIds.set(location.id, location.id);
  }
  const byName = new Map<string, { id: string; locationId: string }[]>();
  const names = new Map<string, { erl: string; location: string }>();
  for (const erl of await readAll((page) => places.listResponseLocations(scope, page))) {
    const same = byName.get(key(erl.name)) ?? [];
    same.push({ id: erl.id, locationId: erl.locationId });
    byName.set(key(erl.name), same);
    names.set(erl.id, { erl: erl.name, location: locationNames.get(erl.locationId) ?? '' });
  }

  return {
    nameOf: (id) => names.get(id),
    find(erl, location, faults) {
      if (erl === '') {
        faults.add('erl', 'is required');
        return undefined;
      }
      const locationId = location === '' ? undefined : locationIds.get(key(location));
      if (location !== '' && locationId === undefined) {
        faults.add('location', `there is no location ${location}`);
        return undefined;
      }
      if (names.has(erl.toLowerCase())) return erl.toLowerCase();
      const matches = (byName.get(key(erl)) ?? []).filter(
        (one) => locationId === undefined || one.locationId === locationId,
      );
      const [match] = matches;
      if (match === undefined) {
        faults.add('erl', `there is no emergency response location ${erl}`);
        return undefined;
      }
      if (matches.length > 1) {
        faults.add('location', `is needed: ${matches.length} locations have an emergency response location ${erl}`);
        return undefined;
      }
      return match.id;
    },
  };
}
