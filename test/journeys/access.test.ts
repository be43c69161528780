/**
 * Who may do what: every REST operation that is mounted × role × scope × whose organization, asked at the doors of a running
 * platform. What is expected comes from the documents of the contract and, for Waymark's own door, from the table of rights.
 * An operation without a row fails. The matrix is printed.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { RIGHTS, type Right, rightTo } from '../../src/domain/rights.ts';
import { OAUTH_SCOPES, type OAuthScope, ROLES, type Role } from '../../src/domain/scope.ts';
import { encodeResourceId, type ResourceKind } from '../../src/wire/webex/resource-id.ts';
import { eventually } from '../support/platform-client.ts';
import { bodyFor, type JsonSchema } from '../support/sample-body.ts';
import { openPhone } from '../support/sip-phone.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Operation = {
  key: string;
  method: string;
  path: string;
  right: Right;
  bodyType?: string;
  bodySchema?: JsonSchema;
};
type Answer = { status: number; headers: Headers; text: string };
type Json = Record<string, unknown>;

const NO_ID = '00000000-0000-4000-8000-000000000000';
/** Names of what location administrators of elsewhere must not see. */
const MARKER = 'Elsewhere only';

let platform: TimedPlatform;
let operations: Operation[];

before(async () => {
  platform = await startTimedPlatform();
  operations = await readOperations();
});

after(() => platform.stop());

/** A stream of events goes on for as long as it is let: it is asked for what there is. */
function withEnd(path: string): string {
  return path.startsWith('/api/events') ? `${path}${path.includes('?') ? '&' : '?'}follow=false` : path;
}

async function send(
  method: string,
  path: string,
  authorization: string | undefined,
  body?: string,
  bodyType = 'application/json',
): Promise<Answer> {
  const response = await fetch(`${platform.http}${withEnd(path)}`, {
    method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { 'content-type': bodyType }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What is mounted, as the running platform itself describes it. The doors that speak XML have rules of their own. */
async function readOperations(): Promise<Operation[]> {
  type Described = {
    'x-roles'?: Role[];
    security?: Record<string, OAuthScope[]>[];
    requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  };
  const { text } = await send('GET', '/openapi.json', undefined);
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/') || path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([name, described]) => {
        const [body] = Object.entries(described.requestBody?.content ?? {});
        const method = name.toUpperCase();
        return {
          key: `${method} ${path}`,
          method,
          path,
          right: { roles: described['x-roles'] ?? [], anyScope: described.security?.[0]?.['oauth'] ?? [] },
          ...(body && { bodyType: body[0], ...(body[1].schema && { bodySchema: body[1].schema }) }),
        };
      }),
    );
}

const uuidOf = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? '';

const pathWith = (operation: Operation, valueOf: (name: string) => string): string =>
  operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)));

/** Asks an operation so that nothing can come of it beyond the door: ids that nothing has, a body that is not one. */
function knock(operation: Operation, token: string | undefined, query = ''): Promise<Answer> {
  const path = pathWith(operation, () => NO_ID);
  const body = operation.bodyType === undefined ? undefined : '"not what is expected"';
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return send(operation.method, path + query, authorization, body, operation.bodyType);
}

const operatorToken = (): string => platform.firstRun.tokens.operator;

type NewToken = { role: Role; scopes?: readonly string[]; locationIds?: string[]; lifetimeSeconds?: number };

async function makeToken(organizationId: string, wanted: NewToken): Promise<{ id: string; token: string }> {
  // Location administrators reach what their token names: here the id that every knock asks for.
  const bound = wanted.role === 'locationAdmin' ? { locationIds: [NO_ID] } : {};
  const body = JSON.stringify({ label: 'access test', ...bound, ...wanted });
  const answer = await send('POST', `/api/tokens?orgId=${organizationId}`, `Bearer ${operatorToken()}`, body);
  assert.equal(answer.status, 201, answer.text);
  return JSON.parse(answer.text) as { id: string; token: string };
}

async function makeOrganization(name: string, partnerId?: string): Promise<string> {
  const body = JSON.stringify({ name, ...(partnerId !== undefined && { partnerId }) });
  const answer = await send('POST', '/api/organizations', `Bearer ${operatorToken()}`, body);
  assert.equal(answer.status, 201, answer.text);
  return (JSON.parse(answer.text) as { id: string }).id;
}

/** An error envelope that ties itself to the log, and never a fault of ours. */
function assertRefused(answer: Answer, status: number, what: string): void {
  assert.equal(answer.status, status, `${what}: ${answer.text}`);
  const { message, errors, trackingId } = JSON.parse(answer.text) as {
    message: string;
    errors: { description: string }[];
    trackingId: string;
  };
  assert.ok(message.length > 0 && errors.length > 0, what);
  assert.equal(trackingId, answer.headers.get('trackingid'), what);
  if (status === 401) assert.equal(answer.headers.get('www-authenticate'), 'Bearer', what);
}

function assertLetIn(answer: Answer, what: string): void {
  assert.ok(
    ![401, 403, 405].includes(answer.status) && answer.status < 500,
    `${what}: ${answer.status} ${answer.text}`,
  );
}

const NAMED_ROLES: readonly (readonly [RegExp, Role])[] = [
  [/\bfull\b/, 'fullAdmin'],
  [/\buser\b/, 'userAdmin'],
  [/\bread-only\b/, 'readOnlyAdmin'],
  [/\blocation\b/, 'locationAdmin'],
];
const ADMINISTRATORS = NAMED_ROLES.map(([, role]) => role);

/** What the sentence "… requires a full … administrator auth token with a scope of …" of an operation says. */
function readRequirement(description: string, key: string): Right {
  const sentence = description
    .split(/(?<=\.)\s|\n\n/)
    .map((one) => /\brequires\b[^]*/i.exec(one)?.[0])
    .find((one) => one?.includes('`spark'));
  assert.ok(sentence, `the description of ${key} says who may use it`);
  const named = NAMED_ROLES.filter(([word]) => word.test(sentence.split('with ')[0] ?? '')).map(([, role]) => role);
  const scopes = [...sentence.matchAll(/`(spark[\w:-]*)`/g)].map((match) => match[1] as OAuthScope);
  return { roles: [...(named.length === 0 ? ADMINISTRATORS : named), 'partnerAdmin', 'operator'], anyScope: scopes };
}

/** Operation to right, as both documents of the contract state it. */
async function readDocuments(): Promise<Map<string, Right>> {
  const found = new Map<string, Right>();
  for (const name of ['emergency-services', 'supporting']) {
    const file = new URL(`../../contract/webex/${name}.openapi.yml`, import.meta.url);
    type Paths = Record<string, Record<string, { description?: string }>>;
    const { paths } = parse(await readFile(file, 'utf8')) as { paths: Paths };
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { description = '' }] of Object.entries(methods)) {
        const key = `${method.toUpperCase()} /v1${path}`;
        found.set(key, readRequirement(description, key));
      }
    }
  }
  return found;
}

const sorted = ({ roles, anyScope }: Right): unknown => [[...roles].sort(), [...anyScope].sort()];

test('the table of rights says what the documents of the contract say, operation by operation', async () => {
  const documents = await readDocuments();
  const inTable = Object.keys(RIGHTS).filter((key) => key.includes(' /v1/'));
  assert.deepEqual(inTable.sort(), [...documents.keys()].sort());
  for (const [key, right] of documents) assert.deepEqual(sorted(rightTo(key)), sorted(right), key);
});

/** What is told to whoever asks, whatever the ids are that they asked for. */
function withoutTracking({ status, text }: Answer, ids: Iterable<string>): unknown {
  let plain = text;
  for (const id of ids) {
    const uuid = Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? id;
    plain = plain.replaceAll(id, 'ID').replaceAll(uuid, 'ID');
  }
  return { status, ...(JSON.parse(plain) as Json), trackingId: undefined };
}

test('every mounted operation has its row, every row its operation, and the description tells the same', () => {
  assert.deepEqual(operations.map(({ key }) => key).sort(), Object.keys(RIGHTS).sort());
  for (const { key, right } of operations) assert.deepEqual(sorted(right), sorted(rightTo(key)), key);
});

test('operation × role × scope × organization: let in exactly as the table says', async (t) => {
  const { tokens, organizationId: ownId = '', fresh } = platform.firstRun;
  const partner = await send('POST', '/api/partners', `Bearer ${operatorToken()}`, '{"name":"Other reseller"}');
  const { id: otherPartner } = JSON.parse(partner.text) as { id: string };
  const organizationId = await makeOrganization('Access', otherPartner);
  const foreignIds = [await makeOrganization('Of another partner', otherPartner), await makeOrganization('Of none')];
  const customerId = fresh?.organizationId ?? '';
  const partnerAdmin = tokens.partnerAdmin ?? '';

  const made = new Map<string, Promise<string>>();
  const tokenFor = (role: Role, scopes: readonly string[]): Promise<string> => {
    const key = `${role} ${scopes.join()}`;
    const token = made.get(key) ?? makeToken(organizationId, { role, scopes }).then((one) => one.token);
    made.set(key, token);
    return token;
  };

  t.diagnostic(
    '+ let in, - refused 403; scope: with each needed one alone, - without; orgId: foreign, customer, others',
  );
  let asked = 0;
  for (const operation of operations) {
    const { key } = operation;
    const right = rightTo(key);
    const seen: string[] = [];
    const expect = async (isAllowed: boolean, what: string, token: string, query = ''): Promise<void> => {
      const answer = await knock(operation, token, query);
      asked += 1;
      if (isAllowed) assertLetIn(answer, `${key} ${what}`);
      else assertRefused(answer, 403, `${key} ${what}`);
      seen.push(`${what}${isAllowed ? '+' : '-'}`);
    };
    const others = OAUTH_SCOPES.filter((scope) => !right.anyScope.includes(scope));
    for (const role of ROLES) {
      const isAllowed = right.roles.includes(role);
      await expect(isAllowed, role, await tokenFor(role, OAUTH_SCOPES));
      if (isAllowed) {
        for (const scope of right.anyScope) await expect(true, scope, await tokenFor(role, [scope]));
        // Who one is, every token may ask.
        if (others.length > 0) await expect(false, 'without', await tokenFor(role, others));
      }
      // Nobody but its partner and the operator may name another organization, whatever else they may.
      if (role !== 'operator') await expect(false, 'foreign', await tokenFor(role, OAUTH_SCOPES), `?orgId=${ownId}`);
    }
    const isForPartners = right.roles.includes('partnerAdmin');
    await expect(isForPartners, 'partner:customer', partnerAdmin, `?orgId=${customerId}`);
    for (const id of foreignIds) await expect(false, 'partner:others', partnerAdmin, `?orgId=${id}`);
    if (key !== 'POST /api/backup') await expect(true, 'operator:any', operatorToken(), `?orgId=${ownId}`);
    assertRefused(await knock(operation, operatorToken(), `?orgId=${NO_ID}`), 404, `${key}, no organization`);
    assertRefused(await knock(operation, operatorToken(), '?orgId=nonsense'), 400, `${key}, no id`);
    t.diagnostic(`${key}: ${[...new Set(seen)].join(' ')}`);
  }
  assert.ok(asked > 15 * operations.length, `${asked} requests`);
});

test('no token, no real token, expired, revoked, another scheme: 401 everywhere, whatever else is wrong', async () => {
  const organizationId = await makeOrganization('Locked out');
  const expired = await makeToken(organizationId, { role: 'operator', scopes: OAUTH_SCOPES, lifetimeSeconds: 60 });
  const revoked = await makeToken(organizationId, { role: 'operator', scopes: OAUTH_SCOPES });
  const valid = await makeToken(organizationId, { role: 'operator', scopes: OAUTH_SCOPES, lifetimeSeconds: 3_600 });
  const [anyOperation] = operations;
  assert.ok(anyOperation);
  for (const { token } of [expired, revoked]) assertLetIn(await knock(anyOperation, token), 'while it is good');
  platform.putForward(61_000);
  const removed = await send(
    'DELETE',
    `/api/tokens/${revoked.id}?orgId=${organizationId}`,
    `Bearer ${operatorToken()}`,
  );
  assert.equal(removed.status, 204, removed.text);
  for (const operation of operations) {
    assertRefused(await knock(operation, undefined), 401, `${operation.key} without a token`);
    assertRefused(await knock(operation, 'wm_thisIsNoToken'), 401, `${operation.key} with an unknown token`);
    assertRefused(await knock(operation, expired.token), 401, `${operation.key} with an expired token`);
    assertRefused(await knock(operation, revoked.token), 401, `${operation.key} with a revoked token`);
    assertLetIn(await knock(operation, valid.token), `${operation.key} with a token that lasts`);
  }
  for (const authorization of [
    `Basic ${Buffer.from(`x:${valid.token}`).toString('base64')}`,
    valid.token,
    'Bearer',
    `Bearer ${valid.token} ${valid.token}`,
    `Bearer ${valid.token.slice(0, -1)}`,
    `Bearer ${valid.token.toUpperCase()}`,
  ]) {
    assertRefused(await send('GET', '/api/tokens', authorization), 401, authorization);
  }
  // Before the body is read: a stranger cannot make the server parse anything, nor learn what is valid.
  assertRefused(await send('POST', '/v1/locations', undefined, '{"name":'), 401, 'malformed and without a token');
  assertRefused(await send('POST', '/v1/locations?orgId=nonsense', undefined, '{}'), 401, 'bad orgId, no token');
});

/** Lists of everything an organization has, as its administrator sees them. */
async function dump(token: string): Promise<Record<string, string>> {
  const lists = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const seen: Record<string, string> = {};
  for (const { path, right } of lists) {
    // Whose token it is tell /v1/people/me and /api/session; what a call would do needs a question; events of a call may still come.
    if (path === '/api/events') continue;
    if (!right.roles.includes('fullAdmin') || path.startsWith('/api/explain/') || path === '/v1/people/me') continue;
    if (path === '/api/session') continue;
    if (path === '/api/alert-rules/preview' || path === '/api/map-picture') continue;
    const answer = await send('GET', path, `Bearer ${token}`);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    // Asking is itself noted at the token.
    seen[path] = answer.text.replaceAll(/"lastUsedAt":(?:null|"[^"]*")/g, '');
  }
  return seen;
}

async function firstId(path: string, token: string): Promise<string> {
  const { items } = JSON.parse((await send('GET', path, `Bearer ${token}`)).text) as {
    items: { id?: string; key?: string }[];
  };
  assert.ok(items[0], `${path} lists something`);
  return items[0].id ?? items[0].key ?? '';
}

/** What is still being sent would change while nobody touches it. */
async function settleAlerts(token: string): Promise<void> {
  await eventually('alerts that were accepted', 20_000, async () => {
    const { items } = JSON.parse((await send('GET', '/api/alerts', `Bearer ${token}`)).text) as {
      items: { state: string }[];
    };
    return items.length > 0 && items.every(({ state }) => state === 'accepted');
  });
}

/** An access point that nobody mapped, so that there is one to be mapped. */
async function nameUnmapped(companyId: string, token: string): Promise<void> {
  const request =
    '<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm">' +
    '<wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi"><ap><bssid>02-00-5E-00-53-09</bssid></ap></wifi></measurements></locationRequest>';
  await send('POST', `/held/c/${companyId}`, undefined, request, 'application/held+xml');
  await eventually('an unmapped element', 20_000, async () => {
    const { items } = JSON.parse((await send('GET', '/api/wire-map/unmapped', `Bearer ${token}`)).text) as {
      items: unknown[];
    };
    return items.length > 0;
  });
}

/** A call of the demonstration's, so that there is one whose id can be tried elsewhere. */
async function placeCall(
  token: string,
  from: string = platform.firstRun.examples?.['callerNumber'] ?? '',
): Promise<string> {
  const phone = await openPhone({ host: '127.0.0.1', target: { ...platform.sip, protocol: 'udp' } });
  const call = phone.call({ from });
  assert.equal((await call.final()).status, 200);
  await call.ack();
  await call.request('BYE');
  await phone.close();
  const limit = performance.now() + 10_000;
  for (;;) {
    const { items } = JSON.parse((await send('GET', '/api/calls', `Bearer ${token}`)).text) as {
      items: { id: string; outcome: string; callerNumber: string | null }[];
    };
    const placed = items.find(({ callerNumber, outcome }) => callerNumber === from && outcome === 'completed');
    if (placed) return placed.id;
    assert.ok(performance.now() < limit, 'the call is listed in time');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** As a browser gives it (RFC 8291 §5). */
const BROWSER = {
  endpoint: 'https://push.example.net/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
};

const MEMBER_KINDS: Readonly<Record<string, ResourceKind>> = {
  personId: 'PEOPLE',
  workspaceId: 'PLACE',
  virtualLineId: 'VIRTUAL_LINE',
  huntGroupId: 'HUNT_GROUP',
};
let nextExtension = 7_000;

/** One thing of every kind that a path of `/v1` can name, in one location: parameter to id. */
async function makeThings(token: string, locationId: string, name: string): Promise<Map<string, string>> {
  const uuid = uuidOf(locationId);
  const things = new Map([['locationId', locationId]]);
  for (const [parameter, kind] of Object.entries(MEMBER_KINDS)) {
    nextExtension += 1;
    const body = { kind, locationId: uuid, firstName: name, lastName: kind, extension: String(nextExtension) };
    const made = await send('POST', '/api/members', `Bearer ${token}`, JSON.stringify(body));
    assert.equal(made.status, 201, made.text);
    things.set(parameter, encodeResourceId(kind, (JSON.parse(made.text) as { id: string }).id));
  }
  const number = `+1512555${nextExtension}`;
  const numbers = JSON.stringify({ locationId: uuid, phoneNumbers: [number] });
  const added = await send('POST', '/api/numbers', `Bearer ${token}`, numbers);
  assert.equal(added.status, 201, added.text);
  things.set('phoneNumber', number);
  if (operations.some(({ path }) => path.includes('{addressId}'))) {
    const address = { address1: '301 W 2nd St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' };
    const path = `/v1/telephony/pstn/locations/${locationId}/emergencyAddress`;
    const made = await send('POST', path, `Bearer ${token}`, JSON.stringify(address));
    assert.equal(made.status, 201, made.text);
    things.set('addressId', (JSON.parse(made.text) as { id: string }).id);
  }
  return things;
}

const UNKNOWN: Readonly<Record<string, string>> = {
  locationId: encodeResourceId('LOCATION', NO_ID),
  ...Object.fromEntries(Object.entries(MEMBER_KINDS).map(([name, kind]) => [name, encodeResourceId(kind, NO_ID)])),
  addressId: encodeResourceId('EMERGENCY_ADDRESS', NO_ID),
  phoneNumber: '+15125559999',
};

const bodyOf = (operation: Operation): string | undefined =>
  operation.bodySchema && JSON.stringify(bodyFor(operation.key, operation.bodySchema));

test('what belongs to one organization does not exist for another, and stays as it is', async () => {
  const { tokens, fresh, locations, companyId, examples } = platform.firstRun;
  const own = tokens.fullAdmin ?? '';
  const other = fresh?.tokens.fullAdmin ?? '';
  const location = locations?.[0]?.id ?? '';
  const locationUuid = uuidOf(location);
  // An account, so that a refusal is not for want of one.
  const account = await send('POST', '/v1/telephony/config/redSky', `Bearer ${other}`, '{"email":"b@fresh.example"}');
  assert.equal(account.status, 201, account.text);
  const trunk = await send('POST', '/api/trunks', `Bearer ${own}`, '{"name":"Own","addresses":["192.0.2.7"]}');
  assert.equal(trunk.status, 201, trunk.text);
  const connection = await send(
    'POST',
    '/api/alert-connections',
    `Bearer ${own}`,
    JSON.stringify({ name: 'Own', kind: 'webhook', settings: { url: 'https://hook.example.com/' } }),
  );
  assert.equal(connection.status, 201, connection.text);
  const certificate = await send(
    'POST',
    '/api/e911-account/certificates',
    `Bearer ${own}`,
    JSON.stringify({ fingerprint: 'ab'.repeat(32) }),
  );
  assert.equal(certificate.status, 201, certificate.text);
  const override = await send(
    'POST',
    '/api/address-overrides',
    `Bearer ${own}`,
    JSON.stringify({
      address: { address1: '1 New St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
      reason: 'new street',
    }),
  );
  assert.equal(override.status, 201, override.text);
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await send('POST', path, `Bearer ${own}`, JSON.stringify(body));
    assert.equal(answer.status, 201, answer.text);
    return (JSON.parse(answer.text) as { id: string }).id;
  };
  const endpoints = [{ channel: 'email', address: 'own@example.com' }];
  const recipient = await made('/api/alert-recipients', { name: 'Own', endpoints });
  const group = await made('/api/alert-groups', { name: 'Own', recipientIds: [recipient] });
  // Something that can be brought back.
  const gone = await made('/api/alert-recipients', { name: 'Gone', endpoints });
  assert.equal((await send('DELETE', `/api/alert-recipients/${gone}`, `Bearer ${own}`)).status, 204);
  await made('/api/alert-rules', { name: 'Own', triggers: ['drill'], steps: [{ groupIds: [group] }] });
  // Memory follows what is stored.
  await eventually('a drill', 20_000, async () => {
    const drill = await send('POST', '/api/drills', `Bearer ${own}`, JSON.stringify({ recipientId: recipient }));
    assert.ok(drill.status === 404 || drill.status === 201, drill.text);
    return drill.status === 201;
  });
  const callId = await placeCall(own);
  await settleAlerts(own);
  // After the call, of which it would be told out on the network.
  const browser = await send('POST', '/api/push-subscriptions', `Bearer ${own}`, JSON.stringify(BROWSER));
  assert.equal(browser.status, 201, browser.text);
  const held = await send(
    'POST',
    `/held/c/${companyId}`,
    undefined,
    '<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType>locationURI</locationType>' +
      `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${examples?.['mac']?.replaceAll(':', '-')}</mac></device></locationRequest>`,
    'application/held+xml',
  );
  const uri = /<locationURI>([^<]+)</.exec(held.text)?.[1] ?? '';
  assert.ok(uri.startsWith(platform.http), held.text);
  const responseLocation = await firstId('/api/response-locations', own);
  await nameUnmapped(companyId ?? '', own);
  const started = await send('POST', '/api/wire-map/imports', `Bearer ${own}`, 'kind,value,erl\n', 'text/csv');
  assert.equal(started.status, 202, started.text);
  await eventually('imports that are read', 20_000, async () => {
    const { items } = JSON.parse((await send('GET', '/api/wire-map/imports', `Bearer ${own}`)).text) as {
      items: { state: string }[];
    };
    return items.every(({ state }) => state === 'checked' || state === 'failed');
  });
  const things = await makeThings(own, location, 'Own');

  // Devices have the names that each organization gives them: the same name elsewhere is another device. Every organization has
  // the same templates, in words of its own.
  const withIds = operations.filter(
    ({ path, right }) =>
      path.includes('{') &&
      right.roles.includes('fullAdmin') &&
      !path.startsWith('/api/devices/{deviceId}') &&
      !path.startsWith('/api/alert-templates/{trigger}'),
  );
  const ownIds = new Map<string, Map<string, string>>();
  for (const { key, path } of withIds) {
    const ids = new Map<string, string>();
    for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
      const list = path.slice(0, path.indexOf('/{'));
      const thing = things.get(name);
      let id = path.startsWith('/v1/') || name === 'phoneNumber' ? thing : thing && uuidOf(thing);
      // Under /api an id is that of the list before it.
      id ??= list === '/api/calls' ? callId : await firstId(list, own);
      assert.ok(id, `${key}: there is something that ${name} can name`);
      ids.set(name, id);
    }
    ownIds.set(key, ids);
  }

  const before = await dump(own);
  const beforeOther = await dump(other);
  for (const operation of withIds) {
    const ids = ownIds.get(operation.key) ?? new Map<string, string>();
    const refused = await send(
      operation.method,
      pathWith(operation, (name) => ids.get(name) ?? ''),
      `Bearer ${other}`,
      bodyOf(operation),
    );
    assertRefused(refused, 404, operation.key);
    const isOwnDoor = !operation.path.startsWith('/v1/');
    const unknownId = (name: string): string => (isOwnDoor && name !== 'phoneNumber' ? NO_ID : (UNKNOWN[name] ?? ''));
    const unknown = await send(operation.method, pathWith(operation, unknownId), `Bearer ${other}`, bodyOf(operation));
    const unknownIds = [...ids.keys()].map(unknownId);
    assert.deepEqual(
      withoutTracking(refused, ids.values()),
      withoutTracking(unknown, unknownIds),
      `${operation.key}: an id of others reads as one that nobody has`,
    );
  }
  const foreignIds = new RegExp([locationUuid, responseLocation, recipient, group].join('|'), 'g');
  for (const [path, body] of [
    ['/api/response-locations', { locationId: locationUuid, name: 'x', detail: { FLR: '1' } }],
    ['/api/buildings', { locationId: locationUuid, alertingEmail: 'x@example.com' }],
    ['/api/wire-map', { kind: 'mac', value: '02:00:5e:00:99:99', responseLocationId: responseLocation }],
    ['/api/wire-map/change', { filter: { kind: 'mac' }, responseLocationId: responseLocation }],
    ['/api/address-ranges', { range: '198.51.100.0/24', locationId: locationUuid }],
    ['/api/members', { kind: 'PEOPLE', locationId: locationUuid, firstName: 'X', extension: '9999' }],
    ['/api/numbers', { locationId: locationUuid, phoneNumbers: ['+15125550999'] }],
    ['/api/alert-groups', { name: 'x', recipientIds: [recipient] }],
    ['/api/alert-rules', { name: 'x', triggers: ['drill'], steps: [{ recipientIds: [recipient], groupIds: [group] }] }],
  ] as const) {
    // Another's thing in a body reads as one that does not exist.
    const text = JSON.stringify(body);
    const refused = await send('POST', path, `Bearer ${other}`, text);
    const unknown = await send('POST', path, `Bearer ${other}`, text.replaceAll(foreignIds, NO_ID));
    assert.ok([400, 404].includes(refused.status), `${path}: ${refused.text}`);
    const both = [locationUuid, responseLocation, recipient, group, NO_ID];
    assert.deepEqual(withoutTracking(refused, both), withoutTracking(unknown, both), path);
  }
  const revoke = await send('POST', '/api/location-uris/revoke', `Bearer ${other}`, JSON.stringify({ uri }));
  assertRefused(revoke, 404, 'revoking a location URI');
  const csv = `kind,value,erl\nmac,02:00:5e:00:99:99,${responseLocation}\nmac,02:00:5e:00:99:98,Austin floor 1 lobby\n`;
  assertRefused(await send('POST', '/api/wire-map/import', `Bearer ${other}`, csv, 'text/csv'), 400, 'wire map import');
  for (const path of [
    `/v1/locations?id=${location}`,
    `/api/response-locations?locationId=${locationUuid}`,
    `/api/buildings?locationId=${locationUuid}`,
    `/api/elins?responseLocationId=${responseLocation}`,
    `/api/members?locationId=${locationUuid}`,
    `/api/numbers?locationId=${locationUuid}`,
    `/api/wire-map?responseLocationId=${responseLocation}`,
  ]) {
    const { status, text } = await send('GET', path, `Bearer ${other}`);
    if (status !== 404) assert.deepEqual((JSON.parse(text) as { items: unknown[] }).items, [], path);
  }
  assert.equal((await send('GET', '/api/calls?all=true', `Bearer ${other}`)).status, 403);
  assert.equal((await fetch(uri)).status, 200, 'the location URI still resolves');
  assert.deepEqual(await dump(own), before);
  assert.deepEqual(await dump(other), beforeOther);
});

test('what was removed is gone for its organization, and was never there for another', async () => {
  const own = platform.firstRun.tokens.fullAdmin ?? '';
  const other = platform.firstRun.fresh?.tokens.fullAdmin ?? '';
  const location = uuidOf(platform.firstRun.locations?.[0]?.id ?? '');
  const make = async (path: string, body: object): Promise<string> => {
    const made = await send('POST', path, `Bearer ${own}`, JSON.stringify(body));
    assert.equal(made.status, 201, made.text);
    return (JSON.parse(made.text) as { id: string }).id;
  };
  const erl = await make('/api/response-locations', {
    locationId: location,
    name: 'To be removed',
    detail: { FLR: '9' },
  });
  const element = await make('/api/wire-map', { kind: 'mac', value: '02:00:5e:00:88:01', responseLocationId: erl });
  for (const path of [
    `/api/wire-map/${element}`,
    `/api/response-locations/${erl}`,
    `/api/address-ranges/${await make('/api/address-ranges', { range: '198.51.100.128/25' })}`,
    `/api/trunks/${await make('/api/trunks', { name: 'To be removed', addresses: ['192.0.2.77'] })}`,
    `/api/alert-connections/${await make('/api/alert-connections', {
      name: 'To be removed',
      kind: 'chat',
      settings: { flavour: 'slack', url: 'https://hooks.slack.com/services/x' },
    })}`,
    `/api/e911-account/certificates/${await make('/api/e911-account/certificates', { fingerprint: 'cd'.repeat(32) })}`,
    `/api/push-subscriptions/${await make('/api/push-subscriptions', BROWSER)}`,
  ]) {
    assertRefused(await send('DELETE', path, `Bearer ${other}`), 404, path);
    assert.equal((await send('DELETE', path, `Bearer ${own}`)).status, 204, path);
    assertRefused(await send('DELETE', path, `Bearer ${own}`), 410, path);
    assertRefused(await send('DELETE', path, `Bearer ${other}`), 404, path);
  }
});

/** Under /api an id is that of the list before it. */
const NAMED_BY_LIST: Readonly<Record<string, string>> = {
  '/api/incidents': 'incidentId',
  '/api/calls': 'incidentId',
  '/api/members': 'personUuid',
  '/api/buildings': 'buildingId',
  '/api/response-locations': 'responseLocationId',
  '/api/push-subscriptions': 'subscriptionId',
};

test('a location administrator touches the locations named in the token, and sees no others', async (t) => {
  const [mine, foreign] = platform.firstRun.locations ?? [];
  assert.ok(mine && foreign);
  const full = platform.firstRun.tokens.fullAdmin ?? '';
  const { token } = await makeToken(platform.firstRun.organizationId ?? '', {
    role: 'locationAdmin',
    scopes: OAUTH_SCOPES,
    locationIds: [uuidOf(mine.id)],
  });
  const here = await makeThings(full, mine.id, 'Here');
  const elsewhere = await makeThings(full, foreign.id, MARKER);
  // A call is the incident of the place that it came from.
  for (const things of [here, elsewhere]) {
    things.set('incidentId', await placeCall(full, things.get('phoneNumber')));
    things.set('personUuid', uuidOf(things.get('personId') ?? ''));
    const locationId = uuidOf(things.get('locationId') ?? '');
    const place = { locationId, name: things === here ? 'Here' : MARKER, detail: { FLR: '4' } };
    const made = await send('POST', '/api/response-locations', `Bearer ${full}`, JSON.stringify(place));
    assert.equal(made.status, 201, made.text);
    things.set('responseLocationId', (JSON.parse(made.text) as { id: string }).id);
    things.set('buildingId', await firstId(`/api/buildings?locationId=${locationId}`, full));
  }
  for (const [things, { id }, label] of [
    [here, mine, 'Here'],
    [elsewhere, foreign, MARKER],
  ] as const) {
    const body = { ...BROWSER, endpoint: `${BROWSER.endpoint}/${id}`, label, locationIds: [id] };
    const browser = await send('POST', '/api/push-subscriptions', `Bearer ${full}`, JSON.stringify(body));
    assert.equal(browser.status, 201, browser.text);
    things.set('subscriptionId', (JSON.parse(browser.text) as { id: string }).id);
  }
  const reachable = operations.filter(({ right }) => right.roles.includes('locationAdmin'));
  const ask = (operation: Operation, ids: ReadonlyMap<string, string>): Promise<Answer> =>
    send(
      operation.method,
      pathWith(operation, (name) => ids.get(NAMED_BY_LIST[operation.path.split('/{')[0] ?? ''] ?? name) ?? ''),
      `Bearer ${token}`,
      bodyOf(operation),
    );
  const seenBefore = await dump(full);
  for (const operation of reachable.filter(({ path }) => path.includes('{'))) {
    const refused = await ask(operation, elsewhere);
    // An id at another location reads as one that nobody has.
    const unknownIds = new Map([...elsewhere].map(([name]) => [name, UNKNOWN[name] ?? NO_ID]));
    const unknown = await ask(operation, unknownIds);
    assert.equal(refused.status, 404, `${operation.key} elsewhere: ${refused.status} ${refused.text}`);
    assert.deepEqual(
      withoutTracking(refused, elsewhere.values()),
      withoutTracking(unknown, unknownIds.values()),
      operation.key,
    );
    assert.doesNotMatch(refused.text, new RegExp(MARKER), operation.key);
    t.diagnostic(`${operation.key}: own location +, other location ${refused.status}`);
  }
  assert.deepEqual(await dump(full), seenBefore, 'nothing changed elsewhere');
  const lists = reachable.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const hidden = [MARKER, foreign.id, uuidOf(foreign.id), ...elsewhere.values()];
  for (const operation of lists) {
    for (const query of ['', `?locationId=${foreign.id}`, `?locationId=${uuidOf(foreign.id)}`, `?id=${foreign.id}`]) {
      const answer = await send('GET', operation.path + query, `Bearer ${token}`);
      if (query === '') assertLetIn(answer, operation.key);
      assert.ok(answer.status < 500, `${operation.key}${query}: ${answer.text}`);
      for (const secret of hidden) {
        // A refusal may repeat the question.
        const isShown = answer.text.includes(secret) && !(answer.status >= 400 && query.includes(secret));
        assert.ok(!isShown, `${operation.key}${query} shows ${secret} of another location`);
      }
    }
  }
  for (const member of Object.keys(MEMBER_KINDS)) {
    const borrowed = await send(
      'PUT',
      `/v1/telephony/config/people/${here.get('personId')}/emergencyCallbackNumber`,
      `Bearer ${token}`,
      JSON.stringify({ selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: elsewhere.get(member) }),
    );
    assertRefused(borrowed, 400, `the number of a ${member} of another location`);
    assert.doesNotMatch(borrowed.text, new RegExp(MARKER));
  }
  // What removes things comes last.
  const isRemoval = ({ method }: Operation): number => (method === 'DELETE' ? 1 : 0);
  for (const operation of reachable
    .filter(({ path }) => path.includes('{'))
    .sort((a, b) => isRemoval(a) - isRemoval(b))) {
    const answer = await ask(operation, here);
    assertLetIn(answer, `${operation.key} in its own location`);
    assert.notEqual(answer.status, 404, `${operation.key} in its own location: ${answer.text}`);
  }
  const bare = await send('POST', '/api/tokens', `Bearer ${full}`, '{"label":"bare","role":"locationAdmin"}');
  assert.equal(bare.status, 201, bare.text);
  const { token: unbound } = JSON.parse(bare.text) as { token: string };
  for (const { key, path } of lists) {
    const { status, text } = await send('GET', path, `Bearer ${unbound}`);
    assert.ok(status < 500, `${key} for a token that names no location: ${text}`);
    for (const secret of [mine.id, uuidOf(mine.id), ...here.values(), ...hidden]) {
      assert.ok(!text.includes(secret), `${key} shows ${secret} to a token that names no location`);
    }
  }
});

test('a token never gives more than it has', async () => {
  const organizationId = await makeOrganization('Tokens');
  const admin = await makeToken(organizationId, { role: 'fullAdmin' });
  const narrow = await makeToken(organizationId, { role: 'fullAdmin', scopes: ['waymark:write'] });
  const make = (token: string, wanted: object): Promise<Answer> =>
    send('POST', '/api/tokens', `Bearer ${token}`, JSON.stringify({ label: 'more', ...wanted }));
  assertRefused(await make(admin.token, { role: 'operator' }), 403, 'operator');
  assertRefused(await make(admin.token, { role: 'partnerAdmin' }), 403, 'partner');
  assertRefused(await make(admin.token, { role: 'fullAdmin', scopes: ['waymark:platform'] }), 403, 'platform');
  assertRefused(await make(narrow.token, { role: 'fullAdmin', scopes: ['waymark:read'] }), 403, 'another scope');
  const inherited = await make(narrow.token, { role: 'fullAdmin' });
  assert.equal(inherited.status, 201, inherited.text);
  const { token } = JSON.parse(inherited.text) as { token: string };
  assertRefused(await send('GET', '/api/tokens', `Bearer ${token}`), 403, 'what the maker could not read');
  const bounded = await make(admin.token, { role: 'fullAdmin', locationIds: [NO_ID] });
  assertRefused(bounded, 400, 'locations bound location administrators only');
});
