import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CivicAddress } from '../domain/civic-address.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import { splitStreetLine } from './split-street-line.ts';
import { INDOOR_DESIGNATORS } from './street-words.ts';

const CASES: readonly [region: string, line: string, expected: CivicAddress][] = [
  ['US-TX', '12 Main St', { HNO: '12', RD: 'Main', STS: 'St' }],
  ['US-TX', '12½ N Main St NW', { HNO: '12', HNS: '½', PRD: 'N', RD: 'Main', STS: 'St', POD: 'NW' }],
  ['US-TX', '12 ½ Main St', { HNO: '12', HNS: '½', RD: 'Main', STS: 'St' }],
  ['US-TX', '12 1/2 Main St', { HNO: '12', HNS: '1/2', RD: 'Main', STS: 'St' }],
  ['US-TX', '12B Main Street', { HNO: '12', HNS: 'B', RD: 'Main', STS: 'Street' }],
  ['US-TX', '12-B Main Street', { HNO: '12', HNS: 'B', RD: 'Main', STS: 'Street' }],
  ['US-NY', '350 5th Avenue', { HNO: '350', RD: '5th', STS: 'Avenue' }],
  ['US-NY', '350 Fifth Avenue, 34th Floor', { HNO: '350', RD: 'Fifth', STS: 'Avenue', FLR: '34' }],
  ['US-NY', '37-21 80th Street', { HNP: '37-', HNO: '21', RD: '80th', STS: 'Street' }],
  ['US-NY', '1221 Avenue of the Americas', { HNO: '1221', RD: 'Avenue of the Americas' }],
  ['US-NY', '1200 Avenue N', { HNO: '1200', RD: 'Avenue N' }],
  ['US-DC', '1600 E Street NW', { HNO: '1600', RD: 'E', STS: 'Street', POD: 'NW' }],
  ['US-IL', '100 North St', { HNO: '100', RD: 'North', STS: 'St' }],
  ['US-LA', '100 St Charles Ave', { HNO: '100', RD: 'St Charles', STS: 'Ave' }],
  ['US-WI', 'N6W23001 Bluemound Rd', { HNP: 'N6W', HNO: '23001', RD: 'Bluemound', STS: 'Rd' }],
  ['US-WI', 'N95 W17000 Appleton Ave', { HNP: 'N95 W', HNO: '17000', RD: 'Appleton', STS: 'Ave' }],
  ['US-WI', 'W3456 County Road AA', { HNP: 'W', HNO: '3456', RD: 'County Road AA' }],
  ['US-IL', '26W123 Geneva Rd', { HNP: '26W', HNO: '123', RD: 'Geneva', STS: 'Rd' }],
  ['US-CO', 'E470 Pkwy', { RD: 'E470', STS: 'Pkwy' }],
  ['US-NY', '37 - 10 114th St', { HNP: '37-', HNO: '10', RD: '114th', STS: 'St' }],
  ['US-NY', '37–10 114th St', { HNP: '37-', HNO: '10', RD: '114th', STS: 'St' }],
  ['US-UT', '1234 S 500 E', { HNO: '1234', PRD: 'S', RD: '500', POD: 'E' }],
  ['US-NY', 'Empire State Building, 350 5th Ave', { HNO: '350', RD: '5th', STS: 'Ave', LOC: 'Empire State Building' }],
  ['US-OH', 'Walmart, 5 miles west', { RD: 'Walmart', LOC: '5 miles west' }],
  ['US-TX', 'Suite 200, 100 Main St', { HNO: '100', RD: 'Main', STS: 'St', UNIT: '200' }],
  ['US-TX', 'Suite 200', { UNIT: '200' }],
  ['US-CA', '1 Main St # 4', { HNO: '1', RD: 'Main', STS: 'St', UNIT: '4' }],
  ['US-CA', '1 Main St Apt # 4', { HNO: '1', RD: 'Main', STS: 'St', UNIT: '4' }],
  ['US-CA', '1489 Folsom St # 3 A', { HNO: '1489', RD: 'Folsom', STS: 'St', UNIT: '3 A' }],
  ['US-CA', '1489 Folsom St # 3 Rear', { HNO: '1489', RD: 'Folsom', STS: 'St', UNIT: '3 Rear' }],
  ['US-CA', '1489 Folsom St Unit 3 A', { HNO: '1489', RD: 'Folsom', STS: 'St', UNIT: '3 A' }],
  ['US-DC', '1200 M St #3 NW', { HNO: '1200', RD: 'M St #3', POD: 'NW' }],
  ['US-DC', '1200 M St #3 E', { HNO: '1200', RD: 'M St #3', POD: 'E' }],
  ['US-CA', '12 #3 Main St', { HNO: '12', RD: '#3 Main', STS: 'St' }],
  ['CA-AB', '#204 10024 102 Ave NW', { UNIT: '204', HNO: '10024', RD: '102', STS: 'Ave', POD: 'NW' }],
  ['US-MI', '#120 5 Mile Rd', { RD: '#120 5 Mile', STS: 'Rd' }],
  ['CA-AB', '#204 17 Ave SW', { RD: '#204 17', STS: 'Ave', POD: 'SW' }],
  ['US-CA', '1 Main St Rear', { HNO: '1', RD: 'Main', STS: 'St', UNIT: 'Rear' }],
  ['US-CA', '1 Main St, BSMT', { HNO: '1', RD: 'Main', STS: 'St', FLR: 'BSMT' }],
  ['US-CA', '1 Main St PH 2', { HNO: '1', RD: 'Main', STS: 'St', UNIT: 'PH 2' }],
  ['US-CA', '1 W. Main St., 5th Fl.', { HNO: '1', PRD: 'W.', RD: 'Main', STS: 'St.', FLR: '5' }],
  ['US-CA', '100 Court Side', { HNO: '100', RD: 'Court Side' }],
  ['US-CA', '100 Water Front', { HNO: '100', RD: 'Water Front' }],
  ['US-CA', '100 Highway 12 N', { HNO: '100', RD: 'Highway 12', POD: 'N' }],
  ['US-CA', '1 Infinite Loop Ste 200', { HNO: '1', RD: 'Infinite', STS: 'Loop', UNIT: '200' }],
  ['US-CA', '1 Main St #4B', { HNO: '1', RD: 'Main', STS: 'St', UNIT: '4B' }],
  ['US-CA', '1 Main St Bldg C Fl 3 Rm 312', { HNO: '1', RD: 'Main', STS: 'St', BLD: 'C', FLR: '3', ROOM: '312' }],
  ['US-CA', 'Pier 39', { RD: 'Pier 39' }],
  ['US-HI', '94-1234 Kaʻahumanu Ave', { HNP: '94-', HNO: '1234', RD: 'Kaʻahumanu', STS: 'Ave' }],
  ['US-HI', '66-590 Kamehameha Hwy', { HNP: '66-', HNO: '590', RD: 'Kamehameha', STS: 'Hwy' }],
  ['US-HI', '1777 Ala Moana Blvd', { HNO: '1777', RD: 'Ala Moana', STS: 'Blvd' }],
  ['US-PR', '123 Calle Luna', { HNO: '123', STP: 'Calle', RD: 'Luna' }],
  ['US-PR', 'Calle Luna 123B', { HNO: '123', HNS: 'B', STP: 'Calle', RD: 'Luna' }],
  ['US-PR', 'Calle 5', { STP: 'Calle', RD: '5' }],
  ['US-PR', 'Ave Ponce de León 1056, Oficina 3', { HNO: '1056', STP: 'Ave', RD: 'Ponce de León', UNIT: '3' }],
  ['US-PR', 'Urb Las Gladiolas, 150 Calle A', { A4: 'Urb Las Gladiolas', HNO: '150', STP: 'Calle', RD: 'A' }],
  ['US-PR', 'Carr 2 Km 15.5', { STP: 'Carr', RD: '2', MP: 'Km 15.5' }],
  ['US-PR', 'Calle Luna #123', { HNO: '123', STP: 'Calle', RD: 'Luna' }],
  ['US-PR', 'Calle Luna #123 #4', { HNO: '123', STP: 'Calle', RD: 'Luna', UNIT: '4' }],
  ['US-PR', 'Calle Luna 123 Apt B2', { HNO: '123', STP: 'Calle', RD: 'Luna', UNIT: 'B2' }],
  ['US-PR', 'A-12 Calle 5', { HNP: 'A-', HNO: '12', STP: 'Calle', RD: '5' }],
  ['US-PR', 'Calle 5 A-12', { HNP: 'A-', HNO: '12', STP: 'Calle', RD: '5' }],
  ['US-PR', 'Calle 5 Blq 7 #12', { HNP: '7-', HNO: '12', STP: 'Calle', RD: '5' }],
  ['US-PR', 'A12 Calle 5 Urb Villa Carolina', { A4: 'Urb Villa Carolina', HNP: 'A', HNO: '12', STP: 'Calle', RD: '5' }],
  [
    'US-PR',
    'Urb Villa Carolina 7-12 Calle 5',
    { A4: 'Urb Villa Carolina', HNP: '7-', HNO: '12', STP: 'Calle', RD: '5' },
  ],
  ['US-PR', 'PR-2 Km 15.5', { RD: 'PR-2', MP: 'Km 15.5' }],
  [
    'US-PR',
    'Cond El Monte Apt 5B, 180 Ave Hostos',
    { HNO: '180', STP: 'Ave', RD: 'Hostos', UNIT: '5B', LOC: 'Cond El Monte' },
  ],
  ['US-PR', '100 Fortaleza St', { HNO: '100', RD: 'Fortaleza', STS: 'St' }],
  ['CA-QC', '1234, rue Sainte-Catherine Ouest', { HNO: '1234', STP: 'rue', RD: 'Sainte-Catherine', POD: 'Ouest' }],
  ['CA-QC', '12½ rue Peel', { HNO: '12', HNS: '½', STP: 'rue', RD: 'Peel' }],
  [
    'CA-QC',
    '500 boul. René-Lévesque O, bureau 400',
    { HNO: '500', STP: 'boul.', RD: 'René-Lévesque', POD: 'O', UNIT: '400' },
  ],
  ['CA-QC', '5000 avenue du Parc', { HNO: '5000', STP: 'avenue', RD: 'du Parc' }],
  ['CA-QC', '120 3e Avenue', { HNO: '120', RD: '3e', STS: 'Avenue' }],
  ['CA-QC', '1000 Sherbrooke Street West', { HNO: '1000', RD: 'Sherbrooke', STS: 'Street', POD: 'West' }],
  ['CA-ON', '150 Avenue Road', { HNO: '150', RD: 'Avenue', STS: 'Road' }],
  ['CA-QC', '1234 A rue Peel', { HNO: '1234', HNS: 'A', STP: 'rue', RD: 'Peel' }],
  ['CA-QC', '55, 3e Rang Est', { HNO: '55', RD: '3e Rang', POD: 'Est' }],
  ['CA-QC', '120 1re Avenue Ouest', { HNO: '120', RD: '1re', STS: 'Avenue', POD: 'Ouest' }],
  ['CA-BC', '204 - 1234 Main St', { UNIT: '204', HNO: '1234', RD: 'Main', STS: 'St' }],
  ['CA-BC', 'PH2-1234 Main St', { UNIT: 'PH2', HNO: '1234', RD: 'Main', STS: 'St' }],
  ['CA-AB', '#204, 10024 102 Ave NW', { UNIT: '204', HNO: '10024', RD: '102', STS: 'Ave', POD: 'NW' }],
  ['CA-AB', '1234 - 17 Ave SW', { HNO: '1234', RD: '17', STS: 'Ave', POD: 'SW' }],
  ['CA-AB', '1234 - 17th Ave SW', { HNO: '1234', RD: '17th', STS: 'Ave', POD: 'SW' }],
  ['CA-ON', '10 - 150 Avenue Road', { UNIT: '10', HNO: '150', RD: 'Avenue', STS: 'Road' }],
  ['CA-ON', '10-123 Main Street', { UNIT: '10', HNO: '123', RD: 'Main', STS: 'Street' }],
];

for (const [region, line, expected] of CASES) {
  test(`${region} ${line}`, () => {
    const [country = '', A1] = region.split('-');
    assert.deepEqual({ ...splitStreetLine(line, { country, A1 }) }, expected);
  });
}

function tokens(text: string): string[] {
  return text
    .normalize('NFC')
    .split(/[\s,#-]+/u)
    .map((token) => token.replace(/\.$/, ''))
    .flatMap((token) => token.match(/\p{N}+|[^\p{N}]+/gu) ?? [])
    .filter((token) => !INDOOR_DESIGNATORS.has(token.toLowerCase()) && !/^(th|st|nd|rd|e|er)$/i.test(token))
    .sort();
}

test('no word of a line is lost or made up', () => {
  const word = fc.constantFrom(
    'Main',
    'St',
    'N',
    'NW',
    'rue',
    'Calle',
    'Ave',
    '12',
    '12B',
    '5th',
    'Apt 4',
    'Ste 9',
    'Peel',
    'Park',
    'km 3',
    'Rear',
    'Unit PH 2',
    'A-12',
    '7 - 12',
    'W34',
    '# 4',
    'Urb Sol',
    'Tower,',
    'A',
    'Est',
  );
  const regions = fc.constantFrom('US-TX', 'US-PR', 'CA-QC', 'CA-ON');
  fc.assert(
    fc.property(regions, fc.array(word, { minLength: 1, maxLength: 7 }), (region, words) => {
      const [country = '', A1] = region.split('-');
      const line = words.join(' ');
      const parts = splitStreetLine(line, { country, A1 });
      assert.deepEqual(tokens(Object.values(parts).join(' ')), tokens(line));
    }),
  );
});

test('what two lines say otherwise of one element is kept, what they say alike is told once', () => {
  const base = { city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' };
  for (const [address1, address2, UNIT, LOC] of [
    ['1 Main St Apt 4', 'Suite 5', '4', 'Suite 5'],
    ['1 Main St #4', 'Apt 4', '4', undefined],
    ['1 Main St, behind the mill', 'Apt 4, gate 3', '4', 'behind the mill, gate 3'],
  ] as const) {
    const civic = civicFromPostal({ address1, address2, ...base });
    assert.deepEqual([civic.UNIT, civic.LOC], [UNIT, LOC], address1);
  }
  assert.equal(civicFromPostal({ address1: '1 Main St', address2: 'Floor Ground', ...base }).FLR, 'Ground');
});

test('structured elements win, and a street named in part is taken as a whole', () => {
  const postal = {
    address1: '12½ N Main St',
    address2: 'Suite 5, behind the mill',
    city: 'Austin',
    state: 'Texas',
    postalCode: '78701',
    country: 'US',
  };
  assert.deepEqual(civicFromPostal(postal), {
    country: 'US',
    A1: 'TX',
    A3: 'Austin',
    PRD: 'N',
    RD: 'Main',
    STS: 'St',
    HNO: '12',
    HNS: '½',
    LOC: 'behind the mill',
    PC: '78701',
    UNIT: '5',
  });
  const structured = civicFromPostal(postal, { RD: 'Old Main Street', FLR: '2' });
  assert.equal(structured.RD, 'Old Main Street');
  assert.equal(structured.PRD, undefined);
  assert.equal(structured.STS, undefined);
  assert.equal(structured.HNS, '½');
  assert.equal(structured.FLR, '2');
});

test('a territory as country or as state is the same place', () => {
  const base = { address1: '123 Calle Luna', city: 'San Juan', postalCode: '00901' };
  const asState = civicFromPostal({ ...base, state: 'PR', country: 'US' });
  for (const state of ['PR', '', 'Puerto Rico']) {
    assert.deepEqual(civicFromPostal({ ...base, state, country: 'PR' }), asState);
  }
  assert.equal(asState.country, 'US');
  assert.equal(asState.A1, 'PR');
  assert.equal(asState.STP, 'Calle');
});
