import type { PostalAddress } from '../domain/postal-address.ts';
import { foldCity } from './fold-city.ts';
import { foldStreet } from './fold-street.ts';
import { foldIndoor } from './pack-layer.ts';

/** An address folded, to know it again however it is written. */
export function addressKey({ address1, address2, city, state, postalCode, country }: PostalAddress): string {
  return [
    foldStreet(address1),
    foldIndoor(address2 ?? ''),
    foldCity(city),
    state.toUpperCase(),
    postalCode
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .toUpperCase()
      .slice(0, country === 'US' ? 5 : 6),
    country,
  ].join('|');
}
