import './map.css';
import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { lazy, Suspense } from 'react';
import { texts } from '../texts/texts.ts';
import { FailureBoundary } from './failure-boundary.tsx';
import { fetchOverview } from './region-tiles.ts';

export type MapPosition = { latitude: number; longitude: number };

/** Something that stands on the map, with its name beside it. */
export type MapPlace = {
  id: string;
  name: string;
  position: MapPosition;
  tone?: 'good' | 'warning' | 'bad' | 'neutral';
};

/** An area that is drawn over the regions: rings of `[longitude, latitude]`, as GeoJSON has them. */
export type MapArea = { id: string; name: string; polygons: number[][][][]; isHighlighted?: boolean };

export type MapViewProps = {
  /** What screen readers call it. */
  label: string;
  heightPixels: number;
  /** It is what the page is about: on a high screen it is higher. */
  isTall?: boolean;
  places?: readonly MapPlace[];
  areas?: readonly MapArea[];
  /** Ids of built-in regions (`us-county-48453`) that stand out. */
  highlighted?: readonly string[];
  /** Where to look; null or undefined: at all places, else at the country. */
  focus?: MapPosition | null;
  /** A click, or Enter for the middle of the map. */
  onPick?: (position: MapPosition) => void;
  /** A place was clicked. */
  onOpen?: (id: string) => void;
};

const MapCanvas = lazy(() => {
  fetchOverview();
  return import('./map-canvas.tsx');
});

/** A map of the built-in regions with what stands on them. It is loaded when it is shown first, and asks no other host for anything. */
export function MapView(props: MapViewProps) {
  return (
    <div className={props.isTall === true ? 'map map-tall' : 'map'} style={{ height: props.heightPixels }}>
      <FailureBoundary>
        <Suspense
          fallback={
            <Box textAlign="center" padding="xl">
              <Spinner /> {texts.map.loading}
            </Box>
          }
        >
          <MapCanvas {...props} />
        </Suspense>
      </FailureBoundary>
    </div>
  );
}
