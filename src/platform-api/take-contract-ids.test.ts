import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { RestRequest, RestRoute } from '../transport/rest-route.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { takeContractIds } from './take-contract-ids.ts';

const ID = 'f9df36be-70a1-4cda-9d9b-4f2e0d8b1a11';
const ENCODED = encodeResourceId('LOCATION', ID);

async function seenBy(request: Partial<RestRequest>): Promise<Partial<RestRequest>> {
  let seen: RestRequest | undefined;
  const route = takeContractIds({
    handle: (given: RestRequest) => {
      seen = given;
      return Promise.resolve({ status: 204 });
    },
  } as unknown as RestRoute);
  await route.handle(request as RestRequest<never, never>);
  return seen ?? {};
}

test('ids of the contract become bare ones in path, query and body, nothing else changes', async () => {
  const seen = await seenBy({
    params: { id: ENCODED, deviceId: 'tel:+12145550100' },
    query: { locationId: ENCODED, text: ENCODED, max: 3 },
    body: {
      target: { locationId: ENCODED, note: ENCODED },
      locationIds: [ENCODED, ID],
      id: null,
      parts: [{ id: ENCODED }],
    },
  });
  assert.deepEqual(seen.params, { id: ID, deviceId: 'tel:+12145550100' });
  assert.deepEqual(seen.query, { locationId: ID, text: ENCODED, max: 3 });
  assert.deepEqual(seen.body, {
    target: { locationId: ID, note: ENCODED },
    locationIds: [ID, ID],
    id: null,
    parts: [{ id: ID }],
  });
});

test('path and query are read whatever class the server makes them of', async () => {
  const named = Object.assign(Object.create(Object.create(null) as object) as object, { locationId: ENCODED });
  const seen = await seenBy({ params: named, query: named });
  assert.deepEqual([seen.params, seen.query], [{ locationId: ID }, { locationId: ID }]);
});

test('texts and streams are handed on as they are', async () => {
  const stream = Readable.from(['a']);
  assert.equal((await seenBy({ params: {}, query: {}, body: stream })).body, stream);
  assert.equal((await seenBy({ params: {}, query: {}, body: ENCODED })).body, ENCODED);
});
