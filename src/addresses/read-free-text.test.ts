import assert from 'node:assert/strict';
import { test } from 'node:test';
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
