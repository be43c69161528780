/** Asks the Webex-compatible door as the SDK does, and holds every answer against the contract's documents. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ContractOperation, OperationKey } from '../../src/webex-api/contract-route.ts';
import { webexOperations } from '../../src/wire/webex/operations.generated.ts';
import { assertMatchesSchema, unknownFields } from './json-schema.ts';

export type { OperationKey } from '../../src/webex-api/contract-route.ts';

export type ContractCall = {
  /** Values of the path's parameters, as they are to stand in the path; undefined in none. */
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>> | string;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** null = without a token. */
  token?: string | null;
  /** Instead of the operation's own. */
  method?: string;
};

export type ContractAnswer = { status: number; headers: Headers; text: string; body: Record<string, unknown> };

export type ContractClient = {
  readonly baseUrl: string;
  /** The answer of one operation, after every check that needs no knowledge of the operation's meaning. */
  call(key: OperationKey, given: ContractCall): Promise<ContractAnswer>;
  /** As `call`, for an address that the server gave (Link). */
  follow(key: OperationKey, url: string, token: string): Promise<ContractAnswer>;
  /** Statuses that were answered, by operation. */
  readonly seen: ReadonlyMap<OperationKey, ReadonlySet<number>>;
};

/** Every operation of both documents. */
export const OPERATION_KEYS = Object.keys(webexOperations) as readonly OperationKey[];

export function operationOf(key: OperationKey): ContractOperation {
  return webexOperations[key];
}

/** Names of the parameters in an operation's path. */
export function pathParameters(key: OperationKey): string[] {
  return [...operationOf(key).path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

const REQUEST_TIMEOUT_MS = 20_000;

type Schema = { properties?: Record<string, Schema>; items?: Schema; enum?: unknown[] };

// The cut of the pinned document knows people and workspaces alone as members; contract section 6 names all four.
const MEMBER_TYPES = ['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'];

function withEveryMemberType(schema: Schema): Schema {
  return {
    ...schema,
    ...(schema.items && { items: withEveryMemberType(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [
          name,
          name === 'memberType' ? { ...property, enum: MEMBER_TYPES } : withEveryMemberType(property),
        ]),
      ),
    }),
  };
}

const answerSchemas = new Map<string, Schema>();

/** The schema of an operation's answer; null = without body. */
export function answerSchema(key: OperationKey, status: number): object | null {
  const schema = operationOf(key).responses[status];
  if (!schema) return null;
  const name = `${status} ${key}`;
  const known = answerSchemas.get(name) ?? withEveryMemberType(schema);
  answerSchemas.set(name, known);
  return known;
}

const SUPPORTING = new URL('../../contract/webex/supporting.openapi.yml', import.meta.url);
const errorSchema = (parse(readFileSync(SUPPORTING, 'utf8')) as { components: { schemas: { Error: object } } })
  .components.schemas.Error;

function assertFailure(answer: ContractAnswer, trackingId: string, what: string): void {
  assertMatchesSchema(errorSchema, answer.body, what);
  assert.deepEqual(unknownFields(errorSchema, answer.body), [], what);
  const { message, errors } = answer.body as { message: string; errors: { description: string }[] };
  assert.equal(answer.body['trackingId'], trackingId, what);
  assert.notEqual(message, '', what);
  assert.ok(errors.length > 0 && errors.every(({ description }) => description !== ''), what);
  if (answer.status === 401) assert.equal(answer.headers.get('www-authenticate'), 'Bearer', what);
  if (answer.status === 405) assert.match(answer.headers.get('allow') ?? '', /^[A-Z, ]+$/, what);
  if ([423, 429].includes(answer.status)) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/, what);
}

/** The URL of the next page that a list's answer names; undefined on the last. */
export function nextPageOf(answer: ContractAnswer): string | undefined {
  const link = answer.headers.get('link');
  if (link === null) return undefined;
  const [, url] = /^<([^<>]+)>; rel="next"$/.exec(link) ?? [];
  assert.ok(url, `Link as RFC 5988 writes it: ${link}`);
  return url;
}

function assertAnswer(key: OperationKey, answer: ContractAnswer, trackingId: string, baseUrl: string): void {
  const operation = operationOf(key);
  const what = `${key}: ${answer.status} ${answer.text.slice(0, 2_000)}`;
  const successes = Object.keys(operation.responses).map(Number);
  assert.ok([...successes, ...operation.failures].includes(answer.status), `unlisted status of ${what}`);
  assert.equal(answer.headers.get('trackingid'), trackingId, what);
  const next = nextPageOf(answer);
  if (next !== undefined) assert.ok(next.startsWith(`${baseUrl}/v1${operation.path}?`), `${what}: ${next}`);
  const type = answer.headers.get('content-type') ?? '';
  const schema = successes.includes(answer.status) ? answerSchema(key, answer.status) : errorSchema;
  if (!schema) {
    assert.equal(answer.text, '', what);
    // The SDK reads whatever calls itself JSON.
    assert.ok(!type.startsWith('application/json'), `${what}: ${type}`);
    return;
  }
  assert.ok(type.startsWith('application/json'), `${what}: ${type}`);
  if (answer.status >= 400) return assertFailure(answer, trackingId, what);
  assertMatchesSchema(schema, answer.body, what);
  assert.deepEqual(unknownFields(schema, answer.body), [], what);
}

function writePath(key: OperationKey, params: Readonly<Record<string, string>>): string {
  return operationOf(key).path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    assert.notEqual(value, undefined, `${key} needs ${name}`);
    return value ?? '';
  });
}

export type ContractClientOptions = {
  /** Given, the client waits as long as `Retry-After` of a 429 says, and asks again, as the SDK does. */
  wait?: (seconds: number) => void;
};

export function createContractClient(baseUrl: string, { wait }: ContractClientOptions = {}): ContractClient {
  const seen = new Map<OperationKey, Set<number>>();

  async function send(key: OperationKey, url: string, given: ContractCall): Promise<ContractAnswer> {
    const { method = operationOf(key).method } = given;
    const trackingId = `SIMPLE_${randomUUID()}`;
    const { token, body } = given;
    const response = await fetch(url, {
      method,
      headers: {
        // On every request, bodyless ones included (contract section 1).
        'content-type': 'application/json;charset=utf-8',
        ...(token !== undefined && token !== null && { authorization: `Bearer ${token}` }),
        trackingid: trackingId,
        ...given.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const answer: ContractAnswer = {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>,
    };
    assertAnswer(key, answer, trackingId, baseUrl);
    seen.set(key, (seen.get(key) ?? new Set<number>()).add(answer.status));
    return answer;
  }

  async function sendPatiently(key: OperationKey, url: string, given: ContractCall): Promise<ContractAnswer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await send(key, url, given);
      if (answer.status !== 429 || !wait) return answer;
      const seconds = Number(answer.headers.get('retry-after'));
      // The SDK sleeps a minute at most, and whoever has waited as long as told is let in.
      assert.ok(seconds >= 1 && seconds <= 60 && tries === 1, `${key}: try ${tries}, Retry-After ${seconds}`);
      wait(seconds);
    }
  }

  return {
    baseUrl,
    seen,
    call(key, given) {
      const { query = '' } = given;
      const text = typeof query === 'string' ? query : new URLSearchParams(query).toString();
      return sendPatiently(
        key,
        `${baseUrl}/v1${writePath(key, given.params ?? {})}${text === '' ? '' : `?${text}`}`,
        given,
      );
    },
    follow: (key, url, token) => sendPatiently(key, url, { token }),
  };
}
