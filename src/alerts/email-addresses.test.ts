import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { isAddress, readAddressField } from './email-addresses.ts';

test('an address field is kept as written, empty is none', () => {
  assert.equal(readAddressField(' a@example.com; B@example.com ', 'emailAddress'), 'a@example.com; B@example.com');
  assert.equal(readAddressField('  ', 'emailAddress'), null);
  assert.equal(readAddressField(null, 'emailAddress'), null);
  assert.equal(readAddressField("o'hara+911@éxample.com", 'emailAddress'), "o'hara+911@éxample.com");
});

test('an address that is longer in bytes than mail servers take is told so where it is entered', () => {
  const long = `desk@${'é'.repeat(130)}.com`;
  assert.ok(long.length < 254);
  assert.throws(() => readAddressField(`a@example.com, ${long}`, 'emailAddress'), /longer than 254 bytes/);
  assert.equal(isAddress(long), false);
  assert.ok(isAddress(`desk@${'é'.repeat(120)}.com`));
});

test('a wrong address is a problem that names the field', () => {
  const wrong = [
    'plain',
    'a@b@c',
    'a@',
    '@b',
    'Name <a@b.c>',
    'a@b.c\u0000',
    ';',
    'a@b.c,'.repeat(51),
    'x'.repeat(5_000),
  ];
  for (const text of wrong) {
    assert.throws(
      () => readAddressField(text, 'emailAddress'),
      (error: unknown) =>
        error instanceof ProblemError && error.kind === 'invalid' && error.fields[0]?.path === 'emailAddress',
      JSON.stringify(text.slice(0, 40)),
    );
  }
});
