import type { TSchema } from 'typebox';
import type { AlertContent } from '../alerts/content/content.ts';
import { OAUTH_SCOPES } from '../domain/scope.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import { PLATFORM_VERSION } from './platform-version.ts';

type OpenApi = Record<string, unknown>;
type WebhookDescription = AlertContent['webhooks'][number];

const ERROR_SCHEMA = {
  type: 'object',
  required: ['message', 'errors', 'trackingId'],
  properties: {
    message: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['description'],
        properties: { description: { type: 'string' }, errorCode: { type: 'integer' } },
      },
    },
    trackingId: { type: 'string' },
  },
};

const ERROR = {
  description: 'The error envelope',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

function queryParameters(schema: TSchema | undefined): OpenApi[] {
  const object = (schema ?? {}) as { properties?: Record<string, TSchema>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, value]) => ({
    name,
    in: 'query',
    required: object.required?.includes(name) ?? false,
    schema: value,
    ...((value as { description?: string }).description !== undefined && {
      description: (value as { description?: string }).description,
    }),
  }));
}

function pathParameters(path: string): OpenApi[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** What every operation takes; the contract's state it themselves. */
const ORGANIZATION = {
  name: 'orgId',
  in: 'query',
  required: false,
  schema: { type: 'string' },
  description: 'Act for this organization; only its partner and the operator may name one that is not their own.',
};

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description:
    'The ETag of what was read: where it was changed since, the answer is 412 and says by whom and when, and nothing is changed. ' +
    'Absent, or *: changed whatever stands there (RFC 9110 §13.1.1).',
};
const ETAG = {
  ETag: { schema: { type: 'string' }, description: 'The version of what is changed here, for If-Match' },
};

function describeRoute(route: RestRoute): OpenApi {
  const query = queryParameters(route.query);
  const hasOrganization = query.some(({ name }) => name === ORGANIZATION.name);
  const responses: OpenApi = {};
  for (const [status, schema] of Object.entries(route.responses)) {
    const headers = route.isVersioned === true && route.method !== 'DELETE' && { headers: ETAG };
    responses[status] =
      schema === null
        ? { description: 'Done; no body', ...headers }
        : { description: 'The answer', ...headers, content: { 'application/json': { schema } } };
  }
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: route.tags,
    parameters: [
      ...pathParameters(route.path),
      ...query,
      ...(hasOrganization ? [] : [ORGANIZATION]),
      ...(route.isVersioned === true && route.method !== 'GET' ? [IF_MATCH] : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: { [route.bodyType ?? 'application/json']: { schema: route.body } } },
    }),
    responses: { ...responses, default: ERROR },
    security: [{ oauth: [...route.access.anyScope] }],
    'x-roles': route.access.roles,
  };
}

/** The doors that speak XML, so that everything on the port is described in one place. */
const XML_DOORS: Readonly<Record<string, OpenApi>> = {
  '/held': {
    post: {
      operationId: 'held.locationRequest',
      tags: ['HELD'],
      summary: 'Ask for a location (RFC 5985), with Basic companyId:secret or a Bearer token',
      requestBody: { required: true, content: { 'application/held+xml': { schema: { type: 'string' } } } },
      responses: { 200: { description: 'locationResponse, or error in the HELD namespace' } },
      security: [{ company: [] }],
    },
  },
  '/held/c/{companyId}': {
    parameters: [{ name: 'companyId', in: 'path', required: true, schema: { type: 'string' } }],
    post: {
      operationId: 'held.locationRequestByCompany',
      tags: ['HELD'],
      summary: 'Ask for a location (RFC 5985); the company id is the token',
      requestBody: { required: true, content: { 'application/held+xml': { schema: { type: 'string' } } } },
      responses: { 200: { description: 'locationResponse, or error in the HELD namespace' } },
      security: [],
    },
  },
  '/held/l/{reference}': {
    parameters: [{ name: 'reference', in: 'path', required: true, schema: { type: 'string' } }],
    get: {
      operationId: 'held.dereference',
      tags: ['HELD'],
      summary: 'Dereference a location URI (RFC 6753)',
      responses: {
        200: { description: 'PIDF-LO, or a HELD document' },
        404: { description: 'Unknown, expired or revoked' },
      },
      security: [],
    },
    post: {
      operationId: 'held.dereferenceByRequest',
      tags: ['HELD'],
      summary: 'Dereference a location URI with a HELD request (RFC 6753)',
      responses: { 200: { description: 'locationResponse, or error in the HELD namespace' } },
      security: [],
    },
  },
  '/LoST': {
    post: {
      operationId: 'lost.query',
      tags: ['LoST'],
      summary: 'findService and the other queries of RFC 5222; also at /lost',
      requestBody: { required: true, content: { 'application/lost+xml': { schema: { type: 'string' } } } },
      responses: { 200: { description: 'The answer, or errors in the LoST namespace' } },
      security: [],
    },
  },
};

/** What is sent, as a request that another server answers. */
function describeWebhook({ type, summary, schema }: WebhookDescription): OpenApi {
  return {
    post: {
      operationId: `webhook.${type}`,
      tags: ['Webhooks'],
      summary,
      description:
        'Sent to the webhooks of `/api/alert-connections`, signed by Standard Webhooks: `webhook-id` is the same on every attempt.',
      parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
        name,
        in: 'header',
        required: true,
        schema: { type: 'string' },
      })),
      requestBody: { required: true, content: { 'application/json': { schema } } },
      responses: {
        '2XX': { description: 'Taken' },
        410: { description: 'Gone for good: nothing more is sent there' },
      },
    },
  };
}

/** OpenAPI 3.1 of every door on the HTTP port, made from the routes that are mounted. */
export function describeOpenApi(
  routes: readonly RestRoute[],
  serverUrl: string,
  webhooks: readonly WebhookDescription[],
): OpenApi {
  const paths: Record<string, OpenApi> = {};
  for (const route of routes) {
    const entry = paths[route.path] ?? {};
    entry[route.method.toLowerCase()] = describeRoute(route);
    paths[route.path] = entry;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Waymark',
      version: PLATFORM_VERSION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'The Webex-compatible API under /v1, Waymark’s own API under /api, and the HELD and LoST doors. Waymark is independent of ' +
        'Cisco, Webex and RedSky, is no certified service, and reaches no live PSAP by itself.',
    },
    servers: [{ url: serverUrl }],
    paths: { ...paths, ...XML_DOORS },
    webhooks: Object.fromEntries(webhooks.map((webhook) => [webhook.type, describeWebhook(webhook)])),
    components: {
      schemas: { Error: ERROR_SCHEMA },
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          description: 'Opaque bearer tokens, made with `waymark token create` or POST /api/tokens.',
          flows: {
            clientCredentials: {
              tokenUrl: '/api/tokens',
              scopes: Object.fromEntries(OAUTH_SCOPES.map((scope) => [scope, scope])),
            },
          },
        },
        company: { type: 'http', scheme: 'basic', description: 'companyId:secret' },
      },
    },
  };
}
