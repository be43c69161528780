/** Houses that could be taken for others: the same street at two places, in two parts of a place, twice in the data; and what a search costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerArea, LayerPoint, LayerRoad, LayerStreet } from './address-feature.ts';
import { addressKey } from './address-key.ts';
import { type AddressLayers, createAddressLayers } from './address-layers.ts';
import type { AddressValidation } from './address-validation.ts';
import { createSearchEffort, findHouse, streetMiddle } from './find-house.ts';
import { openBlock } from './layer-block.ts';
import { createLayerLint } from './layer-lint.ts';
import { createLayerPacker } from './pack-layer.ts';
import { readPostalBook } from './postal-book.ts';
import { postalFromText } from './postal-from-text.ts';
import { validateAddress } from './validate-address.ts';

const book = await readPostalBook();
const NOWHERE = { PRM: '', PRD: '', STP: '', RD: '', STS: '', POD: '', POM: '' };
const MAIN: LayerStreet = { ...NOWHERE, RD: 'Main', STS: 'St' };
const CALLE: LayerStreet = { ...NOWHERE, STP: 'Calle', RD: 'A' };

function area(fields: Partial<LayerArea>): LayerArea {
  return { country: 'US', A1: 'TX', A2: '', A3: '', A4: '', A5: '', PC: '', PCN: '', MSAG: '', ESN: '', ...fields };
}

const DALLAS = area({ A3: 'Dallas', PC: '75201' });
const IRVING = area({ A3: 'Irving', PC: '75060' });
let ids = 0;

type Place = { latitude: number; longitude: number } | undefined;

function point(street: LayerStreet, HNO: number, where: LayerArea, position: Place): LayerPoint {
  ids += 1;
  const indoor = { BLD: '', FLR: '', UNIT: '', ROOM: '', SEAT: '' };
  return { kind: 'point', id: `p${ids}`, street, HNP: '', HNO, HNS: '', indoor, area: where, position };
}

function road(street: LayerStreet, from: number, to: number, where: LayerArea, latitude?: number): LayerRoad {
  ids += 1;
  const line =
    latitude === undefined
      ? []
      : [
          { latitude, longitude: -96.8 },
          { latitude, longitude: -96.799 },
        ];
  const parity = from % 2 === to % 2 ? (from % 2 === 0 ? 'E' : 'O') : 'B';
  return { kind: 'road', id: `r${ids}`, street, line, sides: [{ side: 'L', HNP: '', from, to, parity, area: where }] };
}

function layersOf(...addresses: (LayerPoint | LayerRoad)[]): AddressLayers {
  const packer = createLayerPacker(createLayerLint());
  for (const one of addresses) packer.add(one);
  return createAddressLayers([openBlock(packer.finish('test').bytes)]);
}

const at = (latitude: number): Place => ({ latitude, longitude: -96.8 });

function check(text: string, layers: AddressLayers): AddressValidation {
  return validateAddress(postalFromText(text), book, layers);
}

function assertAmbiguous(found: AddressValidation): void {
  assert.deepEqual(
    found.errors.map(({ kind }) => kind),
    ['address-ambiguous'],
  );
  assert.equal(found.level, 'postal');
  assert.ok(
    found.geocode?.precision !== 'point' && found.geocode?.precision !== 'interpolated',
    'nobody is routed by it',
  );
}

test('city and postal code that name two houses decide for neither, whichever kind of data has them', () => {
  const text = '100 Main St, Irving, TX 75201';
  const houses = [
    [point(MAIN, 100, DALLAS, at(32.78)), road(MAIN, 100, 198, DALLAS, 32.78)],
    [point(MAIN, 100, IRVING, at(32.81)), road(MAIN, 100, 198, IRVING, 32.81)],
  ];
  for (const dallas of houses[0] ?? []) {
    assert.equal(
      check(text, layersOf(dallas)).level,
      dallas.kind === 'point' ? 'point' : 'street',
      'alone it is meant',
    );
    for (const irving of houses[1] ?? []) assertAmbiguous(check(text, layersOf(dallas, irving)));
  }
  const both = layersOf(...houses.flat());
  assert.equal(check('100 Main St, Dallas, TX 75201', both).level, 'point');
  assert.equal(check('100 Main St, Irving, TX 75060', both).level, 'point');
});

test('the range at the postal code is taken before a point of the name elsewhere in the city', () => {
  const elsewhere = point(MAIN, 100, area({ A3: 'Dallas', PC: '75243' }), at(32.9));
  const found = check('100 Main St, Dallas, TX 75201', layersOf(elsewhere, road(MAIN, 100, 198, DALLAS, 32.78)));
  assert.deepEqual(
    { level: found.level, corrections: found.corrections.length, precision: found.geocode?.precision },
    { level: 'street', corrections: 0, precision: 'interpolated' },
  );
});

test('one address twice in the data, miles apart, is neither; on a campus it is one', () => {
  const text = '100 Main St, Dallas, TX 75201';
  for (const kind of ['point', 'road'] as const) {
    const one = (latitude: number) =>
      kind === 'point' ? point(MAIN, 100, DALLAS, at(latitude)) : road(MAIN, 100, 198, DALLAS, latitude);
    assertAmbiguous(check(text, layersOf(one(32.78), one(32.83))));
    assert.equal(check(text, layersOf(one(32.78), one(32.79))).errors.length, 0);
  }
});

test('the same street in neighbouring urbanizaciones is a fault, with coordinates or without', () => {
  const parts = ['Urb Las Gladiolas', 'Urb El Paraiso'].map((A4) =>
    area({ A1: 'PR', A3: 'San Juan', A4, PC: '00926' }),
  );
  const [one, other] = parts;
  assert.ok(one && other);
  const text = '150 Calle A, San Juan, PR 00926';
  const pairs = [
    [
      point(CALLE, 150, one, { latitude: 18.4, longitude: -66.05 }),
      point(CALLE, 150, other, { latitude: 18.402, longitude: -66.05 }),
    ],
    [point(CALLE, 150, one, undefined), point(CALLE, 150, other, undefined)],
    [road(CALLE, 100, 198, one, 18.4), road(CALLE, 100, 198, other, 18.402)],
    [road(CALLE, 100, 198, one), road(CALLE, 100, 198, other)],
  ];
  for (const pair of pairs) {
    const layers = layersOf(...pair);
    assertAmbiguous(check(text, layers));
    const named = check(`Urb Las Gladiolas, ${text}`, layers);
    assert.deepEqual([named.level, named.errors.length], [pair[0]?.kind === 'point' ? 'point' : 'street', 0]);
  }
});

test('a street that is called by a direction is not the lettered one; written out or not, other directions are the same', () => {
  const named = (parts: Partial<LayerStreet>): LayerStreet => ({ ...NOWHERE, ...parts });
  const layers = layersOf(
    point(named({ RD: 'S', STS: 'St' }), 100, DALLAS, at(32.78)),
    point(named({ PRD: 'E', RD: 'NORTH', STS: 'AVE' }), 100, DALLAS, at(32.79)),
    point(named({ RD: 'Lake', STS: 'Dr', PRD: 'N' }), 100, DALLAS, at(32.8)),
    point(named({ RD: '3rd', STS: 'St', POD: 'N' }), 100, DALLAS, at(32.81)),
    point(named({ PRD: 'N', RD: 'Broadway' }), 100, DALLAS, at(32.82)),
  );
  const levelOf = (street: string) => check(`100 ${street}, Dallas, TX 75201`, layers).level;
  for (const street of [
    'S St',
    'S Street',
    'East North Avenue',
    'E North Ave',
    'North Lake Drive',
    'N Lake Dr',
    'Third Street North',
    'North Broadway',
  ]) {
    assert.equal(levelOf(street), 'point', street);
  }
  assert.equal(levelOf('South St'), 'postal');
  assert.equal(levelOf('E N Ave'), 'postal');
  const address = { city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' };
  const keyOf = (address1: string): string => addressKey({ address1, ...address });
  assert.notEqual(keyOf('100 South St'), keyOf('100 S St'), 'nor is an override of the one');
  assert.notEqual(keyOf('100½ Main St'), keyOf('100 Main St'));
  assert.equal(keyOf('100 South Main Street'), keyOf('100 S MAIN ST'));
});

test('est is east behind a French street, as it stands in the data or in the address', () => {
  const montreal = area({ country: 'CA', A1: 'QC', A3: 'Montréal', PC: 'H2X 1K9' });
  for (const POD of ['E', 'Est']) {
    const layers = layersOf(point({ ...NOWHERE, STP: 'rue', RD: 'Sherbrooke', POD }, 500, montreal, at(45.51)));
    for (const written of ['E', 'Est', 'est']) {
      assert.equal(check(`500 rue Sherbrooke ${written}, Montréal, QC H2X 1K9`, layers).level, 'point', written);
    }
    assert.equal(check('500 rue Sherbrooke Ouest, Montréal, QC H2X 1K9', layers).level, 'postal');
  }
});

test('a Canadian postal code of another part of the city is no less wrong than a ZIP code', () => {
  const toronto = area({ country: 'CA', A1: 'ON', A3: 'Toronto', PC: 'M5H 2N2' });
  const found = check('100 Main St, Toronto, ON M4C 1A1', layersOf(point(MAIN, 100, toronto, at(43.65))));
  assert.deepEqual(
    found.corrections.filter(({ kind }) => kind === 'content').map(({ field, to }) => [field, to]),
    [['postalCode', 'M5H 2N2']],
  );
  assert.equal(
    check('100 Main St, Toronto, ON M5H 2N2', layersOf(point(MAIN, 100, toronto, at(43.65)))).level,
    'point',
  );
});

test('of many streets spelt alike only so many are compared, and then none is the only one', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  // All have the letters of `wilingtons`, so that no cheap look tells them apart.
  const streets = Array.from({ length: 4_000 }, (_, index): LayerStreet => {
    const name = `wil${letters[index % 26] ?? ''}${letters[Math.floor(index / 26) % 26] ?? ''}${letters[Math.floor(index / 676)] ?? ''}ingtons`;
    return { ...NOWHERE, RD: name, STS: 'St' };
  });
  const wanted = { ...NOWHERE, RD: 'Wilingtonz', STS: 'St' };
  const houses = streets.map((street) => point(street, 5, DALLAS, at(32.78)));
  const small = layersOf(point(wanted, 7, DALLAS, at(32.78)));
  assert.equal(check('7 Wilingtons St, Dallas, TX 75201', small).corrections.length, 1);

  const layers = layersOf(...houses, point(wanted, 7, DALLAS, at(32.78)));
  const place = { postal: ['TX#75201'], names: ['TX|dallas'] };
  const alike = layers.streetsSpeltLike('TX|wil77aingtons', place);
  assert.ok(alike.compared > 0 && alike.compared <= 1_000, String(alike.compared));
  assert.ok(alike.scanned <= 60_000, String(alike.scanned));
  const crowded = check('5 Wil77aingtons St, Dallas, TX 75201', layers);
  assert.equal(layers.streetsSpeltLike('TX|wil77aingtons', place).isWhole, false);
  assert.equal(crowded.corrections.length, 0, 'nothing is the only one of what was not looked through');
  assert.deepEqual(
    crowded.errors.map(({ kind }) => kind),
    ['street-unknown'],
  );
});

/** What a question costs whose effort is not spent: nothing is told of it but how much is left. */
const SLACK = 1_000;

test('a house is not looked for without end, and what was not looked at is not taken for absent', () => {
  const text = '100 Main St, Dallas, TX 75201';
  const place = { postal: ['TX#75201'], names: ['TX|dallas'] };
  const wanted = { number: 100, prefix: '', suffix: '', indoor: {}, place };
  const crowds = {
    points: Array.from({ length: 14_000 }, () => point(MAIN, 100, DALLAS, at(32.78))),
    'points without coordinates in as many parts': Array.from({ length: 3_000 }, (_, index) =>
      point(MAIN, 100, { ...DALLAS, A4: `Part ${index}` }, undefined),
    ),
    ranges: Array.from({ length: 5_000 }, () => road(MAIN, 2, 998, DALLAS, 32.78)),
    'ranges of the other side': Array.from({ length: 40_000 }, () => road(MAIN, 1, 999, DALLAS, 32.78)),
  };
  for (const [name, crowd] of Object.entries(crowds)) {
    const layers = layersOf(...crowd);
    const effort = createSearchEffort();
    const streets = layers.streetsOfKey('TX|main st', place);
    const search = findHouse(layers, streets, wanted, effort);
    assert.equal(search.isWhole, false, name);
    assert.ok(effort.left > -SLACK, `${name}: ${effort.left}`);
    assert.ok(search.ambiguous.length <= 10 && search.units.length <= 10, name);
    // Nothing more is looked at on behalf of the same question.
    const { left } = effort;
    findHouse(layers, streets, { ...wanted, number: 102 }, effort);
    assert.equal(streetMiddle(layers, streets, place, effort), undefined);
    assert.equal(effort.left, left, name);
    assertAmbiguous(check(text, layers));
  }
});

test('a tower of thousands of flats is one house', () => {
  const flats = Array.from({ length: 4_000 }, (_, index) => {
    const flat = point(MAIN, 100, DALLAS, at(32.78));
    return { ...flat, indoor: { ...flat.indoor, UNIT: String(index) } };
  });
  const layers = layersOf(...flats);
  assert.equal(check('100 Main St, Dallas, TX 75201', layers).level, 'point');
  assert.equal(check('100 Main St Apt 3999, Dallas, TX 75201', layers).level, 'point');
  assert.deepEqual(
    check('100 Main St Apt 4000, Dallas, TX 75201', layers).errors.map(({ kind }) => kind),
    ['unit-unknown'],
  );
});

test('of a name with more directions and types than there are, none is the only one', () => {
  const street = (index: number): LayerStreet => ({ ...MAIN, POM: `Part ${index}` });
  const layersWith = (count: number): AddressLayers =>
    layersOf(
      ...Array.from({ length: count }, (_, index) => point(street(index), 100, DALLAS, at(32.78))),
      point({ ...MAIN, POM: 'Zone' }, 7, DALLAS, at(32.78)),
    );
  const text = '7 Main, Dallas, TX 75201';
  assert.equal(check(text, layersWith(3)).corrections.filter(({ kind }) => kind === 'content').length, 1);
  const crowded = check(text, layersWith(100));
  assert.equal(crowded.corrections.filter(({ kind }) => kind === 'content').length, 0);
  assert.deepEqual(
    crowded.errors.map(({ kind }) => kind),
    ['street-unknown'],
  );
  assert.ok(crowded.candidates.length <= 10);
});
