import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { encodePng } from './encode-png.ts';
import type { MapScene, SceneOutline, ScenePoint, SceneStreet } from './map-scene.ts';
import { scaleLengths } from './scale-lengths.ts';
import { strokeText } from './stroke-glyphs.ts';

const COLORS = {
  land: '#f3f1ec',
  home: '#fbfaf7',
  region: '#9a8fb5',
  serviceArea: '#3d6fa5',
  street: '#ffffff',
  streetEdge: '#c4beb2',
  house: '#b7a99a',
  ink: '#2b2f36',
  plate: 'rgba(255,255,255,0.75)',
  halo: 'rgba(255,255,255,0.9)',
  site: '#1f5c99',
  pin: '#c2131f',
  uncertain: 'rgba(194,19,31,0.14)',
  uncertainEdge: 'rgba(194,19,31,0.75)',
} as const;

/** Edges need no more to look smooth: a mail with half the bytes is on its way sooner. */
const PNG_COLORS = { colors: 40, meant: Object.values(COLORS).filter((color) => color.startsWith('#')) };

const METERS_PER_DEGREE = 111_320;
const WANTED_FONTS = ['DejaVu Sans', 'Liberation Sans', 'Noto Sans', 'Arial', 'Helvetica'];
const MAX_STREET_LABELS = 24;
/** More numbers than these are not read. */
const MAX_HOUSE_LABELS = 60;

/** The font for labels; null on a machine without fonts, whose maps have none. */
function findFont(): string | null {
  const families = GlobalFonts.families.map(({ family }) => family);
  return WANTED_FONTS.find((wanted) => families.includes(wanted)) ?? families[0] ?? null;
}

type View = {
  width: number;
  height: number;
  x(longitude: number): number;
  y(latitude: number): number;
};

/** Flat around the place; good enough for what a picture shows. */
function viewOf(
  scene: Pick<MapScene, 'latitude' | 'longitude'>,
  size: { width: number; height: number; metersPerPixel: number },
): View {
  const perDegree = METERS_PER_DEGREE / size.metersPerPixel;
  const narrow = Math.max(0.01, Math.cos((scene.latitude * Math.PI) / 180));
  return {
    width: size.width,
    height: size.height,
    x(longitude) {
      let away = longitude - scene.longitude;
      if (away > 180) away -= 360;
      if (away < -180) away += 360;
      return size.width / 2 + away * narrow * perDegree;
    },
    y: (latitude) => size.height / 2 - (latitude - scene.latitude) * perDegree,
  };
}

/** Traces a line; points that fall on the same pixel as the one before are left out. */
function trace(context: SKRSContext2D, view: View, line: Float64Array, isClosed: boolean): void {
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  for (let i = 0; i + 1 < line.length; i += 2) {
    const x = view.x(line[i] as number);
    const y = view.y(line[i + 1] as number);
    if (i > 0 && i + 2 < line.length && Math.abs(x - lastX) < 0.5 && Math.abs(y - lastY) < 0.5) continue;
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  if (isClosed) context.closePath();
}

function traceOutline(context: SKRSContext2D, view: View, outline: SceneOutline): void {
  context.beginPath();
  for (const rings of outline.polygons) for (const ring of rings) trace(context, view, ring, true);
}

function drawOutlines(context: SKRSContext2D, view: View, outlines: readonly SceneOutline[]): void {
  context.fillStyle = COLORS.land;
  context.fillRect(0, 0, view.width, view.height);
  context.fillStyle = COLORS.home;
  for (const outline of outlines) {
    if (!outline.isHome || outline.kind !== 'region') continue;
    traceOutline(context, view, outline);
    context.fill('evenodd');
  }
  for (const kind of ['region', 'service-area'] as const) {
    context.strokeStyle = kind === 'region' ? COLORS.region : COLORS.serviceArea;
    context.setLineDash(kind === 'region' ? [6, 3] : []);
    for (const outline of outlines) {
      if (outline.kind !== kind) continue;
      context.lineWidth = outline.isHome ? 1.8 : 1;
      traceOutline(context, view, outline);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

function drawStreets(context: SKRSContext2D, view: View, streets: readonly SceneStreet[]): void {
  context.lineJoin = 'round';
  context.lineCap = 'round';
  // All edges first: crossings stay open.
  for (const [color, width] of [
    [COLORS.streetEdge, 7],
    [COLORS.street, 5],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    for (const { line } of streets) {
      context.beginPath();
      trace(context, view, line, false);
      context.stroke();
    }
  }
}

function drawHouses(context: SKRSContext2D, view: View, font: string | null, houses: readonly ScenePoint[]): void {
  context.fillStyle = COLORS.house;
  for (const { latitude, longitude } of houses) {
    context.fillRect(view.x(longitude) - 2.5, view.y(latitude) - 2.5, 5, 5);
  }
  if (font === null || houses.length > MAX_HOUSE_LABELS) return;
  for (const { latitude, longitude, name } of houses) {
    const [x, y] = [view.x(longitude), view.y(latitude)];
    // The pin stands above the middle.
    if (Math.abs(x - view.width / 2) < 20 && y > view.height / 2 - 40 && y < view.height / 2 + 12) continue;
    write(context, font, { text: name, x, y: y - 9, size: 9, color: '#7c7064' });
  }
}

type Label = { text: string; x: number; y: number; angle?: number; size: number; color: string; weight?: string };

function write(context: SKRSContext2D, font: string, label: Label): void {
  context.save();
  context.translate(label.x, label.y);
  context.rotate(label.angle ?? 0);
  context.font = `${label.weight ?? 'normal'} ${label.size}px "${font}"`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.strokeStyle = COLORS.halo;
  context.lineWidth = 3;
  context.strokeText(label.text, 0, 0);
  context.fillStyle = label.color;
  context.fillText(label.text, 0, 0);
  context.restore();
}

type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

/** The piece of a segment that lies within the picture, its rim left out; undefined: none. */
function clip([x0, y0, x1, y1]: Segment, view: View, rim: number): Segment | undefined {
  let [from, to] = [0, 1];
  for (const [start, way, low, high] of [
    [x0, x1 - x0, rim, view.width - rim],
    [y0, y1 - y0, rim, view.height - rim],
  ] as const) {
    if (way === 0) {
      if (start < low || start > high) return undefined;
      continue;
    }
    const [a, b] = [(low - start) / way, (high - start) / way];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  if (from >= to) return undefined;
  return [x0 + (x1 - x0) * from, y0 + (y1 - y0) * from, x0 + (x1 - x0) * to, y0 + (y1 - y0) * to];
}

/** One name for each street, along its longest piece within the picture, and none upon another or upon the pin. */
function labelStreets(context: SKRSContext2D, view: View, font: string, streets: readonly SceneStreet[]): void {
  const best = new Map<string, { x: number; y: number; angle: number; length: number }>();
  for (const { line, name } of streets) {
    if (name === '') continue;
    for (let i = 0; i + 3 < line.length; i += 2) {
      const whole: Segment = [
        view.x(line[i] as number),
        view.y(line[i + 1] as number),
        view.x(line[i + 2] as number),
        view.y(line[i + 3] as number),
      ];
      const seen = clip(whole, view, 12);
      if (seen === undefined) continue;
      const [x0, y0, x1, y1] = seen;
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      const length = Math.hypot(x1 - x0, y1 - y0);
      if (length <= (best.get(name)?.length ?? 0)) continue;
      let angle = Math.atan2(y1 - y0, x1 - x0);
      if (angle > Math.PI / 2) angle -= Math.PI;
      if (angle < -Math.PI / 2) angle += Math.PI;
      best.set(name, { x, y, angle, length });
    }
  }
  const taken: { x: number; y: number; reach: number }[] = [{ x: view.width / 2, y: view.height / 2, reach: 26 }];
  const longestFirst = [...best].sort(([, a], [, b]) => b.length - a.length).slice(0, MAX_STREET_LABELS);
  context.font = `normal 11px "${font}"`;
  for (const [name, place] of longestFirst) {
    const reach = context.measureText(name).width / 2;
    if (taken.some(({ x, y, reach: other }) => Math.hypot(place.x - x, place.y - y) < reach + other * 0.6)) continue;
    taken.push({ x: place.x, y: place.y, reach });
    write(context, font, { text: name, x: place.x, y: place.y, angle: place.angle, size: 11, color: COLORS.ink });
  }
}

/** Whether a label there would cover scale or north. */
function isUponMark(view: View, x: number, y: number): boolean {
  return (x < 190 && y > view.height - 48) || (x > view.width - 80 && y < 60);
}

function labelRegions(context: SKRSContext2D, view: View, font: string, outlines: readonly SceneOutline[]): void {
  for (const { isHome, kind, name, polygons } of outlines) {
    if (kind !== 'region') continue;
    let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const ring of polygons.flatMap(([outer]) => (outer === undefined ? [] : [outer]))) {
      for (let i = 0; i + 1 < ring.length; i += 2) {
        const x = Math.min(view.width, Math.max(0, view.x(ring[i] as number)));
        const y = Math.min(view.height, Math.max(0, view.y(ring[i + 1] as number)));
        west = Math.min(west, x);
        east = Math.max(east, x);
        north = Math.min(north, y);
        south = Math.max(south, y);
      }
    }
    context.font = `normal 11px "${font}"`;
    if (context.measureText(name).width > east - west || south - north < 24) continue;
    const y = (north + south) / 2;
    const isUnderPin = Math.abs(y - view.height / 2) < 40 && Math.abs((west + east) / 2 - view.width / 2) < 90;
    if (isUponMark(view, (west + east) / 2, y)) continue;
    write(context, font, {
      text: name,
      x: (west + east) / 2,
      y: isUnderPin ? Math.min(view.height - 40, view.height / 2 + 34) : y,
      size: isHome ? 13 : 11,
      weight: isHome ? 'bold' : 'normal',
      color: isHome ? COLORS.ink : '#6d6780',
    });
  }
}

function drawSites(context: SKRSContext2D, view: View, font: string | null, sites: readonly ScenePoint[]): void {
  for (const { latitude, longitude, name } of sites) {
    const [x, y] = [view.x(longitude), view.y(latitude)];
    context.fillStyle = COLORS.site;
    context.strokeStyle = '#ffffff';
    context.lineWidth = 1.5;
    context.fillRect(x - 5, y - 5, 10, 10);
    context.strokeRect(x - 5, y - 5, 10, 10);
    if (font !== null) write(context, font, { text: name, x, y: y + 14, size: 11, color: COLORS.site, weight: 'bold' });
  }
}

function drawUncertainty(context: SKRSContext2D, view: View, radius: number): void {
  if (radius < 6) return;
  context.beginPath();
  context.arc(view.width / 2, view.height / 2, radius, 0, 2 * Math.PI);
  context.fillStyle = COLORS.uncertain;
  context.fill();
  context.strokeStyle = COLORS.uncertainEdge;
  context.lineWidth = 1.5;
  context.stroke();
}

/** A pin whose tip is the place. */
function drawPin(context: SKRSContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x - 4, y - 10, x - 12, y - 15, x - 12, y - 23);
  context.arc(x, y - 23, 12, Math.PI, 0);
  context.bezierCurveTo(x + 12, y - 15, x + 4, y - 10, x, y);
  context.closePath();
  context.fillStyle = COLORS.pin;
  context.fill();
  context.strokeStyle = '#ffffff';
  context.lineWidth = 2;
  context.stroke();
  context.beginPath();
  context.arc(x, y - 23, 4.5, 0, 2 * Math.PI);
  context.fillStyle = '#ffffff';
  context.fill();
}

function strokeLines(context: SKRSContext2D, lines: readonly (readonly number[])[], x: number, y: number): void {
  context.beginPath();
  for (const line of lines) {
    for (let i = 0; i + 1 < line.length; i += 2) {
      const [atX, atY] = [x + (line[i] as number), y + (line[i + 1] as number)];
      if (i === 0) context.moveTo(atX, atY);
      else context.lineTo(atX, atY);
    }
  }
  context.stroke();
}

/** Marks upon whatever is below, with a light edge around them. */
function strokeMark(context: SKRSContext2D, lines: readonly (readonly number[])[], x: number, y: number): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = COLORS.halo;
  context.lineWidth = 4;
  strokeLines(context, lines, x, y);
  context.strokeStyle = COLORS.ink;
  context.lineWidth = 1.5;
  strokeLines(context, lines, x, y);
}

function drawScale(context: SKRSContext2D, view: View, metersPerPixel: number): void {
  const { customary, metric } = scaleLengths(110 * metersPerPixel);
  const [left, middle] = [14, view.height - 22];
  const metricEnd = metric.meters / metersPerPixel;
  const customaryEnd = customary.meters / metersPerPixel;
  context.fillStyle = COLORS.plate;
  context.fillRect(left - 6, middle - 17, Math.max(metricEnd, customaryEnd, 60) + 12, 34);
  const bar = [
    [0, 0, Math.max(metricEnd, customaryEnd), 0],
    [0, -6, 0, 6],
    [metricEnd, -6, metricEnd, 0],
    [customaryEnd, 0, customaryEnd, 6],
  ];
  strokeMark(context, bar, left, middle);
  strokeMark(context, strokeText(metric.text, 8).lines, left + 5, middle - 12);
  strokeMark(context, strokeText(customary.text, 8).lines, left + 5, middle + 5);
}

function drawNorth(context: SKRSContext2D, view: View): void {
  const [x, y] = [view.width - 24, 40];
  strokeMark(
    context,
    [
      [0, -8, 0, -26],
      [-5, -18, 0, -26, 5, -18],
    ],
    x,
    y,
  );
  const { lines, widthPixels } = strokeText('N', 9);
  strokeMark(context, lines, x - widthPixels / 2, y - 3);
}

/** The whole region in a corner, with a dot where the map is. */
function drawInset(context: SKRSContext2D, scene: MapScene, metersPerPixel: number): void {
  const size = { width: 116, height: 92, metersPerPixel };
  context.save();
  context.translate(scene.widthPixels - size.width - 10, scene.heightPixels - size.height - 10);
  context.beginPath();
  context.rect(0, 0, size.width, size.height);
  context.clip();
  const view = viewOf(scene, size);
  drawOutlines(context, view, scene.outlines);
  context.beginPath();
  context.arc(size.width / 2, size.height / 2, 4, 0, 2 * Math.PI);
  context.fillStyle = COLORS.pin;
  context.fill();
  context.strokeStyle = '#ffffff';
  context.lineWidth = 1.5;
  context.stroke();
  context.strokeStyle = '#8c959f';
  context.lineWidth = 2;
  context.strokeRect(0, 0, size.width, size.height);
  context.restore();
}

function drawAt(scene: MapScene, density: number, font: string | null): Canvas {
  const { heightPixels, metersPerPixel, widthPixels } = scene;
  const canvas = createCanvas(Math.round(widthPixels * density), Math.round(heightPixels * density));
  const context = canvas.getContext('2d');
  context.scale(density, density);
  const view = viewOf(scene, { width: widthPixels, height: heightPixels, metersPerPixel });
  drawOutlines(context, view, scene.outlines);
  drawStreets(context, view, scene.streets);
  drawHouses(context, view, font, scene.houses);
  drawUncertainty(context, view, (scene.uncertaintyMeters ?? 0) / metersPerPixel);
  if (font !== null) {
    if (scene.inset === null) labelRegions(context, view, font, scene.outlines);
    labelStreets(context, view, font, scene.streets);
  }
  drawSites(context, view, font, scene.sites);
  drawPin(context, widthPixels / 2, heightPixels / 2);
  if (scene.inset !== null) drawInset(context, scene, scene.inset.metersPerPixel);
  drawScale(context, view, metersPerPixel);
  drawNorth(context, view);
  return canvas;
}

/** Draws a map as PNG, of at most `scene.maxBytes` where less density brings it there. */
export function drawMap(scene: MapScene, font = findFont()): Uint8Array {
  let png: Uint8Array | undefined;
  for (const density of [scene.density, 1.5, 1]) {
    if (density > scene.density || (png !== undefined && png.byteLength <= scene.maxBytes)) continue;
    const canvas = drawAt(scene, density, font);
    const { data, height, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    png = encodePng(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height, PNG_COLORS);
  }
  if (png === undefined) throw new Error('a map has no density');
  return png;
}
