import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInE911Coverage, readCountryAndState } from './e911-coverage.ts';

test('the United States, its territories and Canada are covered, whatever the case', () => {
  for (const country of ['US', 'us', 'CA', 'PR', 'GU', 'VI', 'AS', 'MP', 'UM'])
    assert.equal(isInE911Coverage(country), true);
  for (const country of ['MX', 'GB', 'DE', 'SG', '', 'USA']) assert.equal(isInE911Coverage(country), false);
});

test('country and state come to one form', () => {
  const cases: readonly [string, string, object | undefined][] = [
    ['US', 'tx', { country: 'US', A1: 'TX' }],
    ['us', 'Texas', { country: 'US', A1: 'TX' }],
    ['US', 'US-TX', { country: 'US', A1: 'TX' }],
    ['US', 'PR', { country: 'US', A1: 'PR' }],
    ['PR', '', { country: 'US', A1: 'PR' }],
    ['PR', 'Puerto Rico', { country: 'US', A1: 'PR' }],
    ['GU', 'gu', { country: 'US', A1: 'GU' }],
    ['PR', 'TX', undefined],
    ['US', 'ON', undefined],
    ['US', '', undefined],
    ['CA', 'Québec', { country: 'CA', A1: 'QC' }],
    ['CA', 'TX', undefined],
    ['FR', '', { country: 'FR' }],
    ['AU', 'NSW', { country: 'AU', A1: 'NSW' }],
  ];
  for (const [country, state, expected] of cases) {
    assert.deepEqual(readCountryAndState(country, state), expected, `${country} ${state}`);
  }
});
