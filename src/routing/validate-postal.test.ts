import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAddresses } from '../addresses/addresses.ts';
import type { CivicAddress } from '../domain/civic-address.ts';
import { createPostalValidator } from './validate-postal.ts';

const validate = createPostalValidator(createAddresses());
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

describe('civic locations against postal data', () => {
  test('postal elements are valid, the street is unchecked', async () => {
    const verdict = await validate(AUSTIN);
    assert.deepEqual(verdict.valid, ['country', 'A1', 'A3', 'PC']);
    assert.deepEqual(verdict.invalid, []);
    assert.deepEqual(verdict.unchecked, ['PRD', 'RD', 'STS', 'HNO']);
    assert.equal(verdict.similar, undefined);
  });

  test('a postal code of elsewhere is invalid; others of the city may have been meant', async () => {
    const verdict = await validate({ ...AUSTIN, PC: '10001' });
    assert.deepEqual(verdict.invalid, ['PC']);
    assert.ok((verdict.similar ?? []).every(({ A3, HNO, PC }) => A3 === 'Austin' && HNO === '301' && PC !== '10001'));
    assert.ok((verdict.similar ?? []).length > 0);
  });

  test('a city that is misspelt is invalid; the right one may have been meant', async () => {
    const verdict = await validate({ ...AUSTIN, A3: 'Astin' });
    assert.deepEqual(verdict.invalid, ['A3']);
    assert.deepEqual(verdict.similar, [AUSTIN]);
    assert.equal(verdict.completed, undefined);
  });

  test('what is missing is no fault of what is there', async () => {
    const verdict = await validate({ country: 'US', A1: 'TX' });
    assert.deepEqual(verdict.valid, ['country', 'A1']);
    assert.deepEqual(verdict.invalid, []);
  });

  test('abroad only the country is judged', async () => {
    const verdict = await validate({ country: 'DE', A1: 'Bavaria', A3: 'Munich', PC: '81675' });
    assert.deepEqual(verdict.invalid, ['country']);
    assert.deepEqual(verdict.unchecked, ['A1', 'A3', 'PC']);
  });
});
