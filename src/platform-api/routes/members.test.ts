import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Members } from '../../members/members.ts';
import type { RestAnswer, RestRequest } from '../../transport/rest-route.ts';
import { memberRoutes } from './members.ts';

const NUMBERS = ['+15125550101', '+15125550102', '+15125550103', '+15125550104'];

/** GET /api/numbers of an organization that holds four numbers. */
async function listNumbers(queryText: string): Promise<RestAnswer> {
  const absoluteUrl = new URL(`https://e911.example/api/numbers?${queryText}`);
  const given = absoluteUrl.searchParams;
  const query = {
    ...(given.has('start') && { start: Number(given.get('start')) }),
    ...(given.has('max') && { max: Number(given.get('max')) }),
  };
  const members = {
    listNumbers: (_scope: unknown, { start = 0, max = 0 }) => Promise.resolve(NUMBERS.slice(start, start + max)),
  };
  const route = memberRoutes({ members: members as unknown as Members }).find(
    ({ operationId }) => operationId === 'numbers.list',
  );
  assert.ok(route);
  return route.handle({ absoluteUrl, query } as unknown as RestRequest<never, never>);
}

test('a list is read to its end by following its links, which keep every filter', async () => {
  const seen: unknown[] = [];
  let query: string | undefined = 'max=3&locationId=a&orgId=b';
  while (query !== undefined) {
    const answer = await listNumbers(query);
    seen.push(...(answer.body as { items: unknown[] }).items);
    assert.match(answer.nextUrl ?? 'https:', /^https:/);
    query = answer.nextUrl === undefined ? undefined : new URL(answer.nextUrl).search.slice(1);
    if (query !== undefined) assert.equal(query, 'max=3&locationId=a&orgId=b&start=3');
  }
  assert.deepEqual(seen, NUMBERS);
});

test('a page that ends the list exactly has no link', async () => {
  assert.equal((await listNumbers('max=4')).nextUrl, undefined);
  assert.notEqual((await listNumbers('max=1')).nextUrl, undefined);
});
