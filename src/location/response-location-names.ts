import type { WireMapPlaces } from './wire-map-places.ts';

/** Tells what is wrong with a value of a row. */
export type TellFault = (field: 'erl' | 'location', message: string) => void;

/** Finds emergency response locations as people name them in a file. */
export type ResponseLocationNames = {
  /**
   * By id, or by name within the named location (name or id; may be empty where the ERL's name is unique). `hint` names a
   * location only where the ERL's name is not unique.
   */
  find(erl: string, location: string, hint: string, fault: TellFault): string | undefined;
  /** The names to write for an id. */
  nameOf(id: string): { erl: string; location: string } | undefined;
};

function key(name: string): string {
  return name.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

export function createResponseLocationNames(places: WireMapPlaces): ResponseLocationNames {
  const locationNames = new Map<string, string>();
  const locationIds = new Map<string, string>();
  for (const { id, name } of places.locations) {
    locationNames.set(id, name);
    locationIds.set(key(name), id);
    locationIds.set(id, id);
  }
  const byName = new Map<string, { id: string; locationId: string }[]>();
  const names = new Map<string, { erl: string; location: string }>();
  const survivors = new Map<string, string>();
  for (const { id, name, locationId, mergedIds } of places.responseLocations) {
    const same = byName.get(key(name)) ?? [];
    same.push({ id, locationId });
    byName.set(key(name), same);
    for (const known of [id, ...mergedIds]) {
      names.set(known, { erl: name, location: locationNames.get(locationId) ?? '' });
      survivors.set(known, id);
    }
  }
  // A file of a million rows names the same few again and again.
  const keys = new Map<string, string>();
  const keyOnce = (name: string): string => {
    let known = keys.get(name);
    if (known === undefined) {
      known = key(name);
      if (keys.size < 100_000) keys.set(name, known);
    }
    return known;
  };

  return {
    nameOf: (id) => names.get(id),
    find(erl, location, hint, fault) {
      if (erl === '') {
        fault('erl', 'is required');
        return undefined;
      }
      const locationId = location === '' ? undefined : locationIds.get(keyOnce(location));
      if (location !== '' && locationId === undefined) {
        fault('location', `there is no location ${location}`);
        return undefined;
      }
      const asId = keyOnce(erl);
      const byId = survivors.get(asId);
      if (byId !== undefined) return byId;
      const named = byName.get(asId) ?? [];
      const inLocation = (id: string | undefined) => named.filter((one) => id === undefined || one.locationId === id);
      let matches = inLocation(locationId);
      if (matches.length > 1 && hint !== '') matches = inLocation(locationIds.get(keyOnce(hint)));
      const [match] = matches;
      if (match === undefined) {
        fault('erl', `there is no emergency response location ${erl}`);
        return undefined;
      }
      if (matches.length > 1) {
        fault('location', `is needed: ${matches.length} locations have an emergency response location ${erl}`);
        return undefined;
      }
      return match.id;
    },
  };
}
