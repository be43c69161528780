import proj4 from 'proj4';
import { ProblemError } from '../domain/problem.ts';
import type { GdalTools } from './gdal-tools.ts';
import type { Point } from './layer.ts';

/** How a layer's coordinates become degrees on WGS 84. */
export type CoordinateSystem = {
  name: string;
  notes: readonly string[];
  toWgs84(x: number, y: number): Point;
};

const WGS84_WKT =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]';

export const WGS84: CoordinateSystem = { name: 'WGS 84', notes: [], toWgs84: (x, y) => [x, y] };

const MOST_WKT = 20_000;

/** Datums within two metres of WGS 84, by the start of their names without spaces and underscores. */
const NEAR_WGS84 = /^(?:D)?(?:WGS(?:1984|84)|WorldGeodeticSystem1984)/i;
const NEAR_NAD83 =
  /^(?:D)?(?:N(?:orth)?A(?:merican)?D(?:atum)?(?:of)?(?:1983|83)|NorthAmerican1983|NAD83|NAD1983|NationalSpatialReferenceSystem2011)/i;
const NEAR_OTHER = /^(?:D)?(?:ITRF|IGS|GRS1980|GCS?GRS1980|GeodeticReferenceSystem1980|Canadian)/i;

const UTM_CENTRAL = (zone: number): number => zone * 6 - 183;

function utmWkt(code: number): string | undefined {
  const [base, south] = code >= 32701 && code <= 32760 ? [32700, true] : [32600, false];
  const isWgs = code > base && code <= base + 60;
  const isNad = code >= 26901 && code <= 26923;
  if (!isWgs && !isNad) return undefined;
  const zone = code - (isNad ? 26900 : base);
  const geographic = isNad
    ? 'GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    : WGS84_WKT;
  return (
    `PROJCS["${isNad ? 'NAD83' : 'WGS 84'} / UTM zone ${zone}${south ? 'S' : 'N'}",${geographic},` +
    `PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",${UTM_CENTRAL(zone)}],` +
    `PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",${south ? 10_000_000 : 0}],` +
    'UNIT["metre",1]]'
  );
}

const NAD83_WKT =
  'GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]';

const WEB_MERCATOR_WKT =
  `PROJCS["WGS 84 / Pseudo-Mercator",${WGS84_WKT},PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],` +
  'PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1],' +
  'EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"],' +
  'AUTHORITY["EPSG","3857"]]';

/** A system by its number: degrees, Web Mercator and UTM from here, every other through GDAL where it is installed. */
export function coordinateSystemOfCode(code: number, gdal: GdalTools): CoordinateSystem {
  if (code === 4326 || code === 4979) return WGS84;
  // Realizations of NAD83: 1986, CSRS, NSRS2007, 2011.
  if ([4269, 4617, 4759, 6318].includes(code)) return readCoordinateSystem(NAD83_WKT);
  if ([3857, 900913, 102100, 3785].includes(code)) return readCoordinateSystem(WEB_MERCATOR_WKT);
  const wkt = utmWkt(code) ?? gdal.describe(code);
  if (wkt !== undefined) return readCoordinateSystem(wkt);
  throw unknownSystem(
    `EPSG:${code}`,
    'name it in the file itself (a .prj beside a Shapefile, the table of a GeoPackage), install GDAL, or reproject to EPSG:4326',
  );
}

/** A system as its well-known text tells it, of version 1, 2 or ESRI's own. Axes are taken as easting, northing: files keep them so. */
export function readCoordinateSystem(wkt: string): CoordinateSystem {
  const text = withQuotes(wkt.trim());
  const name = /^\w+\s*[[(]\s*"([^"]{0,200})"/.exec(text)?.[1] ?? text.slice(0, 60);
  if (text.length > MOST_WKT) throw unknownSystem(name, 'its description is too long');
  if (/^(?:LOCAL_CS|ENGCRS|ENGINEERINGCRS)/i.test(text)) throw unknownSystem(name, 'it is a local one');
  const notes = datumNotes(text, name);
  let source: InstanceType<typeof proj4.Proj>;
  try {
    source = new proj4.Proj(text);
  } catch (cause) {
    throw unknownSystem(name, 'its projection is not known', cause);
  }
  const target = new proj4.Proj('WGS84');
  // Both are taken as one datum: the library's own shifts between them are coarser than what they mend.
  source.datum = target.datum;
  if (isDegrees(source, text)) return { name, notes, toWgs84: (x, y) => [x, y] };
  return {
    name,
    notes,
    toWgs84(x, y) {
      if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN];
      const point = proj4.transform(source, target, { x, y });
      return [point?.x ?? Number.NaN, point?.y ?? Number.NaN];
    },
  };
}

/** Some programs write `.prj` files without any quotation mark. */
function withQuotes(wkt: string): string {
  return wkt.includes('"') ? wkt : wkt.replaceAll(/([[(])\s*([A-Za-z_][^,"[\]()]*)/g, '$1"$2"');
}

/** Degrees east of Greenwich need no arithmetic, and none of its rounding. */
function isDegrees(source: InstanceType<typeof proj4.Proj>, wkt: string): boolean {
  const { projName, from_greenwich: fromGreenwich } = source as { projName?: string; from_greenwich?: number };
  return projName === 'longlat' && /UNIT\s*[[(]\s*"deg[a-z]*"/i.test(wkt) && !fromGreenwich;
}

function datumNotes(text: string, name: string): string[] {
  const datums = [...text.matchAll(/(?:DATUM|ENSEMBLE|GEODETICDATUM)\s*[[(]\s*"([^"]*)"/gi)].map(
    ([, found]) => found ?? '',
  );
  const [datum] = datums;
  if (datum === undefined) throw unknownSystem(name, 'it names no datum');
  const shown = datum.replace(/^D_/, '').replaceAll('_', ' ');
  const bare = datum.replaceAll(/[^A-Za-z0-9]/g, '');
  if (NEAR_WGS84.test(bare)) return [];
  if (NEAR_NAD83.test(bare)) return [`${shown} is taken as WGS 84: they differ by less than two metres`];
  if (NEAR_OTHER.test(bare)) return [`${shown} is taken as WGS 84`];
  throw unknownSystem(
    name,
    `its datum ${shown} is far from WGS 84 and no grid of shifts is at hand; reproject the layer to EPSG:4326`,
  );
}

function unknownSystem(name: string, why: string, cause?: unknown): ProblemError {
  return new ProblemError('invalid', `the coordinate system ${name} cannot be used: ${why}`, {
    fields: [{ path: 'crs', message: `${name}: ${why}` }],
    cause,
  });
}
