/** HELD messages: bytes to typed values and back. */
export { decodeHeldAnswer } from './decode-held-answer.ts';
export { decodeLocationRequest } from './decode-location-request.ts';
export { encodeLocationRequest } from './encode-location-request.ts';
export { encodeHeldError, encodeLocationResponse } from './encode-location-response.ts';
export { readHardwareAddress, writeHardwareAddress } from './hardware-address.ts';
export {
  type DeviceIdentity,
  type DhcpMeasurement,
  HELD_ERROR_CODES,
  type HeldAnswer,
  type HeldError,
  type HeldErrorCode,
  type HeldLocationType,
  type HeldResponseTime,
  type LldpIdentifier,
  type LldpMeasurement,
  type LocationRequest,
  type LocationResponse,
  type LocationUriSet,
  type Measurements,
  type ReadLocationRequest,
  type WifiMeasurement,
} from './held-messages.ts';
