import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import { canonicalServiceUrn } from '../domain/service-urn.ts';
import { isPosition, type Position, type Shape, shapeCenter } from '../domain/shape.ts';
import type { GeocodedAddress, Geocoder } from './geocoder.ts';
import type { CivicMatch } from './locate-civic.ts';
import type { RouteQuality } from './route.ts';
import { type BoundaryLayer, layersFor, type RoutingSnapshot, type ServedBoundary } from './routing-snapshot.ts';
import { samplePositions } from './sample-shape.ts';
import { shapeOutline, shapeReachMeters } from './shape-outline.ts';

/** A place outside every boundary is served by the nearest one within this distance, if it lies in the same country. */
export const NEAREST_LIMIT_METERS = 50_000;

/** About the coarseness of the built-in data: nearer than this to a neighbour, a point may belong to the neighbour. */
export const ON_EDGE_METERS = 350;

/** On land, no farther from an imported boundary than this is a point taken for one of it that lies in a gap. */
const GAP_LIMIT_METERS = 2_000;

/** When the country's outline and a boundary disagree, the boundary of the right country must be at least this near. */
const COUNTRY_MISMATCH_METERS = 2_000;

/** Wider shapes are cut before they are measured. */
const MEASURED_REACH_METERS = 200_000;

export type ServiceQuery = {
  /** Service URN in any case. */
  service: string;
  /** One location in one form. */
  location: { shape: Shape } | { civic: CivicAddress };
};

/** Which elements of a civic address were understood (RFC 5222 §8.4.2). */
export type CivicValidation = { valid: CivicElement[]; invalid: CivicElement[]; unchecked: CivicElement[] };

/** A boundary found, before anything is measured that only an explanation needs. */
export type ServiceMatch = {
  found: true;
  /** Canonical form of the service that was asked for: the answer is for that same service. */
  service: string;
  layer: BoundaryLayer;
  boundary: number;
  served: ServedBoundary;
  /** `inside` until explained: `on-edge` needs distances to neighbours. */
  quality: RouteQuality;
  rule: string;
  /** Other boundaries of `layer` that were possible, best first. */
  runnersUp: readonly number[];
  warnings: readonly string[];
};

export type NoService = {
  found: false;
  /** `service-not-provided`: we are the authority here, and nobody provides the service. */
  problem: 'service-not-implemented' | 'service-not-provided' | 'location-invalid' | 'not-found';
  detail: string;
};

/** A place in a layer. */
type Placement = Pick<ServiceMatch, 'boundary' | 'quality' | 'rule' | 'runnersUp' | 'warnings'>;

const NO_NUMBERS: readonly number[] = [];
const NO_WARNINGS: readonly string[] = [];

/**
 * The boundary that serves a location (RFC 5222 §8), from memory alone. Imported boundaries answer before built-in ones.
 * Where imported ones overlap, the smaller wins for a point and the greatest overlap for a shape, then the lower sourceId.
 * An address that address data place precisely is served by the imported boundary around that place; its county decides else.
 */
export function findService(
  snapshot: RoutingSnapshot,
  query: ServiceQuery,
  geocode?: Geocoder,
): ServiceMatch | NoService {
  const { location, service } = query;
  const layers = layersFor(snapshot, service);
  if (layers.length === 0) {
    return { found: false, problem: 'service-not-implemented', detail: `no boundaries for ${service.slice(0, 80)}` };
  }
  const civic = 'civic' in location ? snapshot.locateCivic(location.civic) : undefined;
  const shape = 'shape' in location ? usableShape(location.shape) : undefined;
  if (shape === null) {
    return { found: false, problem: 'location-invalid', detail: 'the location has coordinates or sizes out of range' };
  }
  const isAnyImported = layers.some(({ kind }) => kind === 'imported');
  const place = 'civic' in location && isAnyImported ? geocode?.(location.civic) : undefined;
  let beside: ServiceMatch | undefined;
  for (const layer of layers) {
    if (beside && layer.kind === 'default') break;
    const atPlace = place && layer.kind === 'imported' ? placeAddress(snapshot, layer, place) : null;
    const placement =
      atPlace ?? (shape ? placeShape(snapshot, layer, shape) : civic ? placeCivic(snapshot, layer, civic) : null);
    const served = placement && layer.served[placement.boundary];
    if (!served) continue;
    const isBeside = layer.kind === 'imported' && placement.quality === 'nearest';
    if (layer.notProvided.has(placement.boundary)) {
      if (isBeside) continue;
      return { found: false, problem: 'service-not-provided', detail: 'nobody provides this service here' };
    }
    const { boundary, quality, rule, runnersUp, warnings } = placement;
    // What is asked for most is a layer's own service, spelled as it is.
    const canonical = service === layer.service ? service : canonicalServiceUrn(service);
    const match = {
      found: true,
      service: canonical,
      layer,
      boundary,
      served,
      quality,
      rule,
      runnersUp,
      warnings,
    } as const;
    // An imported boundary of a parent service that holds the place knows better than one that is only near.
    if (!isBeside) return match;
    beside ??= match;
  }
  return beside ?? { found: false, problem: 'not-found', detail: 'no boundary serves this location' };
}

/** Which elements of an address the lookup recognised; streets are not checked here. */
export function validateCivic(snapshot: RoutingSnapshot, civic: CivicAddress): CivicValidation {
  const match = snapshot.locateCivic(civic);
  const validation: CivicValidation = { valid: [], invalid: [], unchecked: [] };
  for (const element of Object.keys(civic) as CivicElement[]) {
    if (match?.used.some((used) => used === element)) validation.valid.push(element);
    else if (match?.wrong.some((wrong) => wrong === element)) validation.invalid.push(element);
    else if (!match && (element === 'country' || element === 'A1')) validation.invalid.push(element);
    else validation.unchecked.push(element);
  }
  return validation;
}

/** The shape with its numbers checked; null when something is not a number or out of range. */
function usableShape(shape: Shape): Shape | null {
  if (shape.type === 'point') return isPosition(shape.position) ? shape : null;
  const positions = shape.type === 'polygon' ? shape.exterior : [shapeCenter(shape)];
  if (positions.length === 0 || !positions.every(isPosition)) return null;
  const sizes =
    shape.type === 'circle'
      ? [shape.radiusMeters]
      : shape.type === 'ellipse'
        ? [shape.semiMajorMeters, shape.semiMinorMeters]
        : shape.type === 'arc-band'
          ? [shape.innerRadiusMeters, shape.outerRadiusMeters, shape.openingAngleDegrees]
          : [];
  return sizes.every((size) => Number.isFinite(size) && size >= 0) ? shape : null;
}

/** An address where the address data have it, with what they can be wrong by; null where no boundary is around it. */
function placeAddress(
  snapshot: RoutingSnapshot,
  layer: BoundaryLayer,
  { position, precision, uncertaintyMeters }: GeocodedAddress,
): Placement | null {
  const around: Shape =
    precision === 'point'
      ? { type: 'point', position }
      : { type: 'circle', center: position, radiusMeters: uncertaintyMeters };
  const placement = isPosition(position) ? placeShape(snapshot, layer, around) : null;
  if (placement === null || placement.quality === 'nearest') return null;
  return { ...placement, rule: `${placement.rule}, as the address data place the address (${precision})` };
}

function placeShape(snapshot: RoutingSnapshot, layer: BoundaryLayer, shape: Shape): Placement | null {
  const center = shapeCenter(shape);
  const atCenter = placePoint(snapshot, layer, center);
  if (shape.type === 'point') return atCenter;
  const reach = shapeReachMeters(shape);
  // The common case, a small circle well inside one boundary, needs no areas. Only where boundaries cannot overlap.
  if (
    layer.kind === 'default' &&
    atCenter?.quality === 'inside' &&
    Number.isFinite(reach) &&
    layer.index.distanceToEdge(atCenter.boundary, center.latitude, center.longitude, reach) > reach
  ) {
    return atCenter;
  }
  const outline = shapeOutline(shape);
  if (!outline) {
    if (reach === 0) return atCenter;
    return atCenter?.quality === 'inside' ? byCenter(atCenter) : (atCenter ?? placeBySamples(snapshot, layer, shape));
  }
  const overlaps = layer.index.overlapping(outline);
  const best = overlaps[0];
  // An outline may be narrower than its shape (RFC 5222 §12.2: an answer is due wherever the shape meets our coverage).
  if (!best) return atCenter ?? (reach > MEASURED_REACH_METERS ? placeBySamples(snapshot, layer, shape) : null);
  // Equal areas differ in the last bits of their sums: then the boundary that holds the centre wins, then the lower number.
  const level = overlaps.filter(({ areaSquareMeters }) => areaSquareMeters >= best.areaSquareMeters * (1 - 1e-9));
  const chosen =
    level.find(({ boundary }) => boundary === atCenter?.boundary) ??
    level.reduce((lowest, one) => (one.boundary < lowest.boundary ? one : lowest));
  const others = overlaps.filter(({ boundary }) => boundary !== chosen.boundary).map(({ boundary }) => boundary);
  return {
    boundary: chosen.boundary,
    quality: others.length > 0 ? 'greatest-overlap' : 'inside',
    rule:
      others.length > 0 ? 'the shape spans several boundaries; greatest overlap' : 'the shape meets one boundary only',
    runnersUp: others.slice(0, 4),
    warnings: NO_WARNINGS,
  };
}

/** For shapes too wide to be measured whose centre leads nowhere: what most points all over them lie in. */
function placeBySamples(snapshot: RoutingSnapshot, layer: BoundaryLayer, shape: Shape): Placement | null {
  const hits = new Map<number, number>();
  for (const position of samplePositions(shape)) {
    const placement = isPosition(position) ? placePoint(snapshot, layer, position) : null;
    if (placement?.quality === 'inside') hits.set(placement.boundary, (hits.get(placement.boundary) ?? 0) + 1);
  }
  const ranked = [...hits].sort(([a, many], [b, more]) => more - many || a - b).map(([boundary]) => boundary);
  const [boundary, ...others] = ranked;
  if (boundary === undefined) return null;
  return {
    boundary,
    quality: 'center',
    rule: 'the shape is too wide to be measured; of points all over it most lie in the boundary',
    runnersUp: others.slice(0, 4),
    warnings: NO_WARNINGS,
  };
}

function byCenter(placement: Placement): Placement {
  return { ...placement, quality: 'center', rule: 'the shape cannot be measured; its centre lies in the boundary' };
}

function placePoint(snapshot: RoutingSnapshot, layer: BoundaryLayer, position: Position): Placement | null {
  const { latitude, longitude } = position;
  if (layer.kind === 'default') return placePointInDefaults(snapshot, latitude, longitude);
  return (
    inside(layer.index.first(latitude, longitude), 'the point lies in an imported boundary') ??
    placePointBeside(snapshot, layer, position)
  );
}

/**
 * A point beside imported boundaries: a pier, an island that is not drawn, a gap between two files. Where it belongs to a county
 * that the layer serves, or lies off its shore, the nearest boundary that serves that county answers.
 */
function placePointBeside(
  snapshot: RoutingSnapshot,
  layer: BoundaryLayer,
  { latitude, longitude }: Position,
): Placement | null {
  const byDefault = placePointInDefaults(snapshot, latitude, longitude);
  if (!byDefault) return null;
  const limitMeters = byDefault.quality === 'nearest' ? NEAREST_LIMIT_METERS : GAP_LIMIT_METERS;
  const near = layer.index.within(latitude, longitude, limitMeters);
  if (near.length === 0) return null;
  const serving = new Set(sharesOf(snapshot, layer, byDefault.boundary));
  const [best, ...others] = near.filter(({ boundary }) => serving.has(boundary));
  if (!best) return null;
  return {
    boundary: best.boundary,
    quality: 'nearest',
    rule: `the point lies in no imported boundary; the nearest is ${Math.round(best.distanceMeters)} m away`,
    runnersUp: others.slice(0, 4).map(({ boundary }) => boundary),
    warnings: NO_WARNINGS,
  };
}

function inside(boundary: number, rule: string): Placement | null {
  return boundary < 0 ? null : { boundary, quality: 'inside', rule, runnersUp: NO_NUMBERS, warnings: NO_WARNINGS };
}

/**
 * Counties and provinces come from different sources that overlap or leave gaps along the border by some hundred metres; a
 * finer outline of both countries says which of the two to ask.
 */
function placePointInDefaults(snapshot: RoutingSnapshot, latitude: number, longitude: number): Placement | null {
  const { countries, firstProvince, index } = snapshot.defaults;
  const country = countries.first(latitude, longitude);
  if (country < 0) {
    // Abroad or far out at sea. A boundary drawn too wide still counts; nearness across a foreign border does not.
    return inside(index.first(latitude, longitude), 'the point lies in a built-in boundary');
  }
  const from = country === 0 ? 0 : firstProvince;
  const to = country === 0 ? firstProvince : index.size;
  const own = inside(index.first(latitude, longitude, from, to), 'the point lies in a built-in boundary');
  if (own) return own;
  const foreign = index.first(latitude, longitude);
  const near = nearest(index.within(latitude, longitude, NEAREST_LIMIT_METERS), from, to);
  if (foreign >= 0 && !(near && near.distanceMeters <= COUNTRY_MISMATCH_METERS)) {
    return inside(foreign, 'the point lies in a built-in boundary');
  }
  if (!near) return null;
  return {
    boundary: near.boundary,
    quality: 'nearest',
    rule: `the point lies in no boundary; the nearest is ${Math.round(near.distanceMeters)} m away`,
    runnersUp: foreign >= 0 ? [foreign, ...near.others] : near.others,
    warnings: NO_WARNINGS,
  };
}

function nearest(list: readonly { boundary: number; distanceMeters: number }[], from: number, to: number) {
  const own = list.filter(({ boundary }) => boundary >= from && boundary < to);
  const best = own[0];
  return best && { ...best, others: own.slice(1, 4).map(({ boundary }) => boundary) };
}

function placeCivic(snapshot: RoutingSnapshot, layer: BoundaryLayer, civic: CivicMatch): Placement | null {
  const [boundary, ...runnersUp] = civic.boundaries;
  if (boundary === undefined) return null;
  if (layer.kind === 'default')
    return { boundary, quality: civic.quality, rule: civic.rule, runnersUp, warnings: civic.warnings };
  const shares = sharesOf(snapshot, layer, boundary);
  const best = shares[0];
  if (best === undefined) return null;
  const name = snapshot.defaults.boundaries[boundary]?.name ?? '';
  return {
    boundary: best,
    quality: civic.quality,
    rule: `${civic.rule}; the imported boundary covers most of ${name}`,
    runnersUp: shares.slice(1, 5),
    warnings:
      shares.length > 1 ? [...civic.warnings, `several imported boundaries serve parts of ${name}`] : civic.warnings,
  };
}

/** Smaller shares of a county are the drawing errors of two sources, not service. */
const LEAST_SHARE = 0.01;

/** Points all over a county by which shares are told: half a millisecond, however finely boundaries are drawn. */
const SHARE_SAMPLES = 1_000;

const shareCache = new WeakMap<BoundaryLayer, Map<number, readonly number[]>>();

/** Imported boundaries that cover a built-in one, greatest share first; computed once for each layer and county. */
function sharesOf(snapshot: RoutingSnapshot, layer: BoundaryLayer, boundary: number): readonly number[] {
  let cache = shareCache.get(layer);
  if (!cache) shareCache.set(layer, (cache = new Map()));
  let shares = cache.get(boundary);
  if (!shares) {
    const positions = snapshot.defaults.index.spread(boundary, SHARE_SAMPLES);
    const hits = new Map<number, number>();
    for (const { latitude, longitude } of positions) {
      for (const number of layer.index.all(latitude, longitude)) hits.set(number, (hits.get(number) ?? 0) + 1);
    }
    shares = [...hits]
      .filter(([, count]) => count >= positions.length * LEAST_SHARE)
      .sort(([a, many], [b, more]) => more - many || a - b)
      .map(([number]) => number);
    cache.set(boundary, shares);
  }
  return shares;
}
