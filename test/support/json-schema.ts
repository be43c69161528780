import assert from 'node:assert/strict';
import { Compile } from 'typebox/compile';

/** Checks a value against a JSON schema and says every fault. */
export function assertMatchesSchema(schema: object, value: unknown, what: string): void {
  const compiled = Compile(schema);
  const faults = compiled.Check(value)
    ? []
    : compiled.Errors(value).map((error) => `${error.instancePath} ${error.message}`);
  assert.deepEqual(faults, [], `${what}: ${JSON.stringify(value)}`);
}

type Schema = { properties?: Record<string, Schema>; items?: Schema; additionalProperties?: boolean };

/** Names in `value` that the schema does not know, as paths: an answer must say nothing that the contract lacks. */
export function unknownFields(schema: Schema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownFields(schema.items ?? {}, item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = schema.properties?.[name];
    if (property) return unknownFields(property, inner, `${path}.${name}`);
    return schema.additionalProperties ? [] : [`${path}.${name}`];
  });
}
