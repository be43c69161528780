/** The client that holds answers against the contract refuses what the contract does not say. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { badBodies } from './bad-values.ts';
import { type ContractClient, createContractClient, type OperationKey } from './contract-client.ts';

type Reply = { status: number; headers?: Record<string, string>; body?: unknown };

let reply: Reply;
let client: ContractClient;
let waited: number[];

const server = createServer((request, response: ServerResponse) => {
  request.resume();
  request.once('end', () => {
    const trackingid = String(request.headers['trackingid']);
    const text =
      reply.body === undefined ? '' : JSON.stringify(reply.body).replace('"$trackingId"', JSON.stringify(trackingid));
    response.writeHead(reply.status, {
      trackingid,
      ...(text !== '' && { 'content-type': 'application/json; charset=utf-8' }),
      ...reply.headers,
    });
    response.end(text);
  });
});

before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createContractClient(url, { wait: (seconds) => waited.push(seconds) });
});

after(() => server.close());

const KEY: OperationKey = 'GET /telephony/config/redSky';
const ERROR = { message: 'no', errors: [{ description: 'no' }], trackingId: '$trackingId' };

async function answers(given: Reply, key: OperationKey = KEY): Promise<number> {
  reply = given;
  waited = [];
  return (await client.call(key, {})).status;
}

test('answers as the contract says them', async () => {
  assert.equal(await answers({ status: 200, body: { enabled: true, locationsEnabled: false } }), 200);
  assert.equal(await answers({ status: 404, body: ERROR }), 404);
  assert.equal(await answers({ status: 204 }, 'PUT /telephony/config/emergencyCallNotification'), 204);
  const next = `${client.baseUrl}/v1/locations?start=1`;
  const list = { status: 200, body: { items: [] }, headers: { link: `<${next}>; rel="next"` } };
  assert.equal(await answers(list, 'GET /locations'), 200);
});

test('everything else is a fault', async () => {
  const faults: [string, Reply, OperationKey?][] = [
    ['a status that is not listed', { status: 418, body: ERROR }],
    ['a success that is not listed', { status: 202, body: { enabled: true } }],
    ['a name that is not in the schema', { status: 200, body: { enabled: true, isNew: true } }],
    ['another type', { status: 200, body: { enabled: 'true' } }],
    ['null', { status: 200, body: { enabled: true, companyId: null } }],
    ['no JSON by its type', { status: 200, body: { enabled: true }, headers: { 'content-type': 'text/plain' } }],
    ['another tracking id', { status: 200, body: { enabled: true }, headers: { trackingid: 'mine' } }],
    [
      'a body where there is none',
      { status: 204, headers: { 'content-type': 'application/json' } },
      'DELETE /people/{personId}',
    ],
    [
      'a relative Link',
      { status: 200, body: { items: [] }, headers: { link: '</v1/locations?start=1>; rel="next"' } },
      'GET /locations',
    ],
    [
      'a Link of another server',
      {
        status: 200,
        body: { items: [] },
        headers: { link: '<http://other.example/v1/locations?start=1>; rel="next"' },
      },
      'GET /locations',
    ],
    ['an error without envelope', { status: 404, body: { error: 'no' } }],
    ['an error without errors', { status: 404, body: { ...ERROR, errors: [] } }],
    ['an error of another request', { status: 404, body: { ...ERROR, trackingId: 'other' } }],
    ['401 without a challenge', { status: 401, body: ERROR }],
    ['405 without Allow', { status: 405, body: ERROR }],
    ['423 without Retry-After', { status: 423, body: ERROR }],
  ];
  for (const [what, given, key = KEY] of faults) {
    reply = given;
    await assert.rejects(client.call(key, { params: { personId: 'x' } }), { name: 'AssertionError' }, what);
  }
});

test('429 is obeyed once; a server that says it again did not mean its Retry-After', async () => {
  await assert.rejects(answers({ status: 429, body: ERROR, headers: { 'retry-after': '7' } }), /try 2, Retry-After 7/);
  assert.deepEqual(waited, [7]);
  await assert.rejects(answers({ status: 429, body: ERROR, headers: { 'retry-after': '3600' } }), /Retry-After 3600/);
});

test('bad bodies break one rule each', () => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', maxLength: 3 },
      inner: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
    },
  };
  const bad = badBodies(schema, { name: 'a', inner: { n: 1 } }).map(({ field, rule }) => `${field} ${rule}`);
  assert.deepEqual(bad.sort(), [
    'inner is no object',
    'n inner: is no integer',
    'n inner: is too small',
    'name holds NUL',
    'name holds half a surrogate pair',
    'name is missing',
    'name is no string',
    'name is null',
    'name is too long',
  ]);
});
