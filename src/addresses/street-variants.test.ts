import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldStreet } from './fold-street.ts';
import { looseRoadVariants, streetVariants } from './street-variants.ts';

function isSame(region: string, one: string, other: string): boolean {
  const [country = '', A1 = ''] = region.split('-');
  return streetVariants(foldStreet(one), { country, A1 }).includes(foldStreet(other));
}

const SAME: readonly [region: string, names: readonly string[]][] = [
  ['US-TX', ['State Highway 71', 'SH 71', 'SH-71', 'St Rd 71', 'TX-71', 'TX Hwy 71']],
  ['US-KY', ['KY 440', 'KY Hwy 440', 'State Route 440']],
  ['US-TX', ['I-35', 'IH 35', 'IH35', 'Interstate 35', 'Interstate Hwy 35']],
  ['US-TX', ['N Interstate 35', 'N IH-35', 'North I35']],
  ['US-TX', ['US HWY 290', 'U.S. 290', 'US290', 'United States Highway 290']],
  ['US-TX', ['FM 1960', 'Farm to Market Rd 1960', 'FM Road 1960', 'FM1960', 'Farm Market 1960']],
  ['US-TX', ['RM 620', 'Ranch Road 620', 'RR 620', 'Ranch to Market Road 620']],
  ['US-OH', ['County Road 12', 'Co. Road 12', 'CR 12', 'CR-12', 'Cnty Rd 12']],
  ['US-MN', ['County Highway 12', 'Co Hwy 12', 'CTH 12']],
  ['US-WI', ['County Road AA', 'CTH AA', 'County Hwy AA', 'County Trunk Highway AA', 'Cty Rd AA']],
  ['US-NY', ['21st St', 'Twenty-First Street', '21 St']],
  ['US-NY', ['W 11th St', 'West Eleventh Street', 'W 11 St']],
  ['US-CA', ['9th St', '09TH ST', 'Ninth Street']],
  ['US-NY', ['20th Ave', 'Twentieth Avenue']],
  ['CA-AB', ['102 Ave NW', '102nd Avenue NW']],
  ['CA-QC', ['3e Avenue', '3ème Avenue', 'Troisième Avenue', '3ième Avenue']],
  ['CA-QC', ['1re Avenue', '1ère Avenue', 'Première Avenue']],
  ['US-TX', ['MLK Jr Blvd', 'Martin Luther King Blvd', 'Dr. Martin Luther King Jr. Blvd', 'Dr. M.L. King Jr. Blvd']],
];

for (const [region, names] of SAME) {
  test(`one street: ${names.join(', ')}`, () => {
    for (const one of names) for (const other of names) assert.ok(isSame(region, one, other), `${one}, ${other}`);
  });
}

const APART: readonly [region: string, one: string, other: string][] = [
  ['US-TX', 'SH 71', 'US 71'],
  ['US-TX', 'SH 71', 'FM 71'],
  ['US-TX', 'Highway 71', 'US 71'],
  ['US-TX', 'SH 71', 'SH 17'],
  ['US-TX', 'N IH 35', 'S IH 35'],
  ['US-MN', 'County Road 12', 'County Highway 12'],
  ['US-WI', 'County Road A', 'County Road AA'],
  ['US-TX', 'TX 71', 'OK 71'],
  ['US-FL', 'NE 5th St', 'NW 5th St'],
  ['US-NE', 'NE 5 St', 'State Road 5 St'],
  ['US-NY', '21st St', '21st Ave'],
  ['US-NY', '1st St', '11th St'],
  ['US-UT', 'S 500 E', 'S 500 W'],
  ['US-TX', 'King St', 'Martin Luther King St'],
  ['US-TX', 'M King St', 'Martin Luther King St'],
  ['US-IL', '500E Rd', '500th Rd'],
  ['US-IN', '5E St', '5th St'],
  ['US-CO', 'County Highway 12', 'CO Hwy 12'],
];

for (const [region, one, other] of APART) {
  test(`two streets: ${one}, ${other}`, () => {
    assert.equal(isSame(region, one, other), false);
    assert.equal(isSame(region, other, one), false);
  });
}

test('a highway without its kind may be several', () => {
  const loose = looseRoadVariants(foldStreet('W Highway 290'), 'TX');
  assert.ok(loose.includes('w us 290') && loose.includes('w sh 290') && !loose.includes('w fm 290'));
  assert.deepEqual(looseRoadVariants(foldStreet('US 290'), 'TX'), ['hwy 290', 'rte 290']);
  assert.deepEqual(looseRoadVariants(foldStreet('Main St'), 'TX'), []);
});
