import type { Addresses } from '../addresses/addresses.ts';
import type { LocationValue } from '../domain/location-value.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Location } from '../location/location.ts';
import type { Places } from '../places/places.ts';
import type { Clock } from '../support/clock.ts';
import { type DeviceIdentity, readHardwareAddress } from '../wire/held/held.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';

/** A place in one of four ways. */
export type PlaceQuery = { lat?: number; lon?: number; address?: string; erl?: string; device?: string };

/** The place asked about, how it was found, and which of the organization's it is. */
export type ExplainedPlace = {
  value: LocationValue;
  foundBy: string;
  places: { locationId: string | null; buildingId: string | null; erlId: string | null };
};

const NO_PLACE_OF_OURS = { locationId: null, buildingId: null, erlId: null };

const URI = /^(?:sips?|tel):/i;

/** A MAC or IP address, a `sip:` or `tel:` URI, or a number or extension. */
export function readDevice(text: string): DeviceIdentity {
  const mac = readHardwareAddress(text);
  if (mac !== undefined) return { kind: 'mac', address: mac };
  const ip = readIpAddress(text);
  if (ip !== undefined) return { kind: 'ip', ...ip };
  return { kind: 'uri', value: URI.test(text) ? text : `tel:${text}` };
}

/** Reads where something is: a point, an address as people write it, an emergency response location, or a device. */
export function createReadExplainedPlace(deps: {
  readAddress: Addresses['readFreeText'];
  places: Pick<Places, 'getResponseLocation' | 'buildingById'>;
  location: Pick<Location, 'explainLocation'>;
  clock: Clock;
}) {
  const { location, places } = deps;

  async function placeOfErl(scope: Scope, id: string): Promise<ExplainedPlace> {
    const erl = await places.getResponseLocation(scope, id);
    const position = places.buildingById(scope.organizationId, erl.buildingId)?.position;
    const shape = erl.shape ?? (position && { type: 'point' as const, position });
    return {
      value: { civic: erl.civic, ...(shape && { shape }) },
      foundBy: `emergency response location ${erl.name}`,
      places: { locationId: erl.locationId, buildingId: erl.buildingId, erlId: id },
    };
  }

  function placeOfDevice(scope: Scope, device: string, sourceAddress: string): ExplainedPlace {
    const located = location.explainLocation({
      organizationId: scope.organizationId,
      devices: [readDevice(device.trim())],
      sourceAddress,
      nowMs: deps.clock.nowMs(),
    });
    if (!located.found) throw new ProblemError('not-found', `the device is not located: ${located.reason}`);
    return { value: located.value, foundBy: `${located.rule}: ${located.element}`, places: located.places };
  }

  return async (scope: Scope, query: PlaceQuery, sourceAddress: string): Promise<ExplainedPlace> => {
    const { address, device, erl, lat, lon } = query;
    const ways = [lat ?? lon, address, erl, device].filter((way) => way !== undefined).length;
    if (ways !== 1 || (lat === undefined) !== (lon === undefined)) {
      throw new ProblemError('invalid', 'give lat and lon, or address, or erl, or device', {
        fields: [{ path: 'lat', message: 'exactly one of lat and lon, address, erl, device is needed' }],
      });
    }
    if (erl !== undefined) return placeOfErl(scope, erl);
    if (device !== undefined) return placeOfDevice(scope, device, sourceAddress);
    if (address !== undefined) {
      return { value: { civic: deps.readAddress(address) }, foundBy: 'address', places: NO_PLACE_OF_OURS };
    }
    const position = { latitude: lat ?? Number.NaN, longitude: lon ?? Number.NaN };
    return { value: { shape: { type: 'point', position } }, foundBy: 'point', places: NO_PLACE_OF_OURS };
  };
}
