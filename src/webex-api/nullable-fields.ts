import type { TSchema } from 'typebox';

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
};

function nullable(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    ...(typeof schema.type === 'string' && { type: [schema.type, 'null'] }),
    ...(schema.enum && { enum: [...schema.enum, null] }),
    ...(schema.anyOf && { anyOf: [...schema.anyOf, { type: 'null' }] }),
  };
}

function deeply(schema: JsonSchema): JsonSchema {
  if (schema.items) return { ...schema, items: deeply(schema.items) };
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const inner = deeply(property);
    return [name, schema.required?.includes(name) ? inner : nullable(inner)] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/**
 * The request schema with null allowed where a field may be left out: the SDK sends every key it knows, null for what
 * is not set (contract sections 5 and 6). Fields it does not name are ignored, as they are in the published schema.
 */
export function withNullableFields(schema: object): TSchema {
  return deeply(schema);
}

/** The type of a body after withNullableFields: null or absent where the contract says optional. */
export type Nullable<Body> = {
  [Key in keyof Body]: undefined extends Body[Key]
    ? NullableValue<Exclude<Body[Key], undefined>> | null | undefined
    : NullableValue<Body[Key]>;
};

type NullableValue<Value> = Value extends readonly (infer Item)[]
  ? NullableValue<Item>[]
  : Value extends object
    ? Nullable<Value>
    : Value;
