import type { ElementKey } from '../src/location/wire-map-element.ts';

function mac(prefix: string, place: number): string {
  return `${prefix}:${place
    .toString(16)
    .padStart(8, '0')
    .replaceAll(/..(?!$)/g, '$&:')}`;
}

/** The elements of a made-up campus: of ten, four ports of switches, three access points, two devices, one address. */
export function elementAt(place: number): ElementKey {
  const kind = place % 10;
  if (kind < 4)
    return { kind: 'switch-port', value: mac('02:1b', Math.floor(place / 480)), port: `gi1/0/${place % 480}` };
  if (kind < 7) return { kind: 'bssid', value: mac('02:aa', place), port: '' };
  if (kind < 9) return { kind: 'mac', value: mac('02:cc', place), port: '' };
  return { kind: 'ip-range', value: `10.${(place >> 16) & 255}.${(place >> 8) & 255}.${place & 255}`, port: '' };
}
