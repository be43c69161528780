import type { paths } from '../../api/schema.generated.ts';

type Json<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

export type LocationItem = Json<'/api/locations', 'get'>['items'][number];
export type LocationAddresses = Json<'/api/locations/{locationId}/addresses', 'get'>;
export type Building = Json<'/api/buildings', 'get'>['items'][number];
export type ResponseLocation = Json<'/api/response-locations', 'get'>['items'][number];
export type Verdict = Json<'/api/addresses/validate', 'post'>;
export type PostalAddress = Verdict['address'];
export type AddressCheck = NonNullable<LocationItem['addressCheck']>;
export type Position = { latitude: number; longitude: number };

/** An address while it is being written: every field is there. */
export type AddressDraft = Record<'address1' | 'address2' | 'city' | 'state' | 'postalCode' | 'country', string>;

export const EMPTY_ADDRESS: AddressDraft = {
  address1: '',
  address2: '',
  city: '',
  state: '',
  postalCode: '',
  country: 'US',
};

export function draftOf({ address1, address2, city, state, postalCode, country }: PostalAddress): AddressDraft {
  return { address1, address2: address2 ?? '', city, state, postalCode, country };
}

/** On one line, as on an envelope. */
export function addressLine({ address1, address2, city, state, postalCode, country }: PostalAddress): string {
  const region = [state, postalCode].filter(Boolean).join(' ');
  return [address1, address2, city, region, country === 'US' ? '' : country].filter(Boolean).join(', ');
}
