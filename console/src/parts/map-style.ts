import type { StyleSpecification } from 'maplibre-gl';
import { DEEPEST_ZOOM, REGION_TILES } from './region-tiles.ts';

export type MapTheme = 'light' | 'dark';

type Palette = {
  water: string;
  land: string;
  line: string;
  label: string;
  halo: string;
  chosen: string;
  area: string;
  pin: string;
  tones: Readonly<Record<'good' | 'warning' | 'bad' | 'neutral', string>>;
};

const PALETTES: Readonly<Record<MapTheme, Palette>> = {
  light: {
    water: '#e9eff5',
    land: '#ffffff',
    line: '#b6bec9',
    label: '#424650',
    halo: '#ffffff',
    chosen: '#006ce0',
    area: '#7300e5',
    pin: '#ffffff',
    tones: { good: '#00802f', warning: '#906806', bad: '#db0000', neutral: '#006ce0' },
  },
  dark: {
    water: '#0f141a',
    land: '#1b232d',
    line: '#424650',
    label: '#c6c6cd',
    halo: '#0f141a',
    chosen: '#42b4ff',
    area: '#bf80ff',
    pin: '#0f141a',
    tones: { good: '#2bb534', warning: '#fbd332', bad: '#ff7a7a', neutral: '#42b4ff' },
  },
};

const NOTHING = { type: 'FeatureCollection' as const, features: [] };
const FONT = ['Open Sans'];
/** Of counties, below which there are too many to name. */
const NAMES_FROM_ZOOM = 6.5;

/** Everything that a map shows, drawn from our own data with the browser's own fonts. */
export function mapStyle(theme: MapTheme): StyleSpecification {
  const colors = PALETTES[theme];
  return {
    version: 8,
    sources: {
      regions: { type: 'vector', tiles: [REGION_TILES], maxzoom: DEEPEST_ZOOM },
      chosen: { type: 'geojson', data: NOTHING, maxzoom: DEEPEST_ZOOM, tolerance: 0.2 },
      areas: { type: 'geojson', data: NOTHING, promoteId: 'id' },
      places: { type: 'geojson', data: NOTHING, cluster: true, clusterMaxZoom: 9, clusterRadius: 36 },
    },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': colors.water } },
      {
        id: 'land',
        type: 'fill',
        source: 'regions',
        'source-layer': 'land',
        // The lines below are drawn over the same edges.
        paint: { 'fill-antialias': false, 'fill-color': colors.land },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'regions',
        'source-layer': 'borders',
        paint: { 'line-color': colors.line, 'line-width': 0.9 },
      },
      {
        id: 'chosen',
        type: 'fill',
        source: 'chosen',
        paint: { 'fill-antialias': false, 'fill-color': colors.chosen, 'fill-opacity': 0.25 },
      },
      {
        id: 'chosen-lines',
        type: 'line',
        source: 'chosen',
        paint: { 'line-color': colors.chosen, 'line-width': 2 },
      },
      {
        id: 'areas',
        type: 'fill',
        source: 'areas',
        paint: { 'fill-color': colors.area, 'fill-opacity': ['case', ['get', 'isHighlighted'], 0.3, 0.12] },
      },
      {
        id: 'area-lines',
        type: 'line',
        source: 'areas',
        paint: { 'line-color': colors.area, 'line-width': ['case', ['get', 'isHighlighted'], 2.5, 1.2] },
      },
      {
        id: 'region-names',
        type: 'symbol',
        source: 'regions',
        'source-layer': 'names',
        minzoom: NAMES_FROM_ZOOM,
        layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-padding': 8 },
        paint: { 'text-color': colors.label, 'text-halo-color': colors.halo, 'text-halo-width': 1.5 },
      },
      {
        id: 'clusters',
        type: 'circle',
        source: 'places',
        filter: ['has', 'point_count'],
        paint: {
          'circle-color': colors.tones.neutral,
          'circle-radius': ['step', ['get', 'point_count'], 12, 25, 16, 250, 22],
          'circle-stroke-color': colors.pin,
          'circle-stroke-width': 2,
        },
      },
      {
        id: 'cluster-counts',
        type: 'symbol',
        source: 'places',
        filter: ['has', 'point_count'],
        layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 12 },
        paint: { 'text-color': colors.pin },
      },
      {
        id: 'places',
        type: 'circle',
        source: 'places',
        filter: ['!', ['has', 'point_count']],
        paint: {
          'circle-color': [
            'match',
            ['get', 'tone'],
            'good',
            colors.tones.good,
            'warning',
            colors.tones.warning,
            'bad',
            colors.tones.bad,
            colors.tones.neutral,
          ],
          'circle-radius': 7,
          'circle-stroke-color': colors.pin,
          'circle-stroke-width': 2,
        },
      },
      {
        id: 'place-names',
        type: 'symbol',
        source: 'places',
        filter: ['!', ['has', 'point_count']],
        layout: {
          'text-field': ['get', 'name'],
          'text-font': FONT,
          'text-size': 13,
          'text-anchor': 'left',
          'text-offset': [0.9, 0],
        },
        paint: { 'text-color': colors.label, 'text-halo-color': colors.halo, 'text-halo-width': 1.5 },
      },
    ],
  };
}
