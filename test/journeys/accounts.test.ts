/** Accounts over HTTP on the whole platform: login, service settings, secrets that rotate, tokens, an outside identity provider. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { decodeResourceId } from '../../src/wire/webex/resource-id.ts';
import { eventually } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Json = Record<string, unknown>;
type Answer = { status: number; headers: Headers; body: Json };

const DAY_MS = 86_400_000;
const PASSWORD = 'correct horse battery staple';
const MAIL_TIMEOUT_MS = 20_000;
const LOGIN = '/v1/telephony/config/redSky/actions/login/invoke';
const SETTINGS = '/v1/telephony/config/redSky/serviceSettings';

let platform: TimedPlatform;
let provider: { issuer: string; privateKey: CryptoKey; close(): Promise<void> };

let aheadMs = 0;

/** What the platform's clock says. */
const nowMs = (): number => Date.now() + aheadMs;

function putForward(ms: number): void {
  aheadMs += ms;
  platform.putForward(ms);
}

before(async () => {
  provider = await startProvider();
  platform = await startTimedPlatform({
    WAYMARK_OIDC_ISSUER: provider.issuer,
    WAYMARK_OIDC_AUDIENCE: 'waymark',
    WAYMARK_OIDC_ROLE_CLAIM: 'groups',
    WAYMARK_OIDC_ROLES: 'e911=fullAdmin,look=readOnlyAdmin',
    WAYMARK_OIDC_ORGANIZATION_CLAIM: 'tenant',
  });
});

after(async () => {
  await platform.stop();
  await provider.close();
});

/** An OpenID Connect provider with one key, on loopback. */
async function startProvider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }];
  let issuer = '';
  const server = createServer((request, response) => {
    const isKeys = request.url === '/keys';
    response.end(JSON.stringify(isKeys ? { keys } : { issuer, jwks_uri: `${issuer}/keys` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    privateKey,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function send(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${platform.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

async function must(status: number, token: string, method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await send(token, method, path, body);
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const operator = (): string => platform.firstRun.tokens.operator;
const admin = (): string => platform.firstRun.tokens.fullAdmin ?? '';

/** Sets the password of the invited administrator by the link in the captured mail. */
async function acceptInvitation(email: string): Promise<void> {
  const link = await eventually(`the invitation of ${email}`, MAIL_TIMEOUT_MS, async () => {
    const { items } = (await must(200, operator(), 'GET', '/api/mail')) as { items: { to: string; file: string }[] };
    const mail = items.find(({ to }) => to.includes(email));
    if (!mail) return undefined;
    const headers = { authorization: `Bearer ${operator()}` };
    const text = await (await fetch(`${platform.http}/api/mail/${mail.file}`, { headers })).text();
    // Quoted-printable (RFC 2045 §6.7) may break the line.
    return /\/invitations\/[\w-]+/.exec(text.replaceAll(/=\r?\n/g, ''))?.[0];
  });
  const response = await fetch(`${platform.http}${link}`, {
    method: 'POST',
    body: new URLSearchParams({ password: PASSWORD }),
  });
  assert.equal(response.status, 200);
}

/** Asks HELD where a known device is, with Basic credentials. */
async function askHeld(companyId: string, secret: string): Promise<number> {
  const mac = platform.firstRun.examples?.['mac']?.replaceAll(':', '-');
  const response = await fetch(`${platform.http}/held`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${companyId}:${secret}`).toString('base64')}`,
      'content-type': 'application/held+xml',
    },
    body:
      '<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType>civic</locationType>' +
      `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${mac}</mac></device></locationRequest>`,
  });
  const text = await response.text();
  if (response.status === 200) assert.match(text, /<presence/);
  return response.status;
}

test('a phone with the replaced secret is located for the grace time, and the answer says how long that is', async () => {
  const { companyId = '', companySecret: first = '' } = platform.firstRun;
  assert.equal(await askHeld(companyId, first), 200);
  const rotated = await must(200, admin(), 'POST', '/api/e911-account/secret');
  const second = String(rotated['secret']);
  const until = Date.parse(String(rotated['previousSecretValidUntil']));
  assert.ok(Math.abs(until - nowMs() - 7 * DAY_MS) < 60_000, new Date(until).toISOString());
  assert.deepEqual([await askHeld(companyId, first), await askHeld(companyId, second)], [200, 200]);
  const account = await must(200, admin(), 'GET', '/api/e911-account');
  assert.equal(account['previousSecretValidUntil'], rotated['previousSecretValidUntil']);

  const third = String((await must(200, admin(), 'POST', '/api/e911-account/secret?graceSeconds=3600'))['secret']);
  const all = () => Promise.all([first, second, third].map((secret) => askHeld(companyId, secret)));
  assert.deepEqual(await all(), [401, 200, 200]);
  await must(204, admin(), 'DELETE', '/api/e911-account/previous-credentials');
  assert.deepEqual(await all(), [401, 401, 200]);
  await must(404, admin(), 'DELETE', '/api/e911-account/previous-credentials');
  for (const grace of ['-1', '2592001', 'soon']) {
    await must(400, admin(), 'POST', `/api/e911-account/secret?graceSeconds=${grace}`);
  }
  assert.equal((await must(200, admin(), 'GET', '/v1/telephony/config/redSky'))['secret'], '*****');
});

test('a reseller’s account: made by the partner, logged into, taken by an organization', async () => {
  const email = 'owner@shop.example';
  const { redskyOrgId, id: partnerId } = await must(201, operator(), 'POST', '/api/partners', { name: 'Reseller' });
  const { id: home } = await must(201, operator(), 'POST', '/api/organizations', { name: 'Home', partnerId });
  const { token: partner } = (await must(201, operator(), 'POST', `/api/tokens?orgId=${String(home)}`, {
    label: 'reseller',
    role: 'partnerAdmin',
  })) as { token: string };
  const wanted = { email, customerName: 'Shop' };
  await must(403, admin(), 'POST', '/api/detached-accounts', wanted);
  const made = await must(201, partner, 'POST', '/api/detached-accounts', wanted);
  const { companyId, secret, redSkyOrgId } = made;
  const listed = await must(200, partner, 'GET', '/api/detached-accounts?max=1');
  assert.deepEqual(
    (listed['items'] as Json[]).map((item) => item['companyId']),
    [companyId],
  );
  await acceptInvitation(email);

  const fresh = platform.firstRun.fresh?.tokens.fullAdmin ?? '';
  assert.deepEqual(await must(200, fresh, 'POST', LOGIN, { email, password: PASSWORD, redSkyOrgId }), {
    accountMatch: false,
    externalTenantEnabled: true,
    companyId,
  });
  const settings = { enabled: true, companyId, secret, externalTenantEnabled: true };
  const refused = await must(400, fresh, 'PUT', SETTINGS, settings);
  const descriptions = (refused['errors'] as { description: string }[]).map(({ description }) => description);
  assert.deepEqual(
    descriptions.map((text) => text.split(':')[0]),
    ['email', 'password'],
  );
  await must(204, fresh, 'PUT', SETTINGS, { ...settings, email, password: PASSWORD });
  assert.equal((await must(200, fresh, 'GET', '/v1/telephony/config/redSky'))['companyId'], companyId);
  assert.equal((await must(200, fresh, 'POST', LOGIN, { email, password: PASSWORD }))['accountMatch'], true);
  assert.deepEqual((await must(200, partner, 'GET', '/api/detached-accounts'))['items'], []);
  // Decision 5: who uses the account stands under its partner.
  const { organizationId } = platform.firstRun.fresh ?? {};
  await must(200, partner, 'GET', `/v1/telephony/config/redSky?orgId=${organizationId}`);
  assert.ok(redskyOrgId);

  const wrong = { email, password: 'not the password' };
  for (let count = 0; count < 10; count += 1) await must(400, fresh, 'POST', LOGIN, wrong);
  const tooMany = await send(fresh, 'POST', LOGIN, { email, password: PASSWORD });
  assert.equal(tooMany.status, 429);
  assert.ok(Number(tooMany.headers.get('retry-after')) > 0);
  const trail = JSON.stringify(await must(200, fresh, 'GET', '/api/audit?max=1000'));
  for (const text of [PASSWORD, wrong.password, String(secret)]) assert.ok(!trail.includes(text));
  assert.match(trail, /account\.adopted/);
});

test('an operator’s token gives an organization no more than it has itself, and nothing that lasts longer', async () => {
  const { id } = await must(201, operator(), 'POST', '/api/organizations', { name: 'Climbed' });
  const narrow = {
    label: 'narrow',
    role: 'operator',
    scopes: ['waymark:platform', 'waymark:read'],
    lifetimeSeconds: 600,
  };
  const { token: asker, expiresAt } = await must(201, operator(), 'POST', '/api/tokens', narrow);
  const wanted = { role: 'fullAdmin', label: 'made' };
  const { token } = await must(201, String(asker), 'POST', `/api/organizations/${String(id)}/tokens`, wanted);
  await must(200, String(token), 'GET', '/api/audit');
  await must(403, String(token), 'GET', '/v1/telephony/config/redSky');
  await must(403, String(token), 'POST', '/api/tokens', wanted);
  const [listed] = (await must(200, String(token), 'GET', '/api/tokens'))['items'] as Json[];
  assert.deepEqual(listed?.['scopes'], ['waymark:read']);
  assert.ok(Date.parse(String(listed?.['expiresAt'])) <= Date.parse(String(expiresAt)));
});

test('tokens and organizations come in pages that lead on by themselves', async () => {
  const { id } = await must(201, operator(), 'POST', '/api/organizations', { name: 'Tokens in pages' });
  const orgId = String(id);
  const ids: unknown[] = [];
  for (const role of ['fullAdmin', 'readOnlyAdmin', 'readOnlyAdmin']) {
    ids.push((await must(201, operator(), 'POST', `/api/tokens?orgId=${orgId}`, { label: role, role }))['id']);
  }
  async function follow(path: string): Promise<Json[]> {
    const items: Json[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const page: Answer = await send(operator(), 'GET', next);
      assert.equal(page.status, 200, JSON.stringify(page.body));
      items.push(...(page.body['items'] as Json[]));
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    return items;
  }
  const idsOf = (items: Json[]): unknown[] => items.map((item) => item['id']);
  assert.deepEqual(idsOf(await follow(`/api/tokens?orgId=${orgId}&max=2`)), ids);
  assert.deepEqual(idsOf(await follow(`/api/tokens?orgId=${orgId}&max=1&role=readOnlyAdmin`)), ids.slice(1));
  await must(204, operator(), 'DELETE', `/api/tokens/${String(ids[1])}?orgId=${orgId}`);
  assert.deepEqual(idsOf(await follow(`/api/tokens?orgId=${orgId}&max=1&state=active`)), [ids[0], ids[2]]);
  await must(400, operator(), 'GET', `/api/tokens?orgId=${orgId}&state=gone`);
  const all = await follow('/api/organizations?max=1000');
  assert.deepEqual(await follow('/api/organizations?max=2'), all);
  assert.ok(all.length > 2);
});

test('a token is changed, rotated with an overlap, and shows when it was used', async () => {
  const made = await must(201, admin(), 'POST', '/api/tokens', { label: 'script', role: 'readOnlyAdmin' });
  const path = `/api/tokens/${String(made['id'])}`;
  const expiresAt = new Date(nowMs() + 30 * DAY_MS).toISOString();
  assert.equal((await must(200, admin(), 'PATCH', path, { expiresAt }))['expiresAt'], expiresAt);
  await must(400, admin(), 'PATCH', path, { expiresAt: 'tomorrow' });
  await must(400, admin(), 'PATCH', path, { expiresAt: '2099-01-31T10:00' });
  await must(400, admin(), 'PATCH', path, { expiresAt: new Date(0).toISOString() });
  const old = String(made['token']);
  await must(200, old, 'GET', '/v1/telephony/config/redSky');
  const rotated = await must(201, admin(), 'POST', `${path}/rotate?overlapSeconds=600`);
  assert.equal(rotated['expiresAt'], expiresAt);
  const next = String(rotated['token']);
  for (const token of [old, next]) await must(200, token, 'GET', '/v1/telephony/config/redSky');
  await must(409, admin(), 'POST', `${path}/rotate`);
  await eventually('the use of the token is noted', 5_000, async () => {
    const { items } = (await must(200, admin(), 'GET', '/api/tokens?max=1000')) as { items: Json[] };
    return typeof items.find(({ id }) => id === made['id'])?.['lastUsedAt'] === 'string';
  });
  putForward(601_000);
  await must(401, old, 'GET', '/v1/telephony/config/redSky');
  await must(200, next, 'GET', '/v1/telephony/config/redSky');
  const other = platform.firstRun.fresh?.tokens.fullAdmin ?? '';
  await must(404, other, 'POST', `/api/tokens/${String(rotated['id'])}/rotate`);
  await must(404, other, 'PATCH', `/api/tokens/${String(rotated['id'])}`, { label: 'mine' });
});

test('a token of the identity provider opens both REST doors, within its role and organization', async () => {
  const organizationId = platform.firstRun.organizationId ?? '';
  const sign = (claims: Json): Promise<string> => {
    const now = Math.floor(nowMs() / 1_000);
    return new SignJWT({ sub: 'ada@id.example', groups: ['e911'], tenant: organizationId, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(provider.issuer)
      .setAudience('waymark')
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(provider.privateKey);
  };
  const full = await sign({});
  const { companyId } = await must(200, full, 'GET', '/v1/telephony/config/redSky');
  assert.equal(companyId, platform.firstRun.companyId);
  await must(204, full, 'PATCH', '/api/e911-account', { secretRequired: false });
  const { items } = (await must(200, full, 'GET', '/api/audit?max=1')) as { items: Json[] };
  assert.equal(items[0]?.['actor'], 'oidc:ada@id.example');
  const reader = await sign({ groups: ['look'] });
  await must(200, reader, 'GET', '/api/e911-account');
  await must(403, reader, 'PATCH', '/api/e911-account', { secretRequired: true });
  await must(403, await sign({ groups: ['others'] }), 'GET', '/api/e911-account');
  await must(403, await sign({ tenant: 'nobody' }), 'GET', '/api/e911-account');
  const fresh = platform.firstRun.fresh?.organizationId ?? '';
  assert.ok(decodeResourceId('ORGANIZATION', fresh));
  await must(403, full, 'GET', `/api/e911-account?orgId=${fresh}`);
  await must(401, `${full}x`, 'GET', '/api/e911-account');
  putForward(400_000);
  await must(401, full, 'GET', '/api/e911-account');
});
