/** Bodies made from their JSON schema: one that the schema lets through, and the fields that hold text. */
export type JsonSchema = {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly JsonSchema[];
  required?: readonly string[];
  properties?: Readonly<Record<string, JsonSchema>>;
  items?: JsonSchema;
  minItems?: number;
};

/** Values of fields whose text has a form. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  alertingEmail: 'b@b.example',
  emailAddress: 'b@b.example',
  email: 'b@b.example',
  emails: ['b@b.example'],
  phoneNumbers: ['+15125550777'],
  phoneNumber: '+15125550777',
  extension: '7999',
  agents: [],
};

const typeOf = ({ type }: JsonSchema): string | undefined =>
  typeof type === 'string' ? type : type?.find((one) => one !== 'null');

/** What is required, and nothing more. */
export function sampleOf(schema: JsonSchema, name = ''): unknown {
  if (name in SAMPLES) return SAMPLES[name];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? [];
  if (first) return sampleOf(first, name);
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sampleOf(schema.properties?.[key] ?? {}, key)]),
      );
    case 'array':
      return [sampleOf(schema.items ?? {})];
    case 'boolean':
      return true;
    case 'number':
    case 'integer':
      return 60;
    case undefined:
    default:
      return 'Taken over';
  }
}

/** Where more than the required fields is needed for the request to make sense, or for a change to be seen. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /v1/telephony/config/locations/{locationId}/redSky/building': { address: { city: 'Elsewhere' } },
  'PUT /v1/telephony/config/locations/{locationId}/emergencyCallNotification': { emailAddress: 'b@b.example' },
  'PUT /v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber': { selected: 'LOCATION_ECBN' },
  'POST /v1/telephony/config/locations/{locationId}/huntGroups': { name: 'Taken over', extension: '7998' },
  'PUT /v1/telephony/pstn/numbers/{phoneNumber}/emergencyAddress': {},
  'POST /api/alert-recipients': {
    name: 'Taken over',
    endpoints: [{ channel: 'email', address: 'b@b.example' }],
  },
  'PATCH /api/alert-recipients/{id}': { name: 'Taken over' },
  'PATCH /api/alert-groups/{id}': { name: 'Taken over' },
  'PATCH /api/alert-rules/{id}': { name: 'Taken over' },
  'PATCH /api/response-locations/{id}': { name: 'Taken over' },
  'PATCH /api/wire-map/{id}': { description: 'taken over' },
};

/** A body with which an operation, `METHOD /path`, gets past its checks of fields. */
export function bodyFor(operation: string, schema: JsonSchema): unknown {
  return BODIES[operation] ?? sampleOf(schema);
}

/** A field that may hold text, by its way through the body; numbers are places in lists. */
export type TextField = { path: readonly (string | number)[]; takesNumbers: boolean };

export function textFieldsOf(schema: JsonSchema, path: readonly (string | number)[] = []): TextField[] {
  const alternatives = schema.anyOf ?? [schema];
  if (alternatives.some((one) => typeOf(one) === 'string' || one.enum?.some((value) => typeof value === 'string'))) {
    return [{ path, takesNumbers: alternatives.some((one) => ['number', 'integer'].includes(typeOf(one) ?? '')) }];
  }
  return alternatives.flatMap((one) => [
    ...Object.entries(one.properties ?? {}).flatMap(([name, inner]) => textFieldsOf(inner, [...path, name])),
    ...(one.items ? textFieldsOf(one.items, [...path, 0]) : []),
  ]);
}

/** The body with one field set, and whatever has to be there to hold it. */
export function withField(body: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === 'number') return [withField(Array.isArray(body) ? body[0] : undefined, rest, value)];
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  return { ...fields, [key]: withField((fields as Record<string, unknown>)[key], rest, value) };
}
