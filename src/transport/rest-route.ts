import type { TSchema } from 'typebox';
import { type Right, rightTo } from '../domain/rights.ts';
import type { Scope } from '../domain/scope.ts';

export type RestRequest<Body = unknown, Query = Record<string, unknown>> = {
  /** Who asks and for which organization. */
  scope: Scope;
  /** Path parameters, percent-decoded. */
  params: Readonly<Record<string, string>>;
  query: Query;
  /** The body after validation against `body`. */
  body: Body;
  trackingId: string;
  /** Header fields by lower-case name; of repeated ones the first. */
  header: (name: string) => string | undefined;
  /** The caller's address as seen behind the configured proxies. */
  remoteAddress: string;
  /** Absolute URL of this request under WAYMARK_PUBLIC_URL, for Link headers. */
  absoluteUrl: URL;
};

export type RestAnswer = {
  status: number;
  body?: unknown;
  /** Instead of a body: text that is made as fast as the client reads it. `headers` states its content type. */
  stream?: AsyncIterable<string>;
  headers?: Readonly<Record<string, string>>;
  /** Absolute URL of the next page; becomes `Link: <…>; rel="next"`. */
  nextUrl?: string;
};

/** One REST operation as data: the server mounts it, the OpenAPI describes it, the access test walks it. */
export type RestRoute<Body = never, Query = never> = {
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` parameters, as OpenAPI writes them. */
  path: string;
  summary: string;
  description?: string;
  tags: readonly string[];
  /** Who may call it. */
  access: Right;
  query?: TSchema;
  body?: TSchema;
  /** Media type of the body; JSON unless stated (`text/csv` gives the body as string, `application/octet-stream` is for streams). */
  bodyType?: 'application/json' | 'text/csv' | 'application/octet-stream';
  /** The JSON body is handed over as text: for documents so large that they are parsed away from the calls. */
  bodyAsText?: boolean;
  /** A body of text or any file is handed over as chunks of bytes while it arrives; the route bounds it itself. */
  bodyAsStream?: boolean;
  /** Bytes; the server's default otherwise. */
  bodyLimit?: number;
  /** Answers carry an `ETag`, and changes heed `If-Match`. */
  isVersioned?: boolean;
  /** Success status to the schema of its body; null = no body. */
  responses: Readonly<Record<number, TSchema | null>>;
  handle(request: RestRequest<Body, Query>): Promise<RestAnswer>;
};

/**
 * Fixes the body and query types of one route, gives it the common shape that lists hold, and takes from the table of
 * rights who may use it: an operation without a row there is closed to everybody.
 */
export function defineRoute<Body = undefined, Query = Record<string, unknown>>(
  route: Omit<RestRoute<Body, Query>, 'access'>,
): RestRoute {
  return { ...route, access: rightTo(`${route.method} ${route.path}`) };
}

/**
 * The `nextUrl` of a list's answer: the complete address of the page after this one, with every filter of this one, because
 * clients follow it verbatim (contract section 1). Nothing on the last page.
 */
export function nextPage(url: URL, page: { start: number; max: number }, isLast: boolean): { nextUrl?: string } {
  if (isLast) return {};
  const next = new URL(url);
  next.searchParams.set('start', String(page.start + page.max));
  next.searchParams.set('max', String(page.max));
  return { nextUrl: next.href };
}
