import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import { createLocationUris } from './location-uris.ts';
import { referenceKey } from './seal-reference.ts';

const ORGANIZATION_ID = '11111111-1111-4111-8111-111111111111';
const ERL_ID = '22222222-2222-4222-8222-222222222222';
const clock = createManualClock();

function urisAt(publicUrl: string) {
  const erl = { id: ERL_ID, buildingId: 'building', locationId: 'location', civic: { country: 'US' } };
  return createLocationUris({
    index: () => ({ keys: [referenceKey(1, Buffer.alloc(32, 7))], revoked: new Map() }),
    places: { responseLocation: () => erl, buildingById: () => undefined } as never,
    clock,
    publicUrl: () => publicUrl,
  });
}

test('a location URI of ours is known however it is spelled, and leads to the same place', () => {
  const uris = urisAt('https://lis.example.net/base');
  const issued = uris.issueLocationUri(ORGANIZATION_ID, { kind: 'erl', id: ERL_ID });
  assert.ok(issued);
  const reference = issued.uri.slice('https://lis.example.net/base/held/l/'.length);
  for (const spelled of [
    issued.uri,
    `HTTPS://LIS.Example.NET/base/held/l/${reference}`,
    `https://lis.example.net:443/base/held/l/${reference}`,
    `http://lis.example.net/base/held/l/${reference}`,
    `http://lis.example.net:80/base/held/l/${reference}?x=1#y`,
  ]) {
    assert.ok(uris.isOwnLocationUri(spelled), spelled);
    const resolved = uris.resolveLocationUri(spelled, clock.nowMs());
    assert.equal(resolved.found && resolved.target.id, ERL_ID, spelled);
  }
});

test('what only looks like a location URI of ours is none', () => {
  const uris = urisAt('http://127.0.0.1:8911');
  for (const uri of [
    'https://lis.example.org/held/l/x',
    'http://127.0.0.1:8912/held/l/x',
    'http://127.0.0.1/held/l/x',
    'http://127.0.0.1:8911/other/held/l/x',
    'sip:x@127.0.0.1:8911',
    'pres:held/l/x@127.0.0.1',
    'ftp://127.0.0.1:8911/held/l/x',
    'http://127.0.0.1:8911@lis.example.org/held/l/x',
    'cid:x',
    'reference-alone',
    `http://127.0.0.1:8912/held/l/${'x'.repeat(3_000)}`,
  ]) {
    assert.equal(uris.isOwnLocationUri(uri), false, uri);
  }
});
