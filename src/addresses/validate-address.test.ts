import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AddressFaultKind, AddressLevel, UncheckedAddress } from './address-validation.ts';
import { readPostalBook } from './postal-book.ts';
import { validateAddress } from './validate-address.ts';

const book = await readPostalBook();

/** `address1; address2; city; state; postalCode; country` */
function read(line: string): UncheckedAddress {
  const [address1, address2, city, state, postalCode, country] = line.split(';').map((part) => part.trim());
  return { address1, address2, city, state, postalCode, country };
}

function write(address: UncheckedAddress): string {
  const { address1, address2, city, state, postalCode, country } = address;
  return [address1, address2, city, state, postalCode, country].map((part) => part ?? '').join('; ');
}

test('addresses that are right stay as they are, down to the postal level', () => {
  const lines = [
    '3487 Chase Ave; Apt 112; Miami Beach; FL; 33140; US',
    '1600 E Street NW; ; Washington; DC; 20004; US',
    '170 West Tasman Dr; ; San Jose; CA; 95134; US',
    '12½ N Main St NW; ; Atlanta; GA; 30303; US',
    '12B Main Street; ; Boston; MA; 02108; US',
    '37-21 80th Street; ; Flushing; NY; 11354-1234; US',
    '350 Fifth Avenue, 34th Floor; ; Manhattan; NY; 10001; US',
    '350 Fifth Avenue; ; New York City; NY; 10001; US',
    '1 Court Sq; ; Long Island City; NY; 11101; US',
    '1 Main St; ; Fishers Island; NY; 06390; US',
    '10 Main St; ; St. Paul; MN; 55101; US',
    '10 Main St; ; SAINT PAUL; MN; 55101; US',
    '100 Main St; ; N. Las Vegas; NV; 89030; US',
    '500 Throckmorton St; ; Ft Worth; TX; 76102; US',
    '94-1234 Kaʻahumanu Ave; ; Waipahu; HI; 96797; US',
    'N6W23001 Bluemound Rd; ; Waukesha; WI; 53188; US',
    'PO Box 5, 100 Main St; ; Houston; TX; 77002; US',
    '5 Box Canyon Rd; ; Austin; TX; 78701; US',
    'W3456 County Road AA; ; Waukesha; WI; 53188; US',
    '26W123 Geneva Rd; ; Wheaton; IL; 60187; US',
    'Empire State Building, 350 5th Ave; ; New York; NY; 10001; US',
    'A-12 Calle 5; Urb Villa Carolina; Carolina; PR; 00985; US',
    'Urb Villa Carolina; Calle 5 Blq 7 #12; Carolina; PR; 00985; US',
    '204 - 1234 Main St; ; Vancouver; BC; V6A 2T3; CA',
    '150 Calle A, Urb Las Gladiolas; ; San Juan; PR; 00926; US',
    'Calle Luna 123B; ; San Juan; PR; 00901; US',
    'Carr 2 Km 15.5; ; Bayamón; PR; 00959; US',
    '5 Marine Corps Dr; ; Tamuning; GU; 96913; US',
    '1 Aspinall Ave; ; Hagåtña; GU; 96910; US',
    '12 Kronprindsens Gade; ; Charlotte Amalie; VI; 00802; US',
    '1 Pago Plaza; ; Pago Pago; AS; 96799; US',
    '1 Beach Rd; ; Saipan; MP; 96950; US',
    '100 Queen St W; ; Toronto; ON; M5H 2N2; CA',
    '1234, rue Sainte-Catherine Ouest; ; Montréal; QC; H3A 1B1; CA',
    '500 boul. René-Lévesque O, bureau 400; ; Montreal; QC; H2Z 1W7; CA',
    '1 rue des Remparts; ; Ville de Québec; QC; G1R 4P5; CA',
    '10-123 Main Street; ; Winnipeg; MB; R3C 1A1; CA',
    '1 Inuksugait Plaza; ; Iqaluit; NU; X0A 0H0; CA',
    '5012 49 St; ; Yellowknife; NT; X1A 1P8; CA',
    '1 Water St; ; St. John’s; NL; A1C 1A1; CA',
  ];
  for (const line of lines) {
    const { level, address, corrections, errors } = validateAddress(read(line), book);
    assert.deepEqual(
      { level, corrections, errors, text: write(address) },
      { level: 'postal', corrections: [], errors: [], text: line },
    );
  }
});

test('what is corrected becomes the right address, each correction with its kind and reason', () => {
  const cases: readonly [given: string, became: string, kinds: string][] = [
    // The form alone.
    ['1 Main St; ; Austin; Texas; 78701; usa', '1 Main St; ; Austin; TX; 78701; US', 'country form, state form'],
    ['1 Main St; ; Austin; TX; 78701 1234; US', '1 Main St; ; Austin; TX; 78701-1234; US', 'postalCode form'],
    ['1 Main St; ; Austin; TX; 787011234; US', '1 Main St; ; Austin; TX; 78701-1234; US', 'postalCode form'],
    ['1  Main\tSt; ; Austin; TX; 78701; US', '1 Main St; ; Austin; TX; 78701; US', 'address1 form'],
    ['1 Main\r\nSt; ; Aus\u200Btin; TX; 78701; US', '1 Main St; ; Austin; TX; 78701; US', 'address1 form, city form'],
    ['150 Calle A; ; San Juan; ; 00926; PR', '150 Calle A; ; San Juan; PR; 00926; US', 'state form, country form'],
    [
      '150 Calle A; ; Añasco; Puerto Rico; 00610; Puerto Rico',
      '150 Calle A; ; Añasco; PR; 00610; US',
      'state form, country form',
    ],
    ['1 Beach Rd; ; Saipan; CNMI; 96950; MP', '1 Beach Rd; ; Saipan; MP; 96950; US', 'state form, country form'],
    ['1 Crown Bay; ; St Thomas; Virgin Islands; 00802; US', '1 Crown Bay; ; St Thomas; VI; 00802; US', 'state form'],
    [
      '1 rue Peel; ; Montréal; Québec; h3a1b1; Canada',
      '1 rue Peel; ; Montréal; QC; H3A 1B1; CA',
      'country form, state form, postalCode form',
    ],
    // The content.
    ['1 Main St; ; Boston; MA; 2108; US', '1 Main St; ; Boston; MA; 02108; US', 'postalCode content'],
    ['1 Main St; ; Houston; TX; 77OO2; US', '1 Main St; ; Houston; TX; 77002; US', 'postalCode content'],
    ['100 Queen St W; ; Toronto; ON; MSH 2N2; CA', '100 Queen St W; ; Toronto; ON; M5H 2N2; CA', 'postalCode content'],
    ['100 Queen St W; ; Toronto; ON; M5H2NZ; CA', '100 Queen St W; ; Toronto; ON; M5H 2N2; CA', 'postalCode content'],
    ['3487 Chase Ave; ; Maimi Beach; FL; 33140; US', '3487 Chase Ave; ; Miami Beach; FL; 33140; US', 'city content'],
    ['10 High St; ; Winnepeg; MB; R3C 1A1; CA', '10 High St; ; Winnipeg; MB; R3C 1A1; CA', 'city content'],
    ['1 Main St; ; Dallas; OK; 75201; US', '1 Main St; ; Dallas; TX; 75201; US', 'state content'],
    ['1 Main St; ; Austin; Texs; 78701; US', '1 Main St; ; Austin; TX; 78701; US', 'state content'],
    ['1 Main St; ; Austin; ; 78701; US', '1 Main St; ; Austin; TX; 78701; US', 'state content'],
    ['1 Main St; ; Austin; TX; 78701;', '1 Main St; ; Austin; TX; 78701; US', 'country content'],
    ['1 Main St; ; Austin; ; 78701; Texas', '1 Main St; ; Austin; TX; 78701; US', 'state content, country content'],
    ['100 Queen St W; ; Toronto; ON; M5H 2N2; US', '100 Queen St W; ; Toronto; ON; M5H 2N2; CA', 'country content'],
    [
      '1 Main St; ; Los Angeles; California; 90012; CA',
      '1 Main St; ; Los Angeles; CA; 90012; US',
      'country content, state form',
    ],
    ['1 Main St; ; Fishers Island; NY; ; US', '1 Main St; ; Fishers Island; NY; 06390; US', 'postalCode content'],
    [
      'Suite 200; 100 Main St; Houston; TX; 77002; US',
      '100 Main St; Suite 200; Houston; TX; 77002; US',
      'address1 content, address2 content',
    ],
    [
      'PO Box 7; 100 Main St; Houston; TX; 77002; US',
      '100 Main St; PO Box 7; Houston; TX; 77002; US',
      'address1 content, address2 content',
    ],
  ];
  for (const [given, became, kinds] of cases) {
    const { level, address, corrections, errors } = validateAddress(read(given), book);
    assert.equal(write(address), became.replace(/;$/, '; '), given);
    assert.equal(corrections.map(({ field, kind }) => `${field} ${kind}`).join(', '), kinds, given);
    assert.deepEqual({ level, errors }, { level: 'postal', errors: [] }, given);
    for (const { field, from, to, reason } of corrections) {
      assert.notEqual(from, to);
      assert.ok(reason.length > 10, `${field}: ${reason}`);
    }
  }
});

test('what nothing decides stays as it was given and is a fault, with what may have been meant', () => {
  const cases: readonly [given: string, level: AddressLevel | null, faults: AddressFaultKind[], candidate?: string][] =
    [
      [
        '1 Main St; ; Kansas City; KS; 64106; US',
        'syntax',
        ['state-postal-mismatch'],
        '1 Main St; ; Kansas City; MO; 64106; US',
      ],
      ['1 Main St; ; Paris; TX; 77002; US', 'syntax', ['city-postal-mismatch'], '1 Main St; ; Paris; TX; 75460; US'],
      ['1 Main St; ; Atlantis; TX; 77002; US', 'syntax', ['city-unknown'], '1 Main St; ; Houston; TX; 77002; US'],
      ['1 Main St; ; Austin; TX; 78600; US', 'syntax', ['postal-code-unknown'], '1 Main St; ; Austin; TX; 73301; US'],
      ['1 Main St; ; Austin; TX; 99999; US', 'syntax', ['state-postal-mismatch']],
      ['1 Main St; ; Toronto; QC; M5H 2N2; CA', 'postal', []],
      ['1 Main St; ; Vancouver; ON; M5H 2N2; CA', 'syntax', ['city-unknown']],
      ['1 Main St; ; Nowhere; XX; 99999; US', null, ['state-unknown'], '1 Main St; ; Nowhere; AK; 99999; US'],
      ['1 Main St; ; San Juan; TX; 00926; PR', null, ['state-unknown']],
      ['1 Main St; ; Toronto; TX; M5H 2N2; US', null, ['postal-code-invalid']],
      ['1 Main St; ; Austin; TX; 78701; Ruritania', null, ['country-unknown']],
      ['1 Main St; ; London; ; ; GB', null, ['outside-coverage']],
      ['1 Main St; ; Austin; TX; ; US', null, ['postal-code-missing']],
      ['1 Main St; ; Austin; TX; 7870; US', null, ['postal-code-invalid']],
      ['1 Main St; ; Toronto; ON; D5H 2N2; CA', null, ['postal-code-invalid']],
      ['1 Main St; ; Austin; TX; abcde; US', null, ['postal-code-invalid']],
      ['; ; ; ; ;', null, ['country-missing', 'city-missing', 'street-missing']],
      ['1 Main St; ; Austin; ; ; US', null, ['state-missing']],
      ['; ; Austin; TX; 78701; US', null, ['street-missing']],
      ['Suite 200; ; Austin; TX; 78701; US', null, ['street-missing']],
      ['Main St; ; Austin; TX; 78701; US', null, ['house-number-missing']],
      ['Pier 39; ; San Francisco; CA; 94133; US', null, ['house-number-missing']],
      ['PO Box 12; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['P.O. Box 12; Suite 4; Austin; TX; 78701; US', null, ['post-office-box']],
      ['Apartado 1234; ; San Juan; PR; 00902; US', null, ['post-office-box']],
      ['C.P. 123; ; Montréal; QC; H3A 1B1; CA', null, ['post-office-box']],
      ['Case postale 123; ; Montréal; QC; H3A 1B1; CA', null, ['post-office-box']],
      ['RR 2 Box 15; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['HC 2 Box 1234 Km 3.5; ; Jayuya; PR; 00664; US', null, ['post-office-box']],
      ['HC 2 Box 1234; ; Jayuya; PR; 00664; US', null, ['post-office-box']],
      ['PO Drawer 5; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['Box 12; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['Route 2 Box 15; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['RFD 2 Box 15; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['Star Route Box 15; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['Gen Del; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['GD Stn Main; ; Toronto; ON; M5H 2N2; CA', null, ['post-office-box']],
      ['RR 1 Site 5 Comp 10; ; Winnipeg; MB; R3C 1A1; CA', null, ['post-office-box']],
      ['General Delivery; ; Austin; TX; 78701; US', null, ['post-office-box']],
      ['PSC 3 Box 4120; ; APO; AE; 09021; US', null, ['military-address', 'post-office-box']],
      ['10 Main St; ; FPO; AP; 96349; US', null, ['military-address']],
    ];
  for (const [given, level, faults, candidate] of cases) {
    const found = validateAddress(read(given), book);
    assert.equal(found.level, level, given);
    assert.deepEqual(
      found.errors.map(({ kind }) => kind),
      faults,
      given,
    );
    if (candidate !== undefined)
      assert.ok(
        found.candidates.some(({ address }) => write(address) === candidate),
        given,
      );
    const isBox = faults.includes('post-office-box') || faults.includes('military-address');
    assert.equal(found.isDispatchable, !isBox, given);
    for (const { code, title, detail } of found.errors) assert.ok(code && title && detail);
  }
});

test('streets whose names look like boxes are streets', () => {
  for (const street of [
    '12 Box Canyon Rd',
    '100 Post Office Rd',
    '1 General Delivery Way',
    '5 RR Donnelley Dr',
    '7 CP Rail Ave',
    '9 Unit Ct',
    '4 Apartado Ln',
  ]) {
    assert.deepEqual(validateAddress(read(`${street}; ; Austin; TX; 78701; US`), book).errors, [], street);
  }
});

test('house numbers keep suffix and prefix, in the line and in the civic elements', () => {
  const civic = (line: string) => validateAddress(read(line), book).civic;
  assert.deepEqual(civic('12½ N Main St NW; Fl 3 Rm 312; Atlanta; GA; 30303; US'), {
    country: 'US',
    A1: 'GA',
    A3: 'Atlanta',
    PRD: 'N',
    RD: 'Main',
    STS: 'St',
    POD: 'NW',
    HNO: '12',
    HNS: '½',
    FLR: '3',
    PC: '30303',
    ROOM: '312',
  });
  assert.equal(civic('12B Main St; ; Boston; MA; 02108; US').HNS, 'B');
  assert.equal(civic('94-1234 Kaʻahumanu Ave; ; Waipahu; HI; 96797; US').HNP, '94-');
});

test('an urbanización above the street is an area, and the street below is the street', () => {
  const { level, civic } = validateAddress(read('Urb Las Gladiolas; 150 Calle A; San Juan; PR; 00926; US'), book);
  assert.equal(level, 'postal');
  assert.deepEqual(
    { A4: civic.A4, HNO: civic.HNO, STP: civic.STP, RD: civic.RD, LOC: civic.LOC },
    { A4: 'Urb Las Gladiolas', HNO: '150', STP: 'Calle', RD: 'A', LOC: undefined },
  );
});

test('a county is told only where the city lies in no other near the postal code', () => {
  assert.equal(validateAddress(read('1 Main St; ; Miami Beach; FL; 33140; US'), book).civic.A2, 'Miami-Dade County');
  assert.equal(validateAddress(read('1 Main St; ; New York; NY; 10001; US'), book).civic.A2, undefined);
});

test('an over-long field is named and cut, and nothing else is made of the rest', () => {
  const { level, address, errors } = validateAddress(
    { ...read('1 Main St; ; Austin; TX; 78701; US'), address2: 'x'.repeat(1e6) },
    book,
  );
  assert.equal(level, null);
  assert.equal(address.address2?.length, 256);
  assert.deepEqual(
    errors.map(({ kind, field }) => `${kind} ${field}`),
    ['field-too-long address2'],
  );
});

const word = fc.constantFrom(
  '12',
  '12½',
  '12B',
  'Main',
  'St',
  'N',
  'Calle',
  'Urb',
  'rue',
  'PO Box 7',
  'Suite 4',
  'Km 3',
  ',',
  '#4',
  'RR 2 Box 1',
  'Apt',
  'Paris',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
);
const anyAddress = fc.record({
  address1: fc.oneof(anyText, fc.constantFrom('1 Main St', '12½ Main St', 'PO Box 5', 'Urb Las Gladiolas')),
  address2: fc.oneof(anyText, fc.constantFrom('', '100 Main St', 'Suite 5', '150 Calle A')),
  city: fc.oneof(
    anyText,
    fc.constantFrom('Dallas', 'Maimi Beach', 'Kansas City', 'San Juan', 'Winnepeg', 'APO', 'New York City', ''),
  ),
  state: fc.oneof(anyText, fc.constantFrom('TX', 'Texs', 'KS', 'PR', 'ON', 'Québec', 'AE', 'XX', 'Califronia', '')),
  postalCode: fc.oneof(
    anyText,
    fc.constantFrom('75201', '2108', '77OO2', 'M5H2N2', 'MSH 2N2', '00926', '99999', '787011234', ''),
    fc.integer({ min: 0, max: 99_999 }).map((zip) => String(zip).padStart(5, '0')),
  ),
  country: fc.oneof(anyText, fc.constantFrom('US', 'usa', 'CA', 'PR', 'Puerto Rico', 'Texas', 'GB', '')),
});

test('never throws; what it made of an address it leaves as it is; a level has no fault below it', () => {
  fc.assert(
    fc.property(anyAddress, (given) => {
      const first = validateAddress(given, book);
      const second = validateAddress(first.address, book);
      assert.deepEqual(second.address, first.address);
      assert.deepEqual(second.corrections, []);
      assert.equal(second.level, first.level);
      assert.equal(first.level === 'postal', first.errors.length === 0);
      for (const { address } of first.candidates) validateAddress(address, book);
    }),
    { numRuns: 3_000, seed: 911 },
  );
});
