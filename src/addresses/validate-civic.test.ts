import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CivicAddress } from '../domain/civic-address.ts';
import { createAddresses } from './addresses.ts';
import { readFixture } from './testing/fixture-layers.ts';

const { layers } = await readFixture();
const plain = createAddresses();
const overPostal = (civic: CivicAddress) => plain.validateCivic(civic);
const overLayers = createAddresses({ layers: () => layers, overridesOf: () => undefined });

const AUSTIN: CivicAddress = {
  country: 'US',
  A1: 'TX',
  A3: 'Austin',
  PRD: 'W',
  RD: '2nd',
  STS: 'St',
  HNO: '301',
  PC: '78701',
};
const AKARD: CivicAddress = {
  country: 'US',
  A1: 'TX',
  A3: 'Dallas',
  PRD: 'S',
  RD: 'Akard',
  STS: 'St',
  HNO: '150',
  PC: '75201',
};

describe('civic locations where no layer covers the place', () => {
  test('postal elements are valid, the street is unchecked', async () => {
    const verdict = await overPostal(AUSTIN);
    assert.deepEqual(verdict.valid, ['country', 'A1', 'A3', 'PC']);
    assert.deepEqual(verdict.invalid, []);
    assert.deepEqual(verdict.unchecked, ['PRD', 'RD', 'STS', 'HNO']);
    assert.equal(verdict.similar, undefined);
    assert.equal(verdict.level, 'postal');
  });

  test('a postal code of elsewhere is invalid; others of the city may have been meant', async () => {
    const verdict = await overPostal({ ...AUSTIN, PC: '10001' });
    assert.deepEqual(verdict.invalid, ['PC']);
    assert.ok((verdict.similar ?? []).every(({ A3, HNO, PC }) => A3 === 'Austin' && HNO === '301' && PC !== '10001'));
    assert.ok((verdict.similar ?? []).length > 0);
  });

  test('a city that is misspelt is invalid; the right one may have been meant', async () => {
    const verdict = await overPostal({ ...AUSTIN, A3: 'Astin' });
    assert.deepEqual(verdict.invalid, ['A3']);
    assert.deepEqual(verdict.similar, [AUSTIN]);
    assert.equal(verdict.completed, undefined);
  });

  test('what is missing is no fault of what is there', async () => {
    const verdict = await overPostal({ country: 'US', A1: 'TX' });
    assert.deepEqual(verdict.valid, ['country', 'A1']);
    assert.deepEqual(verdict.invalid, []);
  });

  test('abroad only the country is judged', async () => {
    const verdict = await overPostal({ country: 'DE', A1: 'Bavaria', A3: 'Munich', PC: '81675' });
    assert.deepEqual(verdict.invalid, ['country']);
    assert.deepEqual(verdict.unchecked, ['A1', 'A3', 'PC']);
  });
});

describe('civic locations where layers cover the place', () => {
  test('street, number and room are valid where the point has them; the county is completed', async () => {
    const verdict = await overLayers.validateCivic({ ...AKARD, BLD: 'B', FLR: '3', ROOM: '312', NAM: 'Acme' });
    assert.deepEqual(verdict.invalid, []);
    assert.deepEqual(verdict.unchecked, ['NAM']);
    assert.equal(verdict.level, 'point');
    assert.equal(verdict.completed?.A2, 'Dallas County');
    assert.equal(verdict.completed?.ROOM, '312');
  });

  test('a number that the street does not have is invalid, the street is valid', async () => {
    const verdict = await overLayers.validateCivic({ ...AKARD, HNO: '950' });
    assert.deepEqual(verdict.invalid, ['HNO']);
    assert.ok(verdict.valid.includes('RD') && verdict.valid.includes('PRD'));
    assert.ok((verdict.similar ?? []).some(({ HNO, RD }) => RD === 'Akard' && HNO === '199'));
  });

  test('a street that is not there is invalid; its number is not judged', async () => {
    const verdict = await overLayers.validateCivic({ ...AKARD, RD: 'Nowhere' });
    assert.deepEqual(verdict.invalid, ['RD']);
    assert.ok(verdict.unchecked.includes('HNO'));
  });

  test('only the element that is wrong is invalid', async () => {
    const type = await overLayers.validateCivic({ ...AKARD, STS: 'Ave' });
    assert.deepEqual(type.invalid, ['STS']);
    assert.equal(type.similar?.[0]?.STS, 'St');
    const spelling = await overLayers.validateCivic({ ...AKARD, RD: 'Akrad' });
    assert.deepEqual(spelling.invalid, ['RD']);
    const county = await overLayers.validateCivic({ ...AKARD, A2: 'Harris County' });
    assert.deepEqual(county.invalid, ['A2']);
    const unit = await overLayers.validateCivic({ ...AKARD, HNO: '1502', PRD: '', RD: 'Main', UNIT: '9' });
    assert.deepEqual(unit.invalid, ['UNIT']);
  });

  test('an urbanización tells two streets of one name apart', async () => {
    await overLayers.prepare();
    const calle = { country: 'US', A1: 'PR', A3: 'San Juan', PC: '00926', STP: 'Calle', RD: 'A', HNO: '150' };
    assert.equal((await overLayers.validateCivic(calle)).level, 'postal');
    for (const A4 of ['Urb Las Gladiolas', 'LAS GLADIOLAS', 'Urbanización Las Gladiolas']) {
      assert.equal((await overLayers.validateCivic({ ...calle, A4 })).level, 'point', A4);
      assert.equal(overLayers.geocode({ ...calle, A4 })?.precision, 'point', A4);
    }
    for (const A4 of ['Urb Otra', 'Ext Las Gladiolas']) {
      assert.equal((await overLayers.validateCivic({ ...calle, A4 })).level, 'postal', A4);
      assert.notEqual(overLayers.geocode({ ...calle, A4 })?.precision, 'point', A4);
    }
    const territory = { ...calle, country: 'PR', A1: '', A4: 'Urb Las Gladiolas' };
    assert.equal((await overLayers.validateCivic(territory)).level, 'point');
  });

  test('a place is told only for the address as it was given', async () => {
    await overLayers.prepare();
    assert.equal(overLayers.geocode(AKARD)?.precision, 'point');
    assert.equal(overLayers.geocode({ ...AKARD, HNO: '101', RD: 'Akard' })?.precision, 'interpolated');
    assert.notEqual(overLayers.geocode({ ...AKARD, RD: 'Akrad' })?.precision, 'point');
    assert.equal(overLayers.geocode({ ...AKARD, PC: '75219' })?.precision === 'point', false);
    assert.equal(createAddresses().geocode(AKARD), undefined, 'before the tables are read');
  });
});
