import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { MapRequest } from '../alert-message.ts';
import type { MapScene, SceneOutline, ScenePoint, SceneStreet } from './map-scene.ts';
import { createMapThread, type MapThread } from './map-thread.ts';

/** South, west, north, east in degrees. */
export type MapBox = readonly [south: number, west: number, north: number, east: number];

/** What maps are drawn from: what this node holds, nothing from elsewhere. */
export type MapSources = {
  /** Boundaries that reach into a box, those around the place first; from memory. */
  outlines(place: { latitude: number; longitude: number }, box: MapBox): readonly SceneOutline[];
  /** Streets and houses of the address layers. */
  features(box: MapBox): Promise<{
    streets: readonly SceneStreet[];
    houses: readonly { number: string; latitude: number; longitude: number }[];
    sources: readonly string[];
  }>;
  /** Gets the address layers ready, so that the first map need not wait for that. */
  prepare(): Promise<void>;
  /** Places of the organization; from memory. */
  sites(organizationId: string): readonly ScenePoint[];
};

export type MapPicture = {
  /** Of these bytes and no others. */
  id: string;
  /** Shared between threads, so that handing it over costs nothing; not to be written to. */
  png: Uint8Array;
  /** Whose data it shows, to stand beside it. */
  attribution: string;
};

/** Pictures of places for mails. */
export type MapPictures = {
  /** A picture within `waitMs`, else null; never rejects. `organizationId`: whose other places are shown. */
  picture(request: Omit<MapRequest, 'caption'>, organizationId: string | null): Promise<MapPicture | null>;
  /** Gets ready what the first picture would wait for; never rejects. */
  prepare(): Promise<void>;
  stop(): Promise<void>;
};

const WIDTH = 552;
const HEIGHT = 300;
const DENSITY = 2;
/** A mail with its picture is to stay small: many read it over a telephone. */
const MAX_BYTES = 60_000;
/** An alert is not kept waiting for a picture. */
const WAIT_MS = 500;
const KEPT = 100;
const KEPT_MS = 60_000;

const METERS_PER_DEGREE = 111_320;
const LOCAL_WIDTH_METERS = 620;
/** Fewer streets and houses than these are no map to find one's way by. */
const LEAST_STREETS = 1;
const LEAST_HOUSES = 3;
const REGION_WIDTH_METERS = { least: 12_000, most: 900_000, ofNone: 200_000 };
/** What a circle takes of the height at most, so that something of its surroundings is seen. */
const CIRCLE_SHARE = 0.7;

const BUILT_IN = 'Boundaries: US Census Bureau, Natural Earth';

type Place = { latitude: number; longitude: number };

function boxAround({ latitude, longitude }: Place, widthMeters: number): MapBox {
  const high = (widthMeters * HEIGHT) / WIDTH / 2 / METERS_PER_DEGREE;
  const wide = widthMeters / 2 / (METERS_PER_DEGREE * Math.max(0.01, Math.cos((latitude * Math.PI) / 180)));
  return [Math.max(-90, latitude - high), longitude - wide, Math.min(90, latitude + high), longitude + wide];
}

/** So wide that the region around the place is seen as a whole, as far as that helps. */
function regionWidth(place: Place, outlines: readonly SceneOutline[]): number {
  const home = outlines.find(({ isHome, kind }) => isHome && kind === 'region');
  if (home === undefined) return REGION_WIDTH_METERS.ofNone;
  let reach = 0;
  const narrow = Math.cos((place.latitude * Math.PI) / 180);
  for (const ring of home.polygons.flat()) {
    for (let i = 0; i + 1 < ring.length; i += 2) {
      const east = Math.abs((ring[i] as number) - place.longitude) * narrow;
      const north = (Math.abs((ring[i + 1] as number) - place.latitude) * WIDTH) / HEIGHT;
      if (east < 180) reach = Math.max(reach, east, north);
    }
  }
  const wide = reach * 2.1 * METERS_PER_DEGREE;
  return Math.min(REGION_WIDTH_METERS.most, Math.max(REGION_WIDTH_METERS.least, wide));
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

export type MapPicturesDeps = {
  sources: MapSources;
  clock: Clock;
  logger: Logger;
  metrics: Pick<Metrics, 'counter'>;
  thread?: MapThread;
  waitMs?: number;
};

/**
 * Draws the place of a call from what this node holds (decision 74): streets and houses around it where an address layer has
 * them, else the region in which it lies. Drawn in a thread of its own; pictures of one place are drawn once.
 */
export function createMapPictures(deps: MapPicturesDeps): MapPictures {
  const { clock, logger, sources, waitMs = WAIT_MS } = deps;
  const thread = deps.thread ?? createMapThread({ logger });
  const asked = deps.metrics.counter('waymark_alert_maps_total', 'Maps asked for, by what came of it', ['outcome']);
  const kept = new Map<string, { picture: Promise<MapPicture | null>; untilMs: number }>();

  async function sceneOf(request: Omit<MapRequest, 'caption'>, organizationId: string | null) {
    const place = { latitude: request.latitude, longitude: request.longitude };
    const uncertainty = request.uncertaintyMeters ?? 0;
    const circleWidth = ((uncertainty * 2) / CIRCLE_SHARE) * (WIDTH / HEIGHT);
    const localWidth = Math.max(LOCAL_WIDTH_METERS, circleWidth);
    const features = await sources.features(boxAround(place, Math.min(localWidth, 10 * LOCAL_WIDTH_METERS)));
    const isLocal =
      localWidth <= 10 * LOCAL_WIDTH_METERS &&
      (features.streets.length >= LEAST_STREETS || features.houses.length >= LEAST_HOUSES);
    const home = sources.outlines(place, [place.latitude, place.longitude, place.latitude, place.longitude]);
    const region = Math.max(regionWidth(place, home), circleWidth);
    const width = isLocal ? localWidth : region;
    const box = boxAround(place, region);
    const [south, west, north, east] = box;
    const sites = organizationId === null ? [] : sources.sites(organizationId);
    const scene: MapScene = {
      widthPixels: WIDTH,
      heightPixels: HEIGHT,
      density: DENSITY,
      ...place,
      metersPerPixel: width / WIDTH,
      uncertaintyMeters: request.uncertaintyMeters,
      outlines: sources.outlines(place, box),
      streets: isLocal ? features.streets : [],
      houses: isLocal ? features.houses.map(({ number, ...at }) => ({ name: number, ...at })) : [],
      sites: sites.filter(
        (site) =>
          site.latitude > south &&
          site.latitude < north &&
          site.longitude > west &&
          site.longitude < east &&
          // The place itself has its pin.
          Math.abs(site.latitude - place.latitude) + Math.abs(site.longitude - place.longitude) > 1e-4,
      ),
      inset: isLocal && home.length > 0 ? { metersPerPixel: region / 116 } : null,
      maxBytes: MAX_BYTES,
    };
    return { scene, attribution: [BUILT_IN, ...(isLocal ? features.sources : [])].join(' · ') };
  }

  async function draw(request: Omit<MapRequest, 'caption'>, organizationId: string | null): Promise<MapPicture | null> {
    try {
      const { attribution, scene } = await sceneOf(request, organizationId);
      const png = await thread.draw(scene);
      return png === undefined ? null : { id: newId(), png: shared(png), attribution };
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'a map could not be drawn; the mail goes without');
      return null;
    }
  }

  function drawn(request: Omit<MapRequest, 'caption'>, organizationId: string | null): Promise<MapPicture | null> {
    const { latitude, longitude, uncertaintyMeters } = request;
    const key = `${latitude.toFixed(5)} ${longitude.toFixed(5)} ${Math.round(uncertaintyMeters ?? -1)} ${organizationId ?? ''}`;
    const nowMs = clock.monotonicMs();
    const known = kept.get(key);
    if (known && known.untilMs > nowMs) return known.picture;
    const picture = draw(request, organizationId);
    kept.delete(key);
    kept.set(key, { picture, untilMs: nowMs + KEPT_MS });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    // One that failed is drawn again for the next mail.
    void picture.then((result) => {
      if (result === null && kept.get(key)?.picture === picture) kept.delete(key);
    });
    return picture;
  }

  return {
    async picture(request, organizationId) {
      const { latitude, longitude } = request;
      if (!(Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180)) return null;
      let cancel = (): void => undefined;
      const limit = new Promise<'late'>((resolve) => {
        cancel = clock.after(waitMs, () => resolve('late'));
      });
      const picture = await Promise.race([drawn(request, organizationId), limit]);
      cancel();
      asked.inc({ outcome: picture === 'late' ? 'late' : picture === null ? 'failed' : 'given' });
      return picture === 'late' ? null : picture;
    },
    async prepare() {
      try {
        await sources.prepare();
      } catch (error) {
        logger.warn({ err: errorText(error) }, 'address layers could not be made ready for maps');
      }
      await draw({ latitude: 0, longitude: 0, uncertaintyMeters: null }, null);
    },
    stop: () => thread.stop(),
  };
}
