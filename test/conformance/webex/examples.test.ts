/** The published examples agree with the schemas generated from the contract's documents. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { withNullableFields } from '../../../src/webex-api/nullable-fields.ts';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';

type Example = {
  method: string;
  path: string;
  requestExamples: { example: unknown }[];
  responseExamples: { status: string; example: unknown }[];
};

type Operation = { request: object | null; responses: Readonly<Record<string, object | null>> };

const operations = new Map<string, Operation>(Object.entries(webexOperations));
const folder = new URL('./examples/', import.meta.url);

test('every published request and answer matches its schema', async () => {
  let checked = 0;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  assert.equal(names.length, 30);
  for (const name of names) {
    const example = JSON.parse(await readFile(new URL(name, folder), 'utf8')) as Example;
    const operation = operations.get(`${example.method} ${example.path}`);
    assert.ok(operation, name);
    for (const request of example.requestExamples) {
      assert.ok(operation.request, name);
      assertMatchesSchema(operation.request, request.example, name);
      assertMatchesSchema(withNullableFields(operation.request), request.example, name);
      assert.deepEqual(unknownFields(operation.request, request.example), [], name);
      checked += 1;
    }
    for (const response of example.responseExamples) {
      const schema: object | null | undefined = operation.responses[response.status];
      assert.ok(schema, name);
      assertMatchesSchema(schema, response.example, name);
      assert.deepEqual(unknownFields(schema, response.example), [], name);
      checked += 1;
    }
  }
  assert.ok(checked >= 33, `only ${checked} examples were checked`);
});

test('null stands for a field that is left out, never for a required one', () => {
  const create = withNullableFields(webexOperations['POST /telephony/config/redSky'].request);
  assertMatchesSchema(create, { email: 'a@b.example', orgPrefix: null, partnerRedskyOrgId: null }, 'nulls');
  assert.throws(() => assertMatchesSchema(create, { email: null }, 'required'));
  assert.throws(() => assertMatchesSchema(create, { email: 'a@b.example', orgPrefix: 'WXC' }, 'enum'));
  const building = withNullableFields(
    webexOperations['PUT /telephony/config/locations/{locationId}/redSky/building'].request,
  );
  assertMatchesSchema(building, { address: { city: null } }, 'nested');
  assertMatchesSchema(building, { address: null }, 'object');
});
