import type { Feature } from 'geojson';
import { api } from '../api/client.ts';

type Region = Feature & { properties: { id: string } };

let reading: Promise<readonly Region[]> | undefined;

/** The outlines of some built-in regions by their ids. All are read, once, when some are asked for first. */
export async function readRegions(ids: readonly string[]): Promise<Region[]> {
  reading ??= api.GET('/api/map-regions').then(
    ({ data }) => (data?.features ?? []) as readonly Region[],
    (error: unknown) => {
      reading = undefined;
      throw error;
    },
  );
  return (await reading).filter(({ properties }) => ids.includes(properties.id));
}
