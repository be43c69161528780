import { isUuid } from '../support/ids.ts';
import type { RestRequest, RestRoute } from '../transport/rest-route.ts';
import { plainId } from '../wire/webex/resource-id.ts';

const NAMES_AN_ID = /^id$|Ids?$/;
/** Deeper than any body of ours. */
const MAX_DEPTH = 6;

/**
 * Ids of the Webex-compatible API are taken wherever this API names one: whoever made a location there goes on with it here. They
 * stand for the bare UUID that our own answers show.
 */
export function takeContractIds(route: RestRoute): RestRoute {
  return {
    ...route,
    handle: (request: RestRequest<never, never>) =>
      route.handle({
        ...request,
        // The server makes these of classes of its own.
        params: withPlainIds({ ...request.params }, 0) as RestRequest['params'],
        query: withPlainIds({ ...(request.query as Record<string, unknown>) }, 0) as never,
        body: withPlainIds(request.body, 0) as never,
      }),
  };
}

function withPlainIds(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return depth < MAX_DEPTH ? value.map((item) => withPlainIds(item, depth + 1)) : value;
  if (depth >= MAX_DEPTH || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      NAMES_AN_ID.test(name) ? plainIds(field) : withPlainIds(field, depth + 1),
    ]),
  );
}

function plainIds(field: unknown): unknown {
  // A UUID is the same in capitals (RFC 9562 §4); what is noted under it, such as a version, must be found either way.
  if (typeof field === 'string') return plainId(field) ?? (isUuid(field) ? field.toLowerCase() : field);
  return Array.isArray(field) ? field.map(plainIds) : field;
}

/** Not streams and buffers: those are handed on as they are. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
