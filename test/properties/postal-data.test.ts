import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { buildPostalData } from '../../scripts/build-postal-data.ts';
import { readPostalBook } from '../../src/addresses/postal-book.ts';
import type { PostalFile } from '../../src/addresses/postal-file.ts';
import { CA_REGIONS, US_REGIONS } from '../../src/domain/regions.ts';

const packed = readFileSync(new URL('../../src/addresses/data/postal.json.br', import.meta.url));
const file = JSON.parse(brotliDecompressSync(packed).toString('utf8')) as PostalFile;

test('the committed postal data is what the script builds', async () => {
  assert.deepEqual(file, await buildPostalData());
});

test('every region is there, its columns are of one length, and every ZIP code is found through its section', async () => {
  const book = await readPostalBook();
  let zips = 0;
  let areas = 0;
  for (const { code, country } of [...US_REGIONS, ...CA_REGIONS]) {
    const region = file.regions[code];
    assert.ok(region, code);
    const codes = region.codes.split(' ');
    for (const column of [region.countyOf, region.latitudes, region.longitudes]) {
      assert.equal(column.split(' ').length, codes.length, code);
    }
    assert.equal(region.names.split('|').length, codes.length, code);
    for (const postalCode of codes) {
      if (postalCode === '-') continue;
      assert.equal(book.region(code)?.find(postalCode)?.code, postalCode);
      if (country === 'CA') areas += 1;
      else {
        zips += 1;
        assert.ok(book.statesOfSection(postalCode.slice(0, 3)).includes(code), postalCode);
      }
    }
  }
  assert.ok(zips > 41_000 && areas > 1_600, `${zips} ZIP codes, ${areas} areas`);
});
