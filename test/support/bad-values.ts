/** What breaks a JSON schema, one rule at a time: every refusal must name the field. */
type Schema = {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  anyOf?: readonly Schema[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
};

export type BadValue = { field: string; rule: string; value: unknown };

const WRONG_TYPE: Readonly<Record<string, unknown>> = {
  string: { not: 'a string' },
  number: 'seven',
  integer: 1.5,
  boolean: 'yes',
  array: 'not a list',
  object: 'not an object',
};

/** Values that break one rule of the schema of a single field. */
function badFieldValues(schema: Schema): { rule: string; value: unknown }[] {
  const type = typeof schema.type === 'string' ? schema.type : undefined;
  const bad: { rule: string; value: unknown }[] = [];
  if (type !== undefined) bad.push({ rule: `is no ${type}`, value: WRONG_TYPE[type] });
  if (schema.anyOf) bad.push({ rule: 'is none of the types', value: true });
  if (schema.enum) bad.push({ rule: 'is not of the enum', value: 'SOMETHING_ELSE' });
  if (type === 'string' && !schema.enum) {
    bad.push({ rule: 'holds NUL', value: 'a\0b' }, { rule: 'holds half a surrogate pair', value: 'a\ud800b' });
  }
  if (schema.maxLength !== undefined) bad.push({ rule: 'is too long', value: 'x'.repeat(schema.maxLength + 1) });
  if (schema.minLength !== undefined) bad.push({ rule: 'is too short', value: 'x'.repeat(schema.minLength - 1) });
  if (schema.minimum !== undefined) bad.push({ rule: 'is too small', value: schema.minimum - 1 });
  if (schema.maximum !== undefined) bad.push({ rule: 'is too large', value: schema.maximum + 1 });
  if (schema.minItems !== undefined && schema.minItems > 0) bad.push({ rule: 'has too few entries', value: [] });
  if (schema.maxItems !== undefined) {
    const [entry] = goodEntries(schema.items);
    bad.push({ rule: 'has too many entries', value: Array.from({ length: schema.maxItems + 1 }, () => entry) });
  }
  if (schema.items) bad.push(...badFieldValues(schema.items).map(({ rule, value }) => ({ rule, value: [value] })));
  return bad;
}

function goodEntries(schema: Schema | undefined): unknown[] {
  const entry = Object.fromEntries((schema?.required ?? []).map((name) => [name, 'x']));
  return [schema?.properties ? entry : 'x'];
}

/** Bodies that break one rule each, made from one that breaks none. */
export function badBodies(schema: Schema, good: unknown): BadValue[] {
  const body = (typeof good === 'object' && good !== null ? good : {}) as Record<string, unknown>;
  const bad: BadValue[] = [];
  for (const name of schema.required ?? []) {
    const { [name]: _, ...without } = body;
    bad.push({ field: name, rule: 'is missing', value: without });
    bad.push({ field: name, rule: 'is null', value: { ...body, [name]: null } });
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    for (const { rule, value } of badFieldValues(property)) {
      bad.push({ field: name, rule, value: { ...body, [name]: value } });
    }
    if (property.properties) {
      for (const inner of badBodies(property, body[name])) {
        bad.push({ field: inner.field, rule: `${name}: ${inner.rule}`, value: { ...body, [name]: inner.value } });
      }
    }
  }
  return bad;
}

/** Texts of a query parameter that its schema refuses. */
export function badQueryTexts(schema: Schema): string[] {
  if (schema.type === 'integer' || schema.type === 'number') return ['seven', '1.5', '-1'];
  if (schema.type === 'boolean') return ['maybe'];
  return schema.enum ? ['SOMETHING_ELSE'] : [];
}
