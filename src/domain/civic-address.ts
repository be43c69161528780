/**
 * Civic address elements in the order in which PIDF-LO writes them (RFC 4119 §2.2.1, RFC 5139 §3.1, RFC 6848 §5).
 * `country` is an ISO 3166-1 alpha-2 code in upper case; `A1` is the state, territory or province code.
 */
export const CIVIC_ELEMENTS = [
  'country',
  'A1',
  'A2',
  'A3',
  'A4',
  'A5',
  'A6',
  'PRM',
  'PRD',
  'RD',
  'STS',
  'POD',
  'POM',
  'RDSEC',
  'RDBR',
  'RDSUBBR',
  'HNO',
  'HNS',
  'LMK',
  'LOC',
  'FLR',
  'NAM',
  'PC',
  'BLD',
  'UNIT',
  'ROOM',
  'SEAT',
  'PLC',
  'PCN',
  'POBOX',
  'ADDCODE',
  // RFC 6848 extension elements, in their own namespace on the wire.
  'PN',
  'MP',
  'STP',
  'HNP',
] as const;

export type CivicElement = (typeof CIVIC_ELEMENTS)[number];

/** A civic address: RFC 5139/6848 element name to text, empty elements left out. */
export type CivicAddress = { readonly [element in CivicElement]?: string };

const ELEMENT_SET: ReadonlySet<string> = new Set(CIVIC_ELEMENTS);

export function isCivicElement(name: string): name is CivicElement {
  return ELEMENT_SET.has(name);
}

/** Lays `detail` (floor, room …) over `base` (street address); empty strings take nothing away. */
export function mergeCivicAddress(base: CivicAddress, detail: CivicAddress): CivicAddress {
  const merged: { [element in CivicElement]?: string } = {};
  for (const element of CIVIC_ELEMENTS) {
    const value = detail[element] || base[element];
    if (value) merged[element] = value;
  }
  return merged;
}

function joined(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

/** The street line, e.g. `12 ½ N Main St NW`. House number and suffix stay apart, so `12½` and `12B` survive. */
export function streetLine(address: CivicAddress): string {
  return joined(
    [
      joined([address.HNP, address.HNO], ''),
      address.HNS,
      address.PRM,
      address.PRD,
      address.STP,
      address.RD,
      address.STS,
      address.POD,
      address.POM,
    ],
    ' ',
  );
}

/** The place inside the building: `Floor 3, Room 312`. */
export function indoorLine(address: CivicAddress): string {
  return joined(
    [
      address.BLD && `Building ${address.BLD}`,
      address.FLR && `Floor ${address.FLR}`,
      address.UNIT && `Unit ${address.UNIT}`,
      address.ROOM && `Room ${address.ROOM}`,
      address.SEAT && `Seat ${address.SEAT}`,
      address.LOC,
    ],
    ', ',
  );
}

/** The whole dispatchable location on one line, outermost detail last. */
export function formatCivicAddress(address: CivicAddress): string {
  return joined(
    [
      address.NAM,
      streetLine(address),
      indoorLine(address),
      address.A3,
      joined([address.A1, address.PC], ' '),
      address.country,
    ],
    ', ',
  );
}
