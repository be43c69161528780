import type { Position } from '../../domain/shape.ts';
import {
  civicAddressReader,
  isCivicAddressElement,
  isShapeElement,
  type Notes,
  ringReader,
  shapeReader,
} from '../pidf-lo/pidf-lo.ts';
import type { ElementReader, XmlElement } from '../xml/xml.ts';
import type { BoundaryPolygon, ServiceBoundary } from './lost-messages.ts';

/**
 * Reads `serviceBoundary` (RFC 5222 §5.5): a civic address, or all polygons in it, in whatever collection they come.
 * Other shapes and rings that are none leave a note; the boundary of an answer is a help, not a condition.
 */
export function serviceBoundaryReader(notes: Notes, done: (boundary: ServiceBoundary) => void): ElementReader {
  const polygons: BoundaryPolygon[] = [];
  const child = (element: XmlElement): ElementReader | undefined => {
    if (element.local === 'Polygon') return polygonReader(element, notes, (polygon) => polygons.push(polygon));
    if (isCivicAddressElement(element)) {
      return civicAddressReader(notes, (civic) => done({ profile: 'civic', civic }));
    }
    if (isShapeElement(element)) {
      notes.add(`serviceBoundary: ${element.local} passed over`);
      return shapeReader(element, notes, () => undefined);
    }
    return { child };
  };
  return {
    child,
    end: () => {
      if (polygons.length > 0) done({ profile: 'geodetic-2d', polygons });
    },
  };
}

function polygonReader(polygon: XmlElement, notes: Notes, done: (polygon: BoundaryPolygon) => void): ElementReader {
  let exterior: readonly Position[] | undefined;
  const interiors: (readonly Position[])[] = [];
  return {
    child: (element) => {
      if (element.local !== 'exterior' && element.local !== 'interior') return undefined;
      return ringReader(polygon, (ring) => {
        if (ring === undefined) notes.add(`serviceBoundary: unreadable ${element.local}`);
        else if (element.local === 'interior') interiors.push(ring);
        else exterior = ring;
      });
    },
    end: () => {
      if (exterior !== undefined) done({ exterior, interiors });
    },
  };
}
