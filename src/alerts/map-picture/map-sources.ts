import type { AddressData } from '../../addresses/address-data.ts';
import type { Places } from '../../places/places.ts';
import type { Routing } from '../../routing/routing.ts';
import type { MapSources } from './map-pictures.ts';
import type { ScenePoint } from './map-scene.ts';

/** More marks than these hide the map. */
const MAX_SITES = 200;

/** What this node's memory holds of a place: boundaries, address layers, the organization's sites. */
export function createMapSources(rooms: {
  routing: Pick<Routing, 'mapOutlines'>;
  features: AddressData['mapFeatures'];
  places: Pick<Places, 'locationsOf'>;
}): MapSources {
  const { features, places, routing } = rooms;
  return {
    outlines: (place, box) => routing.mapOutlines(place, box),
    features: (box) => features.within(box),
    prepare: () => features.prepare(),
    sites(organizationId) {
      const sites: ScenePoint[] = [];
      for (const { name, position } of places.locationsOf(organizationId)) {
        if (position === undefined) continue;
        sites.push({ name, ...position });
        if (sites.length === MAX_SITES) break;
      }
      return sites;
    },
  };
}
