import type { Point, Position, Shape } from '../../domain/shape.ts';
import { writeNumber } from '../xml/xml.ts';
import { GML, SHAPES } from './namespaces.ts';

const SRS = 'srsName="urn:ogc:def:crs:EPSG::4326"';
const SRS_IN_SPACE = 'srsName="urn:ogc:def:crs:EPSG::4979"';
const METERS = 'uom="urn:ogc:def:uom:EPSG::9001"';
const DEGREES = 'uom="urn:ogc:def:uom:EPSG::9102"';
const IN_SHAPES = `xmlns:gs="${SHAPES}" xmlns:gml="${GML}" ${SRS}`;

/** A shape as RFC 5491 §5.2 writes it: EPSG 4326, with an altitude EPSG 4979, metres, degrees, rings closed; namespaces declared on itself. */
export function encodeShape(shape: Shape): string {
  switch (shape.type) {
    case 'point':
      return encodePoint(shape);
    case 'circle':
      return (
        `<gs:Circle ${IN_SHAPES}>${encodePosition(shape.center)}` +
        `${measure('radius', METERS, shape.radiusMeters)}</gs:Circle>`
      );
    case 'ellipse':
      return (
        `<gs:Ellipse ${IN_SHAPES}>${encodePosition(shape.center)}` +
        measure('semiMajorAxis', METERS, shape.semiMajorMeters) +
        measure('semiMinorAxis', METERS, shape.semiMinorMeters) +
        `${measure('orientation', DEGREES, shape.orientationDegrees)}</gs:Ellipse>`
      );
    case 'arc-band':
      return (
        `<gs:ArcBand ${IN_SHAPES}>${encodePosition(shape.center)}` +
        measure('innerRadius', METERS, shape.innerRadiusMeters) +
        measure('outerRadius', METERS, shape.outerRadiusMeters) +
        measure('startAngle', DEGREES, shape.startAngleDegrees) +
        `${measure('openingAngle', DEGREES, shape.openingAngleDegrees)}</gs:ArcBand>`
      );
    case 'polygon':
    default:
      return (
        `<gml:Polygon xmlns:gml="${GML}" ${SRS}>` +
        `<gml:exterior>${encodeLinearRing(shape.exterior)}</gml:exterior></gml:Polygon>`
      );
  }
}

function encodePoint({ position, altitudeMeters }: Point): string {
  if (altitudeMeters === undefined) {
    return `<gml:Point xmlns:gml="${GML}" ${SRS}>${encodePosition(position)}</gml:Point>`;
  }
  const { latitude, longitude } = position;
  return (
    `<gml:Point xmlns:gml="${GML}" ${SRS_IN_SPACE}>` +
    `<gml:pos>${writeNumber(latitude)} ${writeNumber(longitude)} ${writeNumber(altitudeMeters)}</gml:pos></gml:Point>`
  );
}

/** `gml:LinearRing`, closed, for inside an element that declares the prefix `gml`. */
export function encodeLinearRing(ring: readonly Position[]): string {
  let xml = '<gml:LinearRing>';
  for (const position of ring) xml += encodePosition(position);
  const [first] = ring;
  return `${xml}${first === undefined ? '' : encodePosition(first)}</gml:LinearRing>`;
}

function encodePosition({ latitude, longitude }: Position): string {
  return `<gml:pos>${writeNumber(latitude)} ${writeNumber(longitude)}</gml:pos>`;
}

function measure(name: string, unit: string, value: number): string {
  return `<gs:${name} ${unit}>${writeNumber(value)}</gs:${name}>`;
}
