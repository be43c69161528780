import { type TSchema, Type } from 'typebox';
import { defineRoute, type RestAnswer, type RestRequest, type RestRoute } from '../transport/rest-route.ts';
import { webexOperations } from '../wire/webex/operations.generated.ts';
import { type Nullable, withNullableFields } from './nullable-fields.ts';

/** Where the contract's base `https://webexapis.com/v1` lies on this server. */
const BASE_PATH = '/v1';

export type OperationKey = keyof typeof webexOperations;

type QueryProperty = {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
  readonly items?: { readonly type: 'string' };
};

/** One operation of the contract's documents, as the generator writes it. */
export type ContractOperation = {
  readonly operationId: string;
  readonly method: RestRoute['method'];
  /** Below BASE_PATH. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Completes a resource; the sources of the contract do not ask for it. */
  readonly extra: boolean;
  readonly query: { readonly properties: Readonly<Record<string, QueryProperty>> };
  readonly request: object | null;
  readonly responses: Readonly<Record<number, object | null>>;
  /** The statuses of errors that the documents list. */
  readonly failures: readonly number[];
};

function queryValue({ type, items, ...options }: QueryProperty): TSchema {
  switch (type) {
    case 'string':
      return Type.String(options);
    case 'number':
      return Type.Number(options);
    case 'integer':
      return Type.Integer(options);
    case 'boolean':
      return Type.Boolean(options);
    case 'array':
      return Type.Array(Type.String(items), options);
  }
}

function querySchema(properties: Readonly<Record<string, QueryProperty>>): TSchema {
  const fields = Object.entries(properties).map(([name, property]) => [name, Type.Optional(queryValue(property))]);
  return Type.Object(Object.fromEntries(fields) as Record<string, TSchema>);
}

/** A route whose path, schemas, tags and description are those of the contract's documents. */
export function contractRoute<Body = undefined, Query = Record<string, unknown>>(
  key: OperationKey,
  own: {
    handle(request: RestRequest<Nullable<Body>, Query>): Promise<RestAnswer>;
  },
): RestRoute {
  const operation: ContractOperation = webexOperations[key];
  return defineRoute<Nullable<Body>, Query>({
    operationId: operation.operationId,
    method: operation.method,
    path: `${BASE_PATH}${operation.path}`,
    summary: operation.summary,
    description: operation.description,
    tags: operation.tags,
    query: querySchema(operation.query.properties),
    ...(operation.request && { body: withNullableFields(operation.request) }),
    responses: operation.responses,
    handle: (request) => own.handle(request),
  });
}
