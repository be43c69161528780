import assert from 'node:assert/strict';
import { Compile } from 'typebox/compile';

const validators = new WeakMap<object, ReturnType<typeof Compile>>();

function compile(schema: object): ReturnType<typeof Compile> {
  const known = validators.get(schema);
  if (known) return known;
  const compiled = Compile(schema);
  validators.set(schema, compiled);
  return compiled;
}

/** Checks a value against a JSON schema and says every fault. */
export function assertMatchesSchema(schema: object, value: unknown, what: string): void {
  const compiled = compile(schema);
  const faults = compiled.Check(value)
    ? []
    : compiled.Errors(value).map((error) => `${error.instancePath} ${error.message}`);
  assert.deepEqual(faults, [], `${what}: ${JSON.stringify(value)}`);
}

type Schema = {
  readonly type?: unknown;
  readonly anyOf?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean;
};

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
