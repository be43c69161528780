/** Location objects: PIDF-LO and the civic addresses and shapes in it. */
export { civicAddressReader, isCivicAddressElement } from './decode-civic-address.ts';
export { decodePresence, isPresenceElement, presenceReader } from './decode-presence.ts';
export { ringReader } from './decode-ring.ts';
export { isShapeElement, shapeReader, type UnusableShape } from './decode-shape.ts';
export { CIVIC_EXTENSION_ELEMENTS, encodeCivicAddress } from './encode-civic-address.ts';
export { encodePresence, encodePresenceElement, XML_DECLARATION } from './encode-presence.ts';
export { encodeLinearRing, encodeShape } from './encode-shape.ts';
export { CIVIC_EXTENSION as CIVIC_EXTENSION_NAMESPACE } from './namespaces.ts';
export { createNotes, type Notes } from './notes.ts';
export {
  type LocationSource,
  type PidfDocument,
  type PidfLocation,
  preferredLocation,
  type ReadPidfDocument,
} from './presence.ts';
