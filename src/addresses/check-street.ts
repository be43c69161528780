import { findRegion } from '../domain/regions.ts';
import { type AddressDraft, quoted } from './address-draft.ts';
import { splitSecondLine, splitStreetLine } from './split-street-line.ts';

/** Boxes and routes of the post office, in English, Spanish and French: nobody is there. */
const POST_OFFICE_BOX = new RegExp(
  [
    '^(?:p\\.?\\s?o\\.?\\s?b(?:ox)?\\.?|post office box|lock ?box|caller box)\\s?#?\\s?\\w+',
    // USPS Publication 28 §283: drawers, bins and callers are boxes.
    '^(?:p\\.?\\s?o\\.?|post office)\\s(?:drawer|bin|caller)\\s?#?\\s?\\w+',
    '^(?:box|drawer|bin|(?:firm )?caller)\\s?#?\\s?\\d+$',
    '^(?:apartado(?: postal| de correos)?|apdo\\.?)\\s?#?\\s?\\d+',
    '^(?:c\\.?\\s?p\\.?|case postale|b\\.?p\\.?|boite postale|boîte postale)\\s?#?\\s?\\d+',
    '^(?:gen(?:eral)?\\.? del(?:ivery)?|gd (?:stn|rpo|succ)|poste restante|lista de correos|entrega general)\\b',
    '^(?:r\\.?\\s?[rd]\\.?|r\\.?f\\.?d\\.?|r(?:ou)?te?\\.?|rural (?:route|delivery)|h\\.?\\s?c\\.?|highway contract(?: route)?|star r(?:ou)?te?)\\s?(?:#?\\s?\\d+)?\\s*,?\\s*(?:box|bzn|buzon|buzón)\\b',
    // A route of Canada Post with nothing but its site.
    '^r\\.?\\s?r\\.?\\s?#?\\d+\\s*,?\\s*site\\b',
    '^(?:psc|cmr|unit)\\s?\\d+\\s*,?\\s*box\\b',
  ].join('|'),
  'iu',
);

const MILITARY_CITY = /^(?:[AFD]\.?P\.?O\.?)(?:\s+(?:A[AEP]))?$/i;
const MILITARY_STATE = /^(?:A[AEP]|armed forces\b.*)$/i;
const MILITARY_ZIP = /^(?:09\d|340|96[2-6])\d\d/;

/** Military post offices forward mail around the world: no one can be sent to one. True where that is the fault. */
export function checkMilitary(draft: AddressDraft): boolean {
  const { city, state, postalCode, country } = draft.fields;
  const isZipHere = country === 'US' && MILITARY_ZIP.test(postalCode);
  const isMilitary = MILITARY_CITY.test(city) || (MILITARY_STATE.test(state) && country !== 'CA') || isZipHere;
  if (isMilitary) {
    draft.fault('military-address', 'city', 'a military post office (APO, FPO, DPO) is no place to send help to');
  }
  return isMilitary;
}

function hasHouse(line: string, region: { country: string; A1?: string }): boolean {
  const { HNO, MP, RD } = splitStreetLine(line, region);
  // `HC 2 Box 1234 Km 3.5` is a box beside a kilometre post of no road.
  return RD !== undefined && (HNO !== undefined || (MP !== undefined && !POST_OFFICE_BOX.test(RD)));
}

/** Where the street stands, and whether it names a house. What kind of address it is matters more than how it is spelt. */
export function checkStreet(draft: AddressDraft): void {
  const { fields } = draft;
  const A1 = findRegion(fields.state, fields.country === 'CA' ? 'CA' : 'US')?.code;
  const region = { country: fields.country, ...(A1 !== undefined && { A1 }) };
  // `PO Box 5, 100 Main St` names a house as well.
  const isBox = POST_OFFICE_BOX.test(fields.address1) && !hasHouse(fields.address1, region);
  if (fields.address2 !== '' && hasHouse(fields.address2, region) && !POST_OFFICE_BOX.test(fields.address2)) {
    const first = fields.address1;
    // `Suite 200` above `100 Main St`; a second street, or the area above a street of Puerto Rico, stays where it is.
    const isIndoor = first !== '' && Object.keys(splitSecondLine(first)).every((element) => element !== 'LOC');
    if (first === '' || isIndoor || isBox) {
      draft.correct('address1', fields.address2, 'content', 'the street stands in the second line');
      draft.correct('address2', first, 'content', 'the street stands in the second line');
    }
  } else if (isBox) {
    draft.fault(
      'post-office-box',
      'address1',
      `${quoted(fields.address1)} is a box of the post office: nobody is there`,
    );
    return;
  }
  if (fields.address1 === '') {
    draft.fault('street-missing', 'address1', 'the street address is needed');
    return;
  }
  const parts = splitStreetLine(fields.address1, region);
  if (parts.RD === undefined) {
    draft.fault('street-missing', 'address1', `no street can be told in ${quoted(fields.address1)}`);
    return;
  }
  const isAreaFirst = parts.A4 !== undefined || A1 === 'PR';
  const houseBelow = isAreaFirst && hasHouse(fields.address2, region);
  if (parts.HNO === undefined && parts.MP === undefined && !houseBelow) {
    draft.fault('house-number-missing', 'address1', `${quoted(fields.address1)} has no house number`);
  }
}
