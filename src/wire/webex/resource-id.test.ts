import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeOrganizationId, decodeResourceId, encodeResourceId } from './resource-id.ts';

// From the published examples of the contract.
const MAIN_OFFICE = 'Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OL2E4Mjg5NzIyLTFiODAtNDFiNy05Njc4LTBlNzdhZThjMTA5OA';
const MAIN_OFFICE_UUID = 'a8289722-1b80-41b7-9678-0e77ae8c1098';

test('published ids decode, and encode to the same text', () => {
  assert.equal(decodeResourceId('LOCATION', MAIN_OFFICE), MAIN_OFFICE_UUID);
  assert.equal(encodeResourceId('LOCATION', MAIN_OFFICE_UUID), MAIN_OFFICE);
});

test('every form that clients store is read', () => {
  const plain = `ciscospark://us/LOCATION/${MAIN_OFFICE_UUID}`;
  const regional = `ciscospark://urn:TEAM:us-west-2_r/LOCATION/${MAIN_OFFICE_UUID.toUpperCase()}`;
  for (const text of [
    `${MAIN_OFFICE}==`,
    Buffer.from(plain).toString('base64'),
    Buffer.from(regional).toString('base64url'),
    MAIN_OFFICE_UUID,
    MAIN_OFFICE_UUID.toUpperCase(),
  ]) {
    assert.equal(decodeResourceId('LOCATION', text), MAIN_OFFICE_UUID, text);
  }
});

test('an id of another kind, or of nothing, is not read', () => {
  const foreign = Buffer.from(`https://us/LOCATION/${MAIN_OFFICE_UUID}`).toString('base64url');
  const trailing = Buffer.from(`ciscospark://us/LOCATION/${MAIN_OFFICE_UUID}/more`).toString('base64url');
  for (const text of ['', 'x', foreign, trailing, '../etc', MAIN_OFFICE.slice(4), `${MAIN_OFFICE}\n`]) {
    assert.equal(decodeResourceId('LOCATION', text), null, text);
  }
  assert.equal(decodeResourceId('PEOPLE', MAIN_OFFICE), null);
  assert.throws(() => decodeOrganizationId(MAIN_OFFICE), { name: 'ProblemError', kind: 'invalid' });
});

test('decode undoes encode, and no text makes decode throw', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => assert.equal(decodeResourceId('PEOPLE', encodeResourceId('PEOPLE', id)), id)),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 600 }), (text) => {
      const id = decodeResourceId('PLACE', text);
      assert.ok(id === null || /^[0-9a-f-]{36}$/.test(id));
    }),
  );
});
