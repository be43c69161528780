import { encodeCivicAddress, encodeLinearRing } from '../pidf-lo/pidf-lo.ts';
import { writeDateTimeSeconds } from '../xml/xml.ts';
import type { BoundaryPolygon, LostMapping, ServiceBoundary, ServiceListBoundary } from './lost-messages.ts';
import { SERVICE_LIST_BOUNDARY } from './namespaces.ts';

const GML = 'xmlns:gml="http://www.opengis.net/gml"';
const SRS = 'srsName="urn:ogc:def:crs:EPSG::4326"';

/** `serviceBoundary` by value (RFC 5222 §5.5). Several polygons are one region and so one geometry. */
export function encodeServiceBoundary(boundary: ServiceBoundary): string {
  return `<serviceBoundary profile="${boundary.profile}">${encodeRegion(boundary)}</serviceBoundary>`;
}

/** RFC 6197 §3.1; without a prefix the namespace is the default one already. */
export function encodeServiceListBoundary(boundary: ServiceListBoundary, prefix: string): string {
  const name = prefix === '' ? 'serviceListBoundary' : `${prefix}:serviceListBoundary`;
  const declared = prefix === '' ? '' : ` xmlns:${prefix}="${SERVICE_LIST_BOUNDARY}"`;
  const expires = encodeExpires(boundary.expires);
  return `<${name}${declared} profile="${boundary.profile}" expires="${expires}">${encodeRegion(boundary)}</${name}>`;
}

/** `expires` (RFC 5222 §5.2). */
export function encodeExpires(expires: LostMapping['expires']): string {
  return typeof expires === 'string' ? expires : writeDateTimeSeconds(expires);
}

/** What was written before: outlines never change, and those of provinces fill megabytes. */
const written = new WeakMap<readonly BoundaryPolygon[], string>();

function encodeRegion(boundary: ServiceBoundary): string {
  if (boundary.profile === 'civic') return encodeCivicAddress(boundary.civic);
  let xml = written.get(boundary.polygons);
  if (xml === undefined) {
    xml = encodePolygons(boundary.polygons);
    written.set(boundary.polygons, xml);
  }
  return xml;
}

function encodePolygons(polygons: readonly BoundaryPolygon[]): string {
  const [only] = polygons;
  if (only !== undefined && polygons.length === 1) {
    return `<gml:Polygon ${GML} ${SRS}>${encodeRings(only)}</gml:Polygon>`;
  }
  let xml = `<gml:MultiPolygon ${GML} ${SRS}>`;
  for (const polygon of polygons) {
    xml += `<gml:polygonMember><gml:Polygon>${encodeRings(polygon)}</gml:Polygon></gml:polygonMember>`;
  }
  return `${xml}</gml:MultiPolygon>`;
}

function encodeRings({ exterior, interiors }: BoundaryPolygon): string {
  let xml = `<gml:exterior>${encodeLinearRing(exterior)}</gml:exterior>`;
  for (const interior of interiors) xml += `<gml:interior>${encodeLinearRing(interior)}</gml:interior>`;
  return xml;
}
