/**
 * Every operation of both documents of the contract over HTTP, on the whole platform: one success and the refusals that its
 * schemas tell, each answer held against the documents (status, headers, body) by the client. An operation without a row,
 * a row that is not asked, and an operation of the door that neither document lists are failures.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeResourceId, type ResourceKind } from '../../../src/wire/webex/resource-id.ts';
import { badBodies, badQueryTexts } from '../../support/bad-values.ts';
import {
  type ContractAnswer,
  type ContractCall,
  type ContractClient,
  createContractClient,
  OPERATION_KEYS,
  type OperationKey,
  operationOf,
  pathParameters,
} from '../../support/contract-client.ts';
import { createWorlds, type World, type Worlds } from '../../support/contract-world.ts';
import { startTimedPlatform, type TimedPlatform } from '../../support/timed-platform.ts';
import { OPERATION_ROWS } from './operation-rows.ts';

let platform: TimedPlatform;
let client: ContractClient;
let worlds: Worlds;
let foreign: World;

before(async () => {
  platform = await startTimedPlatform({ WAYMARK_DEMO: '0' });
  client = createContractClient(platform.http);
  worlds = createWorlds(platform, client);
  foreign = await worlds.newWorld('Foreign');
});

after(() => platform.stop());

const NOBODY = '00000000-0000-4000-8000-000000000000';
const KIND: Readonly<Record<string, ResourceKind>> = {
  locationId: 'LOCATION',
  personId: 'PEOPLE',
  workspaceId: 'PLACE',
  virtualLineId: 'VIRTUAL_LINE',
  huntGroupId: 'HUNT_GROUP',
  addressId: 'EMERGENCY_ADDRESS',
};

function unknownValue(parameter: string): string {
  if (parameter === 'phoneNumber') return '+14085559999';
  const kind = KIND[parameter];
  assert.ok(kind, parameter);
  return encodeResourceId(kind, NOBODY);
}

function descriptions(answer: ContractAnswer): string {
  return (answer.body['errors'] as { description: string }[]).map(({ description }) => description).join('\n');
}

type Ask = (change: ContractCall, status: number, what: string) => Promise<ContractAnswer>;

/** Asks as the success was asked, with one thing changed. */
function askChanged(key: OperationKey, good: ContractCall): Ask {
  return async (change, status, what) => {
    const answer = await client.call(key, { ...good, ...change });
    assert.equal(answer.status, status, `${key}: ${what}: ${answer.text}`);
    return answer;
  };
}

function queryWith(good: ContractCall, name: string, value: string): Record<string, string> {
  const given = typeof good.query === 'object' ? good.query : {};
  return { ...given, [name]: value };
}

async function refuseStrangers(good: ContractCall, ask: Ask): Promise<void> {
  await ask({ token: null }, 401, 'no token');
  await ask({ token: 'wm_nobody' }, 401, 'an unknown token');
  const named = await ask({ query: queryWith(good, 'orgId', 'nowhere') }, 400, 'an orgId that is none');
  assert.match(descriptions(named), /orgId/);
  const orgId = encodeResourceId('ORGANIZATION', foreign.organizationId);
  await ask({ query: queryWith(good, 'orgId', orgId) }, 403, 'the organization of somebody else');
  await ask({ method: 'PATCH' }, 405, 'a method that the resource has not');
}

async function refuseUnknownResources(key: OperationKey, good: ContractCall, ask: Ask): Promise<void> {
  const parameters = pathParameters(key);
  if (parameters.length === 0) return;
  for (const name of parameters) {
    for (const value of [unknownValue(name), 'nonsense']) {
      await ask({ params: { ...good.params, [name]: value } }, 404, `${name} ${value}`);
    }
  }
  const { given } = await OPERATION_ROWS[key].succeed(foreign);
  await ask({ params: given.params ?? {} }, 404, 'the resource of another organization');
}

async function refuseBadBodies(key: OperationKey, good: ContractCall, ask: Ask): Promise<void> {
  const { request } = operationOf(key);
  if (request === null) return;
  await ask({ headers: { 'content-type': 'text/plain' } }, 415, 'a body that is not JSON by its type');
  await ask({ body: '{"unfinished": ' }, 400, 'a body that is not JSON');
  await ask({ body: '' }, 400, 'no body');
  await ask({ body: [] }, 400, 'a list as the body');
  for (const { field, rule, value } of badBodies(request, good.body)) {
    const answer = await ask({ body: value }, 400, `${field} ${rule}`);
    assert.ok(descriptions(answer).includes(field), `${key}: ${field} ${rule} is not named: ${answer.text}`);
  }
}

async function refuseBadQueries(key: OperationKey, good: ContractCall, ask: Ask): Promise<void> {
  for (const [name, schema] of Object.entries(operationOf(key).query.properties)) {
    for (const text of badQueryTexts(schema)) {
      const answer = await ask({ query: queryWith(good, name, text) }, 400, `${name}=${text}`);
      assert.ok(descriptions(answer).includes(name), `${key}: ${name} is not named: ${answer.text}`);
    }
  }
}

/** What a client does that lost the answer (RFC 9110 §9.2.2): nothing comes of it a second time. */
async function repeat(key: OperationKey, good: ContractCall, status: number): Promise<void> {
  const { method } = operationOf(key);
  if (method === 'POST') return;
  const again = await client.call(key, good);
  const expected = OPERATION_ROWS[key].again ?? (method === 'DELETE' ? 410 : status);
  assert.equal(again.status, expected, `${key} again: ${again.text}`);
}

for (const key of OPERATION_KEYS) {
  test(key, async () => {
    const row = OPERATION_ROWS[key];
    const world = await worlds.newWorld(key);
    const { status, given } = await row.succeed(world);
    const good: ContractCall = { token: world.token, ...given };
    const answer = await client.call(key, good);
    assert.equal(answer.status, status, answer.text);
    await repeat(key, good, status);
    const ask = askChanged(key, good);
    await refuseStrangers(good, ask);
    await refuseBadBodies(key, good, ask);
    await refuseBadQueries(key, good, ask);
    await refuseUnknownResources(key, good, ask);
    for (const refusal of (await row.refuse?.(world)) ?? []) {
      const refused = await client.call(key, { token: world.token, ...refusal.given });
      assert.equal(refused.status, refusal.status, `${JSON.stringify(refusal.given)}: ${refused.text}`);
    }
  });
}

test('every operation was asked with success and with failure, and the door has no other', async () => {
  assert.deepEqual(Object.keys(OPERATION_ROWS).sort(), [...OPERATION_KEYS].sort());
  for (const key of OPERATION_KEYS) {
    const statuses = [...(client.seen.get(key) ?? [])];
    assert.ok(
      statuses.some((status) => status < 300),
      `${key} never succeeded`,
    );
    assert.ok(
      statuses.some((status) => status >= 400),
      `${key} was never refused`,
    );
  }
  const response = await fetch(`${platform.http}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
  const mounted = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice('/v1'.length)}`),
    );
  assert.deepEqual(mounted.sort(), [...OPERATION_KEYS].sort());
});
