import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { coordinateSystemOfCode, readCoordinateSystem } from './coordinate-system.ts';
import { findGdalTools } from './gdal-tools.ts';

const NO_GDAL = findGdalTools('/nowhere');

/** Systems as PROJ 9 describes them, and where it says their coordinates are (datum shifts left out). */
const SYSTEMS: readonly [name: string, wkt: string, from: [number, number], to: [number, number]][] = [
  [
    'state plane feet as ESRI writes it',
    'PROJCS["NAD_1983_StatePlane_Texas_Central_FIPS_4203_Feet",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",2296583.333],PARAMETER["False_Northing",9842500.0],PARAMETER["Central_Meridian",-100.333333333333],PARAMETER["Standard_Parallel_1",31.8833333333333],PARAMETER["Standard_Parallel_2",30.1166666666667],PARAMETER["Latitude_Of_Origin",29.6666666666667],UNIT["US survey foot",0.304800609601219]]',
    [3191570.62409118, 10047874.7009263],
    [-97.5, 30.2],
  ],
  [
    'state plane feet, version 2',
    'PROJCRS["NAD83 / New Jersey (ftUS)",BASEGEOGCRS["NAD83",DATUM["North American Datum 1983",ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],CONVERSION["SPCS83 New Jersey zone (US Survey feet)",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",38.8333333333333,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",-74.5,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",0.9999,SCALEUNIT["unity",1]],PARAMETER["False easting",492125,LENGTHUNIT["US survey foot",0.304800609601219]],PARAMETER["False northing",0,LENGTHUNIT["US survey foot",0.304800609601219]]],CS[Cartesian,2],AXIS["easting (X)",east,ORDER[1],LENGTHUNIT["US survey foot",0.304800609601219]],AXIS["northing (Y)",north,ORDER[2],LENGTHUNIT["US survey foot",0.304800609601219]]]',
    [492125, 461340.47196325],
    [-74.5, 40.1],
  ],
  [
    'UTM on the Canadian NAD83',
    'PROJCS["NAD83(CSRS) / UTM zone 11N",GEOGCS["NAD83(CSRS)",DATUM["NAD83_Canadian_Spatial_Reference_System",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",-117],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]',
    [710488.85703745, 5654109.17860359],
    [-114, 51],
  ],
  [
    'the same, version 2',
    'PROJCRS["NAD83(CSRS) / UTM zone 11N",BASEGEOGCRS["NAD83(CSRS)",DATUM["NAD83 Canadian Spatial Reference System",ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],CONVERSION["UTM zone 11N",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",-117,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",0.9996,SCALEUNIT["unity",1]],PARAMETER["False easting",500000,LENGTHUNIT["metre",1]],PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]]]',
    [710488.85703745, 5654109.17860359],
    [-114, 51],
  ],
  [
    'Web Mercator',
    'PROJCS["WGS 84 / Pseudo-Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"]]',
    [-10853650.3523442, 3529283.97111381],
    [-97.5, 30.2],
  ],
  [
    'Web Mercator as ESRI writes it',
    'PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]',
    [-10853650.3523442, 3529283.97111381],
    [-97.5, 30.2],
  ],
  [
    'Albers, Alaska',
    'PROJCS["NAD83 / Alaska Albers",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Albers_Conic_Equal_Area"],PARAMETER["latitude_of_center",50],PARAMETER["longitude_of_center",-154],PARAMETER["standard_parallel_1",55],PARAMETER["standard_parallel_2",65],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]',
    [215490.151279211, 1230626.73532767],
    [-150, 61],
  ],
  [
    'Lambert, Statistics Canada',
    'PROJCS["NAD83 / Statistics Canada Lambert",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",63.390675],PARAMETER["central_meridian",-91.8666666666667],PARAMETER["standard_parallel_1",49],PARAMETER["standard_parallel_2",77],PARAMETER["false_easting",6200000],PARAMETER["false_northing",3000000],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]',
    [7247930.24868531, 973592.892725352],
    [-79, 44],
  ],
  [
    'degrees on NAD83(2011), latitude first in its description',
    'GEOGCRS["NAD83(2011)",DATUM["NAD83 (National Spatial Reference System 2011)",ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],CS[ellipsoidal,2],AXIS["geodetic latitude (Lat)",north,ORDER[1],ANGLEUNIT["degree",0.0174532925199433]],AXIS["geodetic longitude (Lon)",east,ORDER[2],ANGLEUNIT["degree",0.0174532925199433]]]',
    [-97, 31],
    [-97, 31],
  ],
];

/** A tenth of a millimetre. */
const NEAR = 1e-9;

for (const [name, wkt, [x, y], [longitude, latitude]] of SYSTEMS) {
  test(name, () => {
    const [foundX, foundY] = readCoordinateSystem(wkt).toWgs84(x, y);
    assert.ok(Math.abs(foundX - longitude) < NEAR && Math.abs(foundY - latitude) < NEAR, `${foundX}, ${foundY}`);
  });
}

test('codes: degrees, UTM, Web Mercator', () => {
  assert.deepEqual(coordinateSystemOfCode(4326, NO_GDAL).toWgs84(-98, 30), [-98, 30]);
  assert.match(coordinateSystemOfCode(4269, NO_GDAL).notes.join(), /taken as WGS 84/);
  const [x, y] = coordinateSystemOfCode(26912, NO_GDAL).toWgs84(474466.937353248, 4449998.79281779);
  assert.ok(Math.abs(x + 111.3) < NEAR && Math.abs(y - 40.2) < NEAR);
  const [mercatorX] = coordinateSystemOfCode(102100, NO_GDAL).toWgs84(-10853650.3523442, 0);
  assert.ok(Math.abs(mercatorX + 97.5) < NEAR);
});

test('a .prj without quotation marks', () => {
  const wkt =
    'GEOGCS[GCS_WGS_1984,DATUM[D_WGS_1984,SPHEROID[WGS_1984,6378137,298.257223563]],PRIMEM[Greenwich,0],UNIT[Degree,0.0174532925199433]]';
  assert.deepEqual(readCoordinateSystem(wkt).toWgs84(-98, 30), [-98, 30]);
});

test('what cannot be used is refused and says why', () => {
  const refused: [string, RegExp][] = [
    [
      'PROJCS["NAD27 / Texas South Central",GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866",6378206.4,294.978698213898]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",27.8333333333333],PARAMETER["central_meridian",-99],PARAMETER["standard_parallel_1",28.3833333333333],PARAMETER["standard_parallel_2",30.2833333333333],PARAMETER["false_easting",2000000],PARAMETER["false_northing",0],UNIT["US survey foot",0.304800609601219],AXIS["Easting",EAST],AXIS["Northing",NORTH]]',
      /datum North American Datum 1927 is far from WGS 84/,
    ],
    ['LOCAL_CS["Site grid",UNIT["metre",1]]', /Site grid cannot be used: it is a local one/],
    ['GEOGCS["Nothing"]', /names no datum/],
    ['', /names no datum/],
    [
      'PROJCS["Odd",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Nobody_Knows"],UNIT["metre",1]]',
      /its projection is not known/,
    ],
    [`GEOGCS["${'x'.repeat(30_000)}"]`, /too long/],
  ];
  for (const [wkt, why] of refused) {
    assert.throws(
      () => readCoordinateSystem(wkt).toWgs84(1, 1),
      (error: unknown) => error instanceof ProblemError && error.kind === 'invalid' && why.test(error.message),
      wkt.slice(0, 60),
    );
  }
});
