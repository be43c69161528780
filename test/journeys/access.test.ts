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
import { openPhone } from '../support/sip-phone.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Operation = { key: string; method: string; path: string; roles: Role[]; scopes: string[]; bodyType?: string };
type Answer = { status: number; headers: Headers; text: string };
type Json = Record<string, unknown>;

const NO_ID = '00000000-0000-4000-8000-000000000000';

let platform: TimedPlatform;
let operations: Operation[];

before(async () => {
  platform = await startTimedPlatform();
  operations = await readOperations();
});

after(() => platform.stop());

async function send(
  method: string,
  path: string,
  authorization: string | undefined,
  body?: string,
  bodyType = 'application/json',
): Promise<Answer> {
  const response = await fetch(`${platform.http}${path}`, {
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
    security?: Record<string, string[]>[];
    requestBody?: { content: Record<string, unknown> };
  };
  const { text } = await send('GET', '/openapi.json', undefined);
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/') || path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([name, described]) => {
        const bodyType = Object.keys(described.requestBody?.content ?? {})[0];
        const method = name.toUpperCase();
        return {
          key: `${method} ${path}`,
          method,
          path,
          roles: described['x-roles'] ?? [],
          scopes: described.security?.[0]?.['oauth'] ?? [],
          ...(bodyType !== undefined && { bodyType }),
        };
      }),
    );
}

function ruleOf(operation: Operation): Rule {
  const rule = RULES[operation.key];
  assert.ok(rule, `${operation.key} has no row in the table of access rules`);
  return rule;
}

/** Asks an operation so that nothing can come of it beyond the door: ids that nothing has, a body that is not one. */
function knock(operation: Operation, token: string | undefined, query = ''): Promise<Answer> {
  const path = operation.path.replaceAll(/\{\w+\}/g, NO_ID);
  const body = operation.bodyType === undefined ? undefined : '"not what is expected"';
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return send(operation.method, path + query, authorization, body, operation.bodyType);
}

const operatorToken = (): string => platform.firstRun.tokens.operator;

type NewToken = { role: Role; scopes?: readonly string[]; locationIds?: string[]; lifetimeSeconds?: number };

async function makeToken(organizationId: string, wanted: NewToken): Promise<{ id: string; token: string }> {
  const body = JSON.stringify({ label: 'access test', ...wanted });
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

test('every mounted operation has its row, every row its operation, and the description tells the same', () => {
  assert.deepEqual(operations.map(({ key }) => key).sort(), Object.keys(RULES).sort());
  for (const operation of operations) {
    const rule = ruleOf(operation);
    assert.deepEqual([...operation.roles].sort(), [...rule.roles].sort(), operation.key);
    assert.deepEqual([...operation.scopes].sort(), [...rule.anyScope].sort(), operation.key);
  }
});

test('every role and scope: let in exactly as the table says', async () => {
  const organizationId = await makeOrganization('Access');
  const tokens = new Map<string, Promise<string>>();
  const tokenFor = (role: Role, scopes: readonly string[]): Promise<string> => {
    const key = `${role} ${scopes.join()}`;
    const made = tokens.get(key) ?? makeToken(organizationId, { role, scopes }).then(({ token }) => token);
    tokens.set(key, made);
    return made;
  };
  let asked = 0;
  for (const operation of operations) {
    const rule = ruleOf(operation);
    for (const role of ROLES) {
      const what = `${operation.key} as ${role}`;
      const answer = await knock(operation, await tokenFor(role, OAUTH_SCOPES));
      asked += 1;
      if (!rule.roles.includes(role)) {
        assertRefused(answer, 403, what);
        continue;
      }
      assertLetIn(answer, what);
      const others = OAUTH_SCOPES.filter((scope) => !rule.anyScope.includes(scope));
      assertRefused(await knock(operation, await tokenFor(role, others)), 403, `${what} without its scopes`);
      for (const scope of rule.anyScope) {
        assertLetIn(await knock(operation, await tokenFor(role, [scope])), `${what} with ${scope} alone`);
      }
      asked += 1 + rule.anyScope.length;
    }
  }
  assert.ok(asked > 10 * operations.length, `${asked} requests`);
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

test('another organization: only its partner and the operator may name it in orgId, on every operation', async () => {
  const { tokens, organizationId: ownId = '', fresh } = platform.firstRun;
  const partner = await send('POST', '/api/partners', `Bearer ${operatorToken()}`, '{"name":"Other reseller"}');
  const { id: otherPartner } = JSON.parse(partner.text) as { id: string };
  const foreign = await makeOrganization('Of another partner', otherPartner);
  const partnerless = await makeOrganization('Of no partner');
  const partnerAdmin = tokens.partnerAdmin ?? '';
  for (const operation of operations) {
    const rule = ruleOf(operation);
    for (const role of ROLES.filter((name) => name !== 'operator' && name !== 'partnerAdmin')) {
      if (!rule.roles.includes(role)) continue;
      const { token } = await makeToken(foreign, { role });
      assertRefused(await knock(operation, token, `?orgId=${ownId}`), 403, `${operation.key} as a foreign ${role}`);
    }
    if (rule.roles.includes('partnerAdmin')) {
      const allowed = await knock(operation, partnerAdmin, `?orgId=${fresh?.organizationId}`);
      assertLetIn(allowed, `${operation.key} as the partner`);
      for (const [name, id] of Object.entries({ foreign, partnerless })) {
        const refused = await knock(operation, partnerAdmin, `?orgId=${id}`);
        assertRefused(refused, 403, `${operation.key} as the partner of others, for ${name}`);
      }
    }
    if (operation.key !== 'POST /api/backup') {
      assertLetIn(await knock(operation, operatorToken(), `?orgId=${ownId}`), `${operation.key} as operator`);
    }
    assertRefused(await knock(operation, operatorToken(), `?orgId=${NO_ID}`), 404, `${operation.key}, no organization`);
    assertRefused(await knock(operation, operatorToken(), '?orgId=nonsense'), 400, `${operation.key}, no id`);
  }
});

/** Lists of everything an organization has, as its administrator sees them. */
async function dump(token: string): Promise<Record<string, string>> {
  const lists = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const seen: Record<string, string> = {};
  for (const { key, path } of lists) {
    if (!ruleOf({ key } as Operation).roles.includes('fullAdmin') || path.startsWith('/api/explain/')) continue;
    const answer = await send('GET', path, `Bearer ${token}`);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    seen[path] = answer.text;
  }
  return seen;
}

async function firstId(path: string, token: string): Promise<string> {
  const { items } = JSON.parse((await send('GET', path, `Bearer ${token}`)).text) as { items: { id: string }[] };
  assert.ok(items[0], `${path} lists something`);
  return items[0].id;
}

/** A call of the demonstration's, so that there is one whose id can be tried elsewhere. */
async function placeCall(token: string): Promise<string> {
  const phone = await openPhone({ host: '127.0.0.1', target: { ...platform.sip, protocol: 'udp' } });
  const call = phone.call({ from: platform.firstRun.examples?.['callerNumber'] ?? '' });
  assert.equal((await call.final()).status, 200);
  await call.ack();
  await call.request('BYE');
  await phone.close();
  const limit = performance.now() + 10_000;
  for (;;) {
    const { items } = JSON.parse((await send('GET', '/api/calls', `Bearer ${token}`)).text) as {
      items: { id: string; outcome: string }[];
    };
    if (items[0]?.outcome === 'completed') return items[0].id;
    assert.ok(performance.now() < limit, 'the call is listed in time');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('what belongs to one organization does not exist for another, and stays as it is', async () => {
  const { tokens, fresh, locations, companyId, examples } = platform.firstRun;
  const own = tokens.fullAdmin ?? '';
  const other = fresh?.tokens.fullAdmin ?? '';
  const location = locations?.[0]?.id ?? '';
  const locationUuid = decodeResourceId('LOCATION', location) ?? '';
  // An account, so that a refusal is not for want of one.
  const account = await send('POST', '/v1/telephony/config/redSky', `Bearer ${other}`, '{"email":"b@fresh.example"}');
  assert.equal(account.status, 201, account.text);
  const trunk = await send('POST', '/api/trunks', `Bearer ${own}`, '{"name":"Own","addresses":["192.0.2.7"]}');
  assert.equal(trunk.status, 201, trunk.text);
  const callId = await placeCall(own);
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

  const ids: Readonly<Record<string, [id: string, body?: object]>> = {
    'GET /v1/telephony/config/locations/{locationId}/redSky': [location],
    'GET /v1/telephony/config/locations/{locationId}/redSky/status': [location],
    'PUT /v1/telephony/config/locations/{locationId}/redSky/status': [location, { complianceStatus: 'OPTED_OUT' }],
    'POST /v1/telephony/config/locations/{locationId}/redSky/building': [location, { alertingEmail: 'b@b.example' }],
    'PUT /v1/telephony/config/locations/{locationId}/redSky/building': [location, { address: { city: 'Elsewhere' } }],
    'GET /v1/telephony/config/locations/{locationId}/emergencyCallNotification': [location],
    'PUT /v1/telephony/config/locations/{locationId}/emergencyCallNotification': [
      location,
      { emailAddress: 'b@b.example' },
    ],
    'GET /v1/locations/{locationId}': [location],
    'GET /api/response-locations/{id}': [responseLocation],
    'PATCH /api/response-locations/{id}': [responseLocation, { name: 'Taken over' }],
    'DELETE /api/response-locations/{id}': [responseLocation],
    'PATCH /api/wire-map/{id}': [await firstId('/api/wire-map', own), { description: 'taken over' }],
    'DELETE /api/wire-map/{id}': [await firstId('/api/wire-map', own)],
    'DELETE /api/address-ranges/{id}': [await firstId('/api/address-ranges', own)],
    'GET /api/calls/{id}': [callId],
    'DELETE /api/trunks/{id}': [await firstId('/api/trunks', own)],
    'DELETE /api/tokens/{tokenId}': [await firstId('/api/tokens', own)],
  };
  const withIds = operations.filter((operation) => operation.path.includes('{') && ruleOf(operation) !== PLATFORM);
  assert.deepEqual(withIds.map(({ key }) => key).sort(), Object.keys(ids).sort());

  const before = await dump(own);
  const beforeOther = await dump(other);
  for (const { key, method, path } of withIds) {
    const [id, body] = ids[key] ?? [''];
    const authorization = `Bearer ${other}`;
    const text = body && JSON.stringify(body);
    assertRefused(await send(method, path.replace(/\{\w+\}/, id), authorization, text), 404, key);
  }
  const foreignIds = new RegExp([locationUuid, responseLocation].join('|'), 'g');
  const withoutTracking = ({ status, text }: Answer): unknown => ({
    status,
    ...(JSON.parse(text.replaceAll(foreignIds, NO_ID)) as Json),
    trackingId: undefined,
  });
  for (const [path, body] of [
    ['/api/response-locations', { locationId: locationUuid, name: 'x', detail: { FLR: '1' } }],
    ['/api/wire-map', { kind: 'mac', value: '02:00:5e:00:99:99', responseLocationId: responseLocation }],
    ['/api/address-ranges', { range: '198.51.100.0/24', locationId: locationUuid }],
    ['/api/members', { kind: 'PEOPLE', locationId: locationUuid, firstName: 'X', extension: '9999' }],
    ['/api/numbers', { locationId: locationUuid, phoneNumbers: ['+15125550999'] }],
  ] as const) {
    // Another's thing in a body reads as one that does not exist.
    const text = JSON.stringify(body);
    const refused = await send('POST', path, `Bearer ${other}`, text);
    const unknown = await send('POST', path, `Bearer ${other}`, text.replaceAll(foreignIds, NO_ID));
    assert.ok([400, 404].includes(refused.status), `${path}: ${refused.text}`);
    assert.deepEqual(withoutTracking(refused), withoutTracking(unknown), path);
  }
  const revoke = await send('POST', '/api/location-uris/revoke', `Bearer ${other}`, JSON.stringify({ uri }));
  assertRefused(revoke, 404, 'revoking a location URI');
  const csv = `kind,value,erl\nmac,02:00:5e:00:99:99,${responseLocation}\nmac,02:00:5e:00:99:98,Austin floor 1 lobby\n`;
  assertRefused(await send('POST', '/api/wire-map/import', `Bearer ${other}`, csv, 'text/csv'), 400, 'wire map import');
  for (const path of [
    `/v1/locations?id=${location}`,
    `/api/response-locations?locationId=${locationUuid}`,
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

test('a location administrator touches the locations named in the token, and sees no others', async () => {
  const [mine, foreign] = platform.firstRun.locations ?? [];
  assert.ok(mine && foreign);
  const token = platform.firstRun.tokens.locationAdmin ?? '';
  const notification = (id: string): string => `/v1/telephony/config/locations/${id}/emergencyCallNotification`;
  assert.equal((await send('GET', notification(mine.id), `Bearer ${token}`)).status, 200);
  assertRefused(await send('GET', notification(foreign.id), `Bearer ${token}`), 403, 'another location');
  const body = '{"emergencyCallNotificationEnabled":true,"emailAddress":"front@example.com"}';
  assert.equal((await send('PUT', notification(mine.id), `Bearer ${token}`, body)).status, 204);
  assertRefused(await send('PUT', notification(foreign.id), `Bearer ${token}`, body), 403, 'another location, write');
  assertRefused(await send('GET', `/v1/locations/${foreign.id}`, `Bearer ${token}`), 403, 'another location, details');
  const namesOf = async (path: string, key: string, name: (item: Json) => unknown): Promise<unknown[]> => {
    const answer = JSON.parse((await send('GET', path, `Bearer ${token}`)).text) as Record<string, Json[]>;
    return [...new Set((answer[key] ?? []).map(name))];
  };
  assert.deepEqual(await namesOf('/v1/locations', 'items', (item) => item['id']), [mine.id]);
  const locationOf = (item: Json): unknown => (item['location'] as Json)['id'];
  assert.deepEqual(await namesOf('/v1/telephony/config/numbers', 'phoneNumbers', locationOf), [mine.id]);
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
