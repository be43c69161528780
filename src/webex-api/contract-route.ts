import { type TSchema, Type } from 'typebox';
import {
  type Access,
  defineRoute,
  type RestAnswer,
  type RestRequest,
  type RestRoute,
} from '../transport/rest-route.ts';
import { webexOperations } from '../wire/webex/operations.generated.ts';
import { type Nullable, withNullableFields } from './nullable-fields.ts';

/** Where the contract's base `https://webexapis.com/v1` lies on this server. */
export const BASE_PATH = '/v1';

export type OperationKey = keyof typeof webexOperations;

// Query values arrive as text; only schemas that TypeBox made are converted to numbers by the server.
function querySchema(properties: Readonly<Record<string, { type: string }>>): TSchema {
  const fields = Object.entries(properties).map(([name, { type, ...options }]) => [
    name,
    Type.Optional(type === 'number' ? Type.Number(options) : Type.String(options)),
  ]);
  return Type.Object(Object.fromEntries(fields) as Record<string, TSchema>);
}

/** A route whose path, schemas and description are those of the pinned contract. */
export function contractRoute<Body = undefined, Query = Record<string, unknown>>(
  key: OperationKey,
  own: {
    access: Access;
    handle(request: RestRequest<Nullable<Body>, Query>): Promise<RestAnswer>;
  },
): RestRoute {
  const operation = webexOperations[key];
  return defineRoute<Nullable<Body>, Query>({
    operationId: operation.operationId,
    method: operation.method,
    path: `${BASE_PATH}${operation.path}`,
    summary: operation.summary,
    description: operation.description,
    tags: ['Emergency Services Settings'],
    access: own.access,
    query: querySchema(operation.query.properties),
    ...(operation.request && { body: withNullableFields(operation.request) }),
    responses: operation.responses,
    handle: (request) => own.handle(request),
  });
}
