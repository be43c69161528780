import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postalFromText } from './postal-from-text.ts';
import { readFreeText } from './read-free-text.ts';

const CASES: [string, Record<string, string>][] = [
  ['100 Main St, Houston, TX 77002', { country: 'US', A1: 'TX', A3: 'Houston', PC: '77002', HNO: '100', RD: 'Main' }],
  ['100 Main St, Houston TX 77002, USA', { country: 'US', A1: 'TX', A3: 'Houston', PC: '77002' }],
  ['1 Dr Carlton B Goodlett Pl, San Francisco, CA', { country: 'US', A1: 'CA', A3: 'San Francisco' }],
  ['100 Queen St W, Toronto, ON M5H 2N2, Canada', { country: 'CA', A1: 'ON', A3: 'Toronto', PC: 'M5H 2N2' }],
  ['Anchorage, Alaska', { country: 'US', A1: 'AK', A3: 'Anchorage' }],
  ['San Juan, PR', { country: 'US', A1: 'PR', A3: 'San Juan' }],
  ['12 B St, Charlotte Amalie, Virgin Islands 00802', { country: 'US', A1: 'VI', A3: 'Charlotte Amalie' }],
];

for (const [text, expected] of CASES) {
  test(`reads ${text}`, () => {
    const civic = readFreeText(text) as Record<string, string>;
    for (const [element, value] of Object.entries(expected)) assert.equal(civic[element], value, element);
  });
}

test('nonsense gives an empty or partial address, never an error', () => {
  for (const text of ['', ',,,', 'x', '99999', 'CA', '🚒, 🚒', 'a,'.repeat(200)]) assert.ok(readFreeText(text));
});

test('what stands before and behind the house is read, and two units are not one', () => {
  const tower = readFreeText('Tower One, 1500 Main St, behind the barn, Dallas, TX 75201');
  assert.deepEqual([tower.HNO, tower.RD, tower.LOC], ['1500', 'Main', 'Tower One, behind the barn']);
  const units = readFreeText('100 Main St Apt 4, Suite 5, Dallas, TX 75201');
  assert.deepEqual([units.UNIT, units.LOC], ['4', 'Suite 5']);
});

test('a one-line address in fields; house numbers are written so that they are read the same again', () => {
  const cases: [string, string, string][] = [
    ['12B Main St, Apt 4, Boston, MA 02108', '12B Main St', 'Unit 4'],
    ['12½ N Main St NW, Atlanta, GA 30303', '12½ N Main St NW', ''],
    ['12 1/2 Main St, Atlanta, GA 30303', '12 1/2 Main St', ''],
    ['94-1234 Kaʻahumanu Ave, Waipahu, HI 96797', '94-1234 Kaʻahumanu Ave', ''],
    ['PO Box 12, Austin, TX 78701', 'PO Box 12', ''],
  ];
  for (const [text, address1, address2] of cases) {
    const postal = postalFromText(text);
    assert.deepEqual([postal.address1, postal.address2], [address1, address2]);
    assert.ok(postal.city && postal.state && postal.postalCode);
  }
});
