import type { AddressCorrection } from '../addresses/addresses.ts';
import { streetLine } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { LookedUpAddress } from '../places/places.ts';
import type { EmergencyAddressFault, EmergencyAddressFound } from '../wire/webex/operations.generated.ts';

/** Codes of what is no fault of the address as answered: what it was before, and what may have been meant instead. */
const CORRECTED = { form: 'WMA5001', content: 'WMA5002' } as const;
const SUGGESTED = { code: 'WMA5003', title: 'SUGGESTED_ADDRESS' } as const;

function correctionFault({ field, from, to, kind, reason }: AddressCorrection): EmergencyAddressFault {
  // `postalCode` -> `POSTAL_CODE_CORRECTED`.
  const title = `${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_CORRECTED`;
  return { code: CORRECTED[kind], title, detail: `${field} "${from}" became "${to}": ${reason}.` };
}

function given({ address1, address2, city, state, postalCode, country }: PostalAddress): EmergencyAddressFound {
  const fields = { address1, address2, city, state, postalCode, country };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}

function placeMeta({ country, state, city, postalCode }: PostalAddress): Record<string, string> {
  return { country, state, city, zipCode: postalCode };
}

/**
 * The addresses of a lookup (contract section 7, decision 39): the one asked for with every correction made, then those that
 * may have been meant. `errors` is there only where something was corrected, is wrong, or is a suggestion. `meta` has
 * coordinates only where they are known: at the location's own house, at an address point, along the range of a road. The middle of a
 * postal code would be taken for more.
 */
export function lookupAnswer({ validation, position }: LookedUpAddress): { addresses: EmergencyAddressFound[] } {
  const { address, civic, level, corrections, errors, candidates, source, geocode, override } = validation;
  const isPlaced = geocode?.precision === 'point' || geocode?.precision === 'interpolated';
  const place = position ?? (isPlaced ? geocode?.position : undefined);
  const { HNP = '', HNO = '', HNS = '', ...street } = civic;
  const faults = [
    ...corrections.map(correctionFault),
    ...errors.map(({ code, title, detail }) => ({ code, title, detail: `${detail}.` })),
  ];
  const meta: Record<string, string> = {
    houseNumber: `${HNP}${HNO}${HNS.length > 1 ? ' ' : ''}${HNS}`,
    streetName: streetLine(street),
    ...placeMeta(address),
    ...(place && { latitude: String(place.latitude), longitude: String(place.longitude) }),
    ...(place && !position && geocode && { precision: geocode.precision }),
    county: civic.A2 ?? '',
    level: level ?? 'none',
    override: override?.reason ?? '',
    source,
  };
  return {
    addresses: [
      {
        ...given(address),
        meta: Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== '')),
        ...(faults.length > 0 && { errors: faults }),
      },
      ...candidates.map((candidate) => ({
        ...given(candidate.address),
        meta: placeMeta(candidate.address),
        errors: [{ ...SUGGESTED, detail: `${candidate.reason}.` }],
      })),
    ],
  };
}
