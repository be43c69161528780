import 'maplibre-gl/dist/maplibre-gl.css';
import Alert from '@cloudscape-design/components/alert';
import {
  addProtocol,
  type GeoJSONSource,
  LngLatBounds,
  Map as MapLibreMap,
  type MapMouseEvent,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { type MapTheme, mapStyle } from './map-style.ts';
import type { MapArea, MapPlace, MapPosition, MapViewProps } from './map-view.tsx';
import { readRegions } from './read-regions.ts';
import { REGION_PROTOCOL, readRegionTile } from './region-tiles.ts';

setWorkerUrl(workerUrl);
addProtocol(REGION_PROTOCOL, async ({ url }) => ({ data: await readRegionTile(url) }));

/** The country without its outlying states. */
const COUNTRY = new LngLatBounds([-125, 24.4], [-66.5, 49.4]);
/** Near enough to aim, far enough to see the county. */
const CLOSE_ZOOM = 8.5;
/** A single place is shown with what is around it. */
const FARTHEST_ZOOM = 9;
const DARK_CLASS = 'awsui-dark-mode';

const themeNow = (): MapTheme => (document.body.classList.contains(DARK_CLASS) ? 'dark' : 'light');

function showPlaces(map: MapLibreMap, places: readonly MapPlace[]): void {
  void map.getSource<GeoJSONSource>('places')?.setData({
    type: 'FeatureCollection',
    features: places.map(({ id, name, position, tone = 'neutral' }) => ({
      type: 'Feature',
      properties: { id, name, tone },
      geometry: { type: 'Point', coordinates: [position.longitude, position.latitude] },
    })),
  });
}

function showAreas(map: MapLibreMap, areas: readonly MapArea[]): void {
  void map.getSource<GeoJSONSource>('areas')?.setData({
    type: 'FeatureCollection',
    features: areas.map(({ id, name, polygons, isHighlighted = false }) => ({
      type: 'Feature',
      properties: { id, name, isHighlighted },
      geometry: { type: 'MultiPolygon', coordinates: polygons },
    })),
  });
}

async function showHighlighted(map: MapLibreMap, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const features = ids.length === 0 ? [] : await readRegions(ids);
  if (!signal.aborted) await map.getSource<GeoJSONSource>('chosen')?.setData({ type: 'FeatureCollection', features });
}

function look(map: MapLibreMap, places: readonly MapPlace[], focus: MapPosition | null | undefined): void {
  if (focus) {
    const center: [number, number] = [focus.longitude, focus.latitude];
    if (!map.getBounds().contains(center) || map.getZoom() < CLOSE_ZOOM - 3) map.jumpTo({ center, zoom: CLOSE_ZOOM });
    return;
  }
  const bounds = places.reduce(
    (box, { position }) => box.extend([position.longitude, position.latitude]),
    new LngLatBounds(),
  );
  map.fitBounds(bounds.isEmpty() ? COUNTRY : bounds, { padding: 48, maxZoom: FARTHEST_ZOOM, animate: false });
}

/** The map itself; `MapView` loads it. */
export default function MapCanvas(props: MapViewProps) {
  const { label, places = [], areas = [], highlighted = [], focus, onPick } = props;
  const host = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibreMap>(undefined);
  /** How many places the map was given last: `data-drawn` tells from outside how many it has drawn, once it rests. */
  const shown = useRef(0);
  const [isReady, setIsReady] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  // What the map tells goes to whoever asks now.
  const current = useRef(props);
  current.current = props;

  useEffect(() => {
    if (host.current === null) return;
    let own: MapLibreMap;
    try {
      own = new MapLibreMap({
        container: host.current,
        style: mapStyle(themeNow()),
        bounds: COUNTRY,
        attributionControl: { compact: true, customAttribution: texts.map.attribution },
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        maxZoom: 18,
        cooperativeGestures: false,
      });
    } catch {
      setFault(texts.map.noWebGl);
      return;
    }
    map.current = own;
    own.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    own.addControl(new ScaleControl({ unit: 'imperial' }), 'bottom-left');
    own.touchZoomRotate.disableRotation();
    const canvas = own.getCanvas();
    canvas.setAttribute('aria-label', label);
    own.on('error', ({ error }) => setFault(error.message));
    // No state of the component, which would be rendered anew whenever the map moved.
    const holder = host.current;
    own.on('idle', () => holder.setAttribute('data-drawn', String(shown.current)));
    let isLoaded = false;
    /** Colours alone: what is drawn stays. */
    const paintAnew = (): void => {
      for (const { id, paint = {} } of mapStyle(themeNow()).layers) {
        for (const [name, value] of Object.entries(paint)) own.setPaintProperty(id, name as never, value as never);
      }
    };
    // Before the regions are there: what stands on them is read and placed meanwhile, and nothing is drawn for another view.
    own.once('style.load', () => {
      isLoaded = true;
      // It may have become dark since the map was begun.
      paintAnew();
      setIsReady(true);
    });
    const openAt = (event: MapMouseEvent): boolean => {
      const [cluster] = own.queryRenderedFeatures(event.point, { layers: ['clusters'] });
      if (cluster !== undefined) {
        own.easeTo({ center: event.lngLat, zoom: own.getZoom() + 2 });
        return true;
      }
      const [place] = own.queryRenderedFeatures(event.point, { layers: ['places'] });
      const id: unknown = place?.properties['id'];
      if (typeof id !== 'string' || current.current.onOpen === undefined) return false;
      current.current.onOpen(id);
      return true;
    };
    own.on('click', (event) => {
      if (openAt(event)) return;
      current.current.onPick?.({ latitude: event.lngLat.lat, longitude: event.lngLat.lng });
    });
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || current.current.onPick === undefined) return;
      event.preventDefault();
      const { lat, lng } = own.getCenter();
      current.current.onPick({ latitude: lat, longitude: lng });
    };
    canvas.addEventListener('keydown', onKey);
    const themes = new MutationObserver(() => {
      if (isLoaded) paintAnew();
    });
    themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    return () => {
      themes.disconnect();
      canvas.removeEventListener('keydown', onKey);
      own.remove();
      map.current = undefined;
      setIsReady(false);
    };
  }, [label]);

  const standing = JSON.stringify(places);
  useEffect(() => {
    if (!map.current || !isReady) return;
    const { places: given = [] } = current.current;
    showPlaces(map.current, given);
    shown.current = given.length;
  }, [standing, isReady]);
  const drawn = JSON.stringify(areas);
  useEffect(() => {
    if (map.current && isReady) showAreas(map.current, JSON.parse(drawn) as MapArea[]);
  }, [drawn, isReady]);
  const chosen = highlighted.join(' ');
  useEffect(() => {
    if (!map.current || !isReady) return;
    const left = new AbortController();
    showHighlighted(map.current, chosen === '' ? [] : chosen.split(' '), left.signal).catch((error: unknown) => {
      if (!left.signal.aborted) setFault(error instanceof Error ? error.message : String(error));
    });
    return () => left.abort();
  }, [chosen, isReady]);
  const [latitude, longitude] = [focus?.latitude, focus?.longitude];
  const whole = focus ? '' : standing;
  useEffect(() => {
    if (!map.current || !isReady) return;
    const at = latitude === undefined || longitude === undefined ? null : { latitude, longitude };
    look(map.current, whole === '' ? [] : (JSON.parse(whole) as MapPlace[]), at);
  }, [latitude, longitude, whole, isReady]);

  return (
    <>
      {fault !== null && <Alert type="warning">{fault}</Alert>}
      <div ref={host} className={onPick ? 'map-host picks' : 'map-host'} />
      {onPick && <div className="map-middle" aria-hidden="true" />}
    </>
  );
}
