import { encodeCivicAddress, encodeLinearRing } from '../pidf-lo/pidf-lo.ts';
import type { BoundaryPolygon, ServiceBoundary } from './lost-messages.ts';

const GML = 'xmlns:gml="http://www.opengis.net/gml"';
const SRS = 'srsName="urn:ogc:def:crs:EPSG::4326"';

/** `serviceBoundary` by value (RFC 5222 §5.5). Several polygons are one region and so one geometry. */
export function encodeServiceBoundary(boundary: ServiceBoundary): string {
  return `<serviceBoundary profile="${boundary.profile}">${encodeRegion(boundary)}</serviceBoundary>`;
}

function encodeRegion(boundary: ServiceBoundary): string {
  if (boundary.profile === 'civic') return encodeCivicAddress(boundary.civic);
  const { polygons } = boundary;
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
