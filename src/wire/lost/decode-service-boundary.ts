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
 * A polygon or an address of which a part cannot be read is left out with a note: without its hole or its element it would
 * promise the mapping to more places than its sender did. The boundary of an answer is a help, not a condition.
 */
export function serviceBoundaryReader(notes: Notes, done: (boundary: ServiceBoundary) => void): ElementReader {
  const polygons: BoundaryPolygon[] = [];
  /** GML 3.1.1 §10.1.3.2: what names no system of its own is in that of the collection around it. */
  const childIn =
    (srsName: string | undefined) =>
    (element: XmlElement): ElementReader | undefined => {
      const system = element.attribute('srsName') ?? srsName;
      if (element.local === 'Polygon') return polygonReader(system, notes, (polygon) => polygons.push(polygon));
      if (isCivicAddressElement(element)) {
        return civicAddressReader(notes, (civic, isWhole) => {
          if (isWhole) done({ profile: 'civic', civic });
        });
      }
      if (isShapeElement(element)) {
        notes.add(`serviceBoundary: ${element.local} passed over`);
        return shapeReader(element, notes, () => undefined);
      }
      return { child: childIn(system) };
    };
  return {
    child: childIn(undefined),
    end: () => {
      if (polygons.length > 0) done({ profile: 'geodetic-2d', polygons });
    },
  };
}

function polygonReader(
  srsName: string | undefined,
  notes: Notes,
  done: (polygon: BoundaryPolygon) => void,
): ElementReader {
  let exterior: readonly Position[] | undefined;
  let isWhole = true;
  const interiors: (readonly Position[])[] = [];
  return {
    child: (element) => {
      if (element.local !== 'exterior' && element.local !== 'interior') return undefined;
      return ringReader(srsName, (ring) => {
        if (ring === undefined) {
          isWhole = false;
          notes.add(`serviceBoundary: unreadable ${element.local}`);
        } else if (element.local === 'interior') interiors.push(ring);
        else exterior = ring;
      });
    },
    end: () => {
      if (isWhole && exterior !== undefined) done({ exterior, interiors });
    },
  };
}
