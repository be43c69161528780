/** Addresses against a layer with the traps of real ones: which level each reaches, what is corrected, what is suggested. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { STREET_FAULTS } from './address-validation.ts';
import { readPostalBook } from './postal-book.ts';
import { postalFromText } from './postal-from-text.ts';
import { readFixture } from './testing/fixture-layers.ts';
import { validateAddress } from './validate-address.ts';

const { layers } = await readFixture();
const book = await readPostalBook();
const check = (text: string) => validateAddress(postalFromText(text), book, layers);

const DALLAS = 'Dallas, TX 75201';

/** Confirmed as they stand: the level, and how their place is known. */
const GOOD: readonly [text: string, level: string, precision: string][] = [
  [`1500 Main St, ${DALLAS}`, 'point', 'point'],
  [`1500 MAIN STREET, DALLAS, TX 75201`, 'point', 'point'],
  [`1500 Main St, Dallas, Texas 75201-1234`, 'point', 'point'],
  [`1502 Main St Apt 1, ${DALLAS}`, 'point', 'point'],
  [`1502 Main St #2, ${DALLAS}`, 'point', 'point'],
  [`1502 Main St, Suite 2, ${DALLAS}`, 'point', 'point'],
  [`1502 Main St, ${DALLAS}`, 'point', 'point'],
  [`1504 1/2 Main St, ${DALLAS}`, 'point', 'point'],
  [`1504½ Main St, ${DALLAS}`, 'point', 'point'],
  [`1504 Main St, ${DALLAS}`, 'point', 'point'],
  [`1506B Main St, ${DALLAS}`, 'point', 'point'],
  [`1506-B Main St, ${DALLAS}`, 'point', 'point'],
  // Within the range; only with a letter is it a point.
  [`1506 Main St, ${DALLAS}`, 'street', 'interpolated'],
  [`1506C Main St, ${DALLAS}`, 'street', 'interpolated'],
  // A point without coordinates takes its place from the range.
  [`1508 Main St, ${DALLAS}`, 'point', 'interpolated'],
  // A range that runs against its line.
  [`1601 Main St, ${DALLAS}`, 'street', 'interpolated'],
  [`1650 Main St, ${DALLAS}`, 'street', 'interpolated'],
  [`250 Elm St, ${DALLAS}`, 'street', 'interpolated'],
  [`150 S Akard St, ${DALLAS}`, 'point', 'point'],
  [`150 South Akard Street, ${DALLAS}`, 'point', 'point'],
  [`150 S Akard St, Bldg B Fl 3 Rm 312, ${DALLAS}`, 'point', 'point'],
  [`150 N Akard St, ${DALLAS}`, 'street', 'interpolated'],
  [`50 First Ave, ${DALLAS}`, 'street', 'interpolated'],
  [`51 1st Avenue, ${DALLAS}`, 'street', 'interpolated'],
  // Its road has no line.
  [`333 Ghost Ln, ${DALLAS}`, 'street', 'postal'],
  [`400 Private Dr, ${DALLAS}`, 'street', 'interpolated'],
  [`555 St Johns Blvd, ${DALLAS}`, 'street', 'interpolated'],
  [`555 Saint Johns Boulevard, ${DALLAS}`, 'street', 'interpolated'],
  [`555 St. John's Blvd, ${DALLAS}`, 'street', 'interpolated'],
  [`13 Wrong Parity Way, ${DALLAS}`, 'street', 'interpolated'],
  // The post office's name of the place, and the name that the emergency services use.
  [`8050 County Rd 12, Dallas, TX 75243`, 'street', 'interpolated'],
  [`8050 CR 12, Lake Community, TX 75243`, 'street', 'interpolated'],
  [`8050 Co. Road 12, Lake Community, TX 75243`, 'street', 'interpolated'],
  [`12550 SH-12, ${DALLAS}`, 'street', 'interpolated'],
  [`12550 TX 12, ${DALLAS}`, 'street', 'interpolated'],
  [`50 1 Ave, ${DALLAS}`, 'street', 'interpolated'],
  [`12550 State Hwy 12, ${DALLAS}`, 'street', 'interpolated'],
  [`12550 State Route 12, ${DALLAS}`, 'street', 'interpolated'],
  [`1234 Cedar Springs Rd, ${DALLAS}`, 'point', 'point'],
  [`77 Oak Lawn Ave, Dallas, TX 75219`, 'point', 'point'],
  [`3487 Chase Ave, Miami Beach, FL 33140`, 'point', 'point'],
  [`3411 Chase Avenue, Miami Beach, FL 33140`, 'street', 'interpolated'],
  [`94-1234 Kaʻahumanu Ave, Waipahu, HI 96797`, 'point', 'point'],
  [`94-1234 Kaahumanu Avenue, Waipahu, HI 96797`, 'point', 'point'],
  [`94-1233 Kaahumanu Ave, Waipahu, HI 96797`, 'street', 'interpolated'],
  [`123B Calle Luna, San Juan, PR 00901`, 'point', 'point'],
  [`Calle Luna 123B, San Juan, PR 00901`, 'point', 'point'],
  [`Calle de la Luna 150, San Juan, PR 00901`, 'street', 'interpolated'],
  [`Urb Las Gladiolas, 150 Calle A, San Juan, PR 00926`, 'point', 'point'],
  [`Urb El Paraíso, 150 Calle A, San Juan, PR 00926`, 'point', 'point'],
  [`150 Calle A, Urb Las Gladiolas, San Juan, PR 00926`, 'point', 'point'],
  [`150 Calle A Urb. Las Gladiolas, San Juan, PR 00926`, 'point', 'point'],
  [`Urbanización Las Gladiolas, Calle A #150, San Juan, PR 00926`, 'point', 'point'],
  [`Suite 2, 1502 Main St, ${DALLAS}`, 'point', 'point'],
  [`1502 Main St # 2, ${DALLAS}`, 'point', 'point'],
  [`1500 Main St Rear, ${DALLAS}`, 'point', 'point'],
  [`Tower One, 1500 Main St, ${DALLAS}`, 'point', 'point'],
  [`152 Calle A, San Juan, PR 00926`, 'point', 'point'],
  [`1056 Ave Ponce de León, San Juan, PR 00907`, 'street', 'interpolated'],
  [`1056 Avenida Ponce de Leon, San Juan, PR 00907`, 'street', 'interpolated'],
  [`1234 rue Sainte-Catherine Ouest, Montréal, QC H3B 1A1`, 'street', 'interpolated'],
  [`1234, rue Ste-Catherine O, Montreal, QC H3B1A1`, 'street', 'interpolated'],
  [`500 boul. René-Lévesque O bureau 400, Montréal, QC H2Z 1W7`, 'point', 'point'],
  [`500 boulevard Rene-Levesque Ouest, Montréal, QC H2Z 1W7`, 'point', 'point'],
  [`5050 avenue du Parc, Montréal, QC H2V 4G1`, 'street', 'interpolated'],
  [`5050 av. du Parc, Montréal, QC H2V 4G1`, 'street', 'interpolated'],
  [`150 Avenue Road, Toronto, ON M5R 2H8`, 'point', 'point'],
  [`10-150 King St W, Toronto, ON M5H 1J9`, 'street', 'interpolated'],
  [`150 King Street West, Toronto, ON M5H 1J9`, 'street', 'interpolated'],
  [`150 E Washington St, Springfield, IL 62701`, 'street', 'interpolated'],
  [`750 Jefferson Ave, Springfield, IL 62701`, 'street', 'interpolated'],
];

/** Corrected: what becomes of which field, and a word of the reason. */
const CORRECTED: readonly [text: string, level: string, field: string, to: string, why: RegExp][] = [
  [`150 S Akrad St, ${DALLAS}`, 'point', 'address1', '150 S Akard St', /spelling/],
  [`1234 Cedar Spring Rd, ${DALLAS}`, 'point', 'address1', '1234 Cedar Springs Rd', /spelling/],
  [`1234 Cedar Springs, ${DALLAS}`, 'point', 'address1', '1234 Cedar Springs Rd', /street type/],
  [`1234 Cedar Springs Ave, ${DALLAS}`, 'point', 'address1', '1234 Cedar Springs Rd', /street type/],
  [`1500 Main, ${DALLAS}`, 'point', 'address1', '1500 Main Street', /street type is missing/],
  [`12550 Highway 12, ${DALLAS}`, 'street', 'address1', '12550 State Highway 12', /form of the name/],
  [`1500 Main Ave, ${DALLAS}`, 'point', 'address1', '1500 Main Street', /street type/],
  [`1506B Mian St, ${DALLAS}`, 'point', 'address1', '1506B Main Street', /spelling/],
  [`150 King St, Toronto, ON M5H 1J9`, 'street', 'address1', '150 King St W', /directional is missing/],
  [`77 Oak Lawn Ave, ${DALLAS}`, 'point', 'postalCode', '75219', /75219/],
  [`3487 Chase Ave, Miami Beach, FL 33141`, 'point', 'postalCode', '33140', /33140/],
  [`3487 Chase Ave, Maimi Beach, FL 33140`, 'point', 'city', 'Miami Beach', /spelt/],
  [`1234 Sainte-Catherine St W, Montreal, QC H3B 1A1`, 'street', 'address1', '1234 Rue Sainte-Catherine Ouest', /type/],
];

/** Wrong: the level that is left, the fault, and candidates among others. */
const WRONG: readonly [text: string, level: string | null, fault: string, candidates: readonly string[]][] = [
  [`1502 Main St Apt 9, ${DALLAS}`, 'street', 'unit-unknown', ['Unit 1', 'Unit 2']],
  [`150 S Akard St Rm 313, ${DALLAS}`, 'street', 'unit-unknown', []],
  [`1700 Main St, ${DALLAS}`, 'postal', 'house-number-unknown', ['1699 Main Street']],
  [`5100 Main St, ${DALLAS}`, 'postal', 'house-number-unknown', ['1500 Main Street']],
  [`1243 Cedar Springs Rd, ${DALLAS}`, 'postal', 'house-number-unknown', ['1234 Cedar Springs Rd']],
  [`3847 Chase Avenue, Miami Beach, FL 33140`, 'postal', 'house-number-unknown', ['3487 Chase Ave']],
  [`1234 Kaahumanu Ave, Waipahu, HI 96797`, 'postal', 'house-number-unknown', ['94-1234 Kaahumanu Ave']],
  // The odd side has no numbers; it is marked as none; the parity of the field contradicts its numbers.
  [`201 Elm St, ${DALLAS}`, 'postal', 'house-number-unknown', ['200 Elm St', '202 Elm St']],
  [`401 Private Dr, ${DALLAS}`, 'postal', 'house-number-unknown', ['400 Private Dr']],
  [`12 Wrong Parity Way, ${DALLAS}`, 'postal', 'house-number-unknown', ['11 Wrong Parity Way']],
  // Nothing decides between two streets, and east is not west.
  [`150 Akard St, ${DALLAS}`, 'postal', 'street-unknown', ['150 N Akard St', '150 S Akard St']],
  [`160 E Akard St, ${DALLAS}`, 'postal', 'street-unknown', ['160 N Akard St', '160 S Akard St']],
  [`150 King St E, Toronto, ON M5H 1J9`, 'postal', 'street-unknown', ['150 King St W']],
  [
    `150 Washington St, Springfield, IL 62701`,
    'postal',
    'street-unknown',
    ['150 E Washington St', '150 W Washington St'],
  ],
  [`750 Jefferson, Springfield, IL 62701`, 'postal', 'street-unknown', ['750 Jefferson Ave', '750 Jefferson St']],
  [`750 Jefferson Blvd, Springfield, IL 62701`, 'postal', 'street-unknown', ['750 Jefferson Ave', '750 Jefferson St']],
  [`150 Calle A, San Juan, PR 00926`, 'postal', 'address-ambiguous', ['Urb Las Gladiolas, 150 Calle A']],
  // The city is no part of itself.
  [`Urb San Juan, 150 Calle A, San Juan, PR 00926`, 'postal', 'house-number-unknown', []],
  [`Ext Las Gladiolas, 150 Calle A, San Juan, PR 00926`, 'postal', 'house-number-unknown', []],
  // Another spelling and another postal code: two slips are not taken for one address.
  [
    `Urb Las Gladiolas, 150 Calle Luma, San Juan, PR 00926`,
    'postal',
    'street-unknown',
    ['Urb Las Gladiolas, 150 Calle Luna'],
  ],
  [`Urb Otra, 150 Calle A, San Juan, PR 00926`, 'postal', 'house-number-unknown', []],
  [`99 Nowhere Blvd, ${DALLAS}`, 'postal', 'street-unknown', []],
  [`12550 US Hwy 12, ${DALLAS}`, 'postal', 'street-unknown', []],
  [`8050 State Hwy 12, ${DALLAS}`, 'postal', 'house-number-unknown', []],
  [`9999999999 Main St, ${DALLAS}`, 'postal', 'house-number-unknown', []],
  [`PO Box 1500, ${DALLAS}`, null, 'post-office-box', []],
  [`C.P. 500, Montréal, QC H2Z 1W7`, null, 'post-office-box', []],
  [`Main St, ${DALLAS}`, null, 'house-number-missing', []],
  [`1500 Main St, Dallas, TX 99999`, 'syntax', 'state-postal-mismatch', []],
];

test('addresses that the data have are confirmed as they stand, and placed as precisely as the data allow', () => {
  for (const [text, level, precision] of GOOD) {
    const found = check(text);
    const contents = found.corrections.filter(({ kind }) => kind === 'content');
    assert.deepEqual(
      { level: found.level, precision: found.geocode?.precision, errors: found.errors, contents },
      { level, precision, errors: [], contents: [] },
      text,
    );
    assert.equal(found.score, level === 'point' ? 100 : 75, text);
  }
});

test('what only one house can mean is corrected, with the reason; what is kept as entered is confirmed no deeper', () => {
  for (const [text, level, field, to, why] of CORRECTED) {
    const found = check(text);
    assert.deepEqual({ level: found.level, errors: found.errors }, { level, errors: [] }, text);
    const correction = found.corrections.find((one) => one.field === field && one.kind === 'content');
    assert.equal(correction?.to, to, text);
    assert.match(correction?.reason ?? '', why, text);
    assert.ok(found.score < (level === 'point' ? 100 : 75), text);
  }
});

test('what nothing decides, or the data do not have, is a fault with what may have been meant', () => {
  for (const [text, level, fault, candidates] of WRONG) {
    const found = check(text);
    assert.equal(found.level, level, text);
    assert.ok(
      found.errors.some(({ kind }) => kind === fault),
      `${text}: ${found.errors.map(({ kind }) => kind).join()}`,
    );
    const lines = found.candidates.flatMap(({ address }) => [address.address1, address.address2 ?? '']);
    for (const candidate of candidates) assert.ok(lines.includes(candidate), `${text}: ${lines.join(' | ')}`);
  }
});

test('another number, letter or direction is another street, however near it is spelt', async () => {
  const roads: readonly [St_Name: string, St_PosTyp: string][] = [
    ['160th', 'St'],
    ['Avenue M', ''],
    ['Eastlake', 'Dr'],
    ['Six Mile', 'Rd'],
    ['FM 1961', ''],
    ['Harvest', 'Ln'],
  ];
  const features = roads.map(([St_Name, St_PosTyp]) => ({
    type: 'Feature',
    properties: { Add_Number: 60, St_Name, St_PosTyp, State: 'TX', Post_Code: '75201', Post_Comm: 'Dallas' },
    geometry: { type: 'Point', coordinates: [-96.8, 32.78] },
  }));
  const folder = await mkdtemp(join(tmpdir(), 'waymark-other-names-'));
  try {
    const path = join(folder, 'layer.json');
    await writeFile(path, JSON.stringify({ type: 'FeatureCollection', features }));
    const { layers: own } = await readFixture(path);
    for (const street of ['150th St', 'Avenue N', 'Westlake Dr', 'Ten Mile Rd', 'FM 1960']) {
      const { corrections, errors, level } = validateAddress(postalFromText(`60 ${street}, ${DALLAS}`), book, own);
      assert.deepEqual(
        [level, errors.map(({ kind }) => kind), corrections],
        ['postal', ['street-unknown'], []],
        street,
      );
    }
    const { address } = validateAddress(postalFromText(`60 Havrest Ln, ${DALLAS}`), book, own);
    assert.equal(address.address1, '60 Harvest Ln');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what a line says beside the street stays when the street is corrected', () => {
  const dallas = { city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' };
  for (const [address1, address2, corrected] of [
    ['1500 Main Ave Apt 4', 'Attn: front desk', '1500 Main Street, Unit 4'],
    ['1500 Main Ave, behind the barn', 'Gate 3', '1500 Main Street, behind the barn'],
    ['Tower East, 1500 Main Ave,behind,the barn', '', '1500 Main Street, Tower East, behind, the barn'],
    ['1500 Main Ave #3 A', '', '1500 Main Street, Unit 3 A'],
  ] as const) {
    const { address, civic } = validateAddress({ address1, address2, ...dallas }, book, layers);
    assert.deepEqual([address.address1, address.address2 ?? ''], [corrected, address2]);
    if (address1.endsWith('A')) assert.equal(civic.UNIT, '3 A');
  }
});

test('where no layer covers the place, postal is as deep as any address gets', () => {
  const found = check('301 W 2nd St, Austin, TX 78701');
  assert.deepEqual(
    { level: found.level, isCovered: found.isCovered, errors: found.errors, names: found.names },
    { level: 'postal', isCovered: false, errors: [], names: undefined },
  );
  assert.equal(found.geocode?.precision, 'postal');
  assert.equal(check(`1500 Main St, ${DALLAS}`).isCovered, true);
});

test('a candidate is an address that the data have', () => {
  for (const [text] of WRONG) {
    for (const { address } of check(text).candidates) {
      const { level, errors } = validateAddress(address, book, layers);
      const hasHouse = errors.every(({ kind }) => !STREET_FAULTS.has(kind));
      assert.ok(
        level === 'postal' || hasHouse,
        `${text} -> ${address.address1}: ${errors.map(({ detail }) => detail).join()}`,
      );
    }
  }
});

test('the place is on the side of the number, as far along as the number is', () => {
  const at = (text: string) => {
    const position = check(text).geocode?.position;
    assert.ok(position, text);
    return position;
  };
  const odd = at(`1551 Main St, ${DALLAS}`);
  const even = at(`1550 Main St, ${DALLAS}`);
  // The line runs east: its left is the north.
  assert.ok(odd.latitude > 32.78 && even.latitude < 32.78);
  assert.ok(at(`1501 Main St, ${DALLAS}`).longitude < odd.longitude);
  // This one is drawn east and counts down.
  assert.ok(at(`1699 Main St, ${DALLAS}`).longitude < at(`1601 Main St, ${DALLAS}`).longitude);
  assert.ok(Math.abs(odd.longitude - -96.795) < 0.0005);
});

test('what the data call the place is told beside what the address calls it', () => {
  assert.deepEqual(check('8050 County Rd 12, Dallas, TX 75243').names, {
    A2: 'Dallas County',
    PCN: 'Dallas',
    MSAG: 'Lake Community',
  });
});

test('what the data do not say is unchecked, never confirmed', () => {
  assert.deepEqual(check(`1500 Main St Apt 4, ${DALLAS}`).unchecked, ['UNIT']);
  assert.deepEqual(check(`1601 Main St Floor 3, ${DALLAS}`).unchecked, ['FLR']);
  assert.deepEqual(check(`1502 Main St Apt 1, ${DALLAS}`).unchecked, []);
  assert.deepEqual(check('301 W 2nd St Apt 4, Austin, TX 78701').unchecked, ['UNIT']);
});

test('never throws and never confirms deeper than its faults allow, whatever is put together', () => {
  const word = fc.constantFrom(
    'Main',
    'St',
    'Akard',
    'N',
    'S',
    '150',
    '1502',
    'Apt',
    '1',
    '#',
    '½',
    ',',
    'Calle',
    'A',
    'Urb',
    'rue',
    '\u{1F600}',
    'x'.repeat(300),
  );
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 9 }),
      fc.constantFrom('75201', '00926', 'H3B 1A1', ''),
      (words, postalCode) => {
        const state = { '75201': 'TX', '00926': 'PR', 'H3B 1A1': 'QC', '': 'TX' }[postalCode] ?? '';
        const city = { TX: 'Dallas', PR: 'San Juan', QC: 'Montréal' }[state] ?? '';
        const found = validateAddress(
          { address1: words.join(' '), city, state, postalCode, country: state === 'QC' ? 'CA' : 'US' },
          book,
          layers,
        );
        if (found.level === 'point') assert.deepEqual(found.errors, []);
        if (found.level === 'street') assert.ok(found.errors.every(({ kind }) => kind === 'unit-unknown'));
        if (found.errors.some(({ kind }) => STREET_FAULTS.has(kind)))
          assert.ok(found.level !== 'street' && found.level !== 'point');
      },
    ),
    { numRuns: 500 },
  );
});
