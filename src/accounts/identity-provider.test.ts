import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type AccountsWorld, openAccountsWorld } from '../../test/support/accounts-world.ts';
import type { Scope } from '../domain/scope.ts';
import { fetchJson } from '../transport/fetch-json.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import type { RoleMapping } from './identity-claims.ts';

const AUDIENCE = 'waymark';
const HOUR_MS = 3_600_000;
/** The pause between two questions to the provider. */
const PAUSE_MS = 30_000;
const ROLES: RoleMapping = [
  { value: 'e911-admins', role: 'fullAdmin' },
  { value: 'e911-readers', role: 'readOnlyAdmin' },
  { value: 'e911-site', role: 'locationAdmin' },
  { value: 'resellers', role: 'partnerAdmin' },
  { value: 'operations', role: 'operator' },
];

type Pair = { publicKey: CryptoKey; privateKey: CryptoKey; jwk: JWK };

async function makeKey(kid: string, alg: string): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** A provider on loopback whose documents tests change. */
async function startProvider() {
  const state = {
    keys: [] as JWK[],
    away: false,
    description: {} as Record<string, unknown>,
    raw: undefined as string | undefined,
  };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (state.away) response.writeHead(503).end();
    else if (request.url === '/tenant/.well-known/openid-configuration')
      response.end(JSON.stringify(state.description));
    else response.end(state.raw ?? JSON.stringify({ keys: state.keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${base}/tenant/`;
  state.description = { issuer, jwks_uri: `${base}/keys` };
  return {
    state,
    asked,
    issuer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

let provider: Awaited<ReturnType<typeof startProvider>>;
let world: AccountsWorld;
let own: Scope;
let rsa: Pair;
let elliptic: Pair;
let edwards: Pair;

before(async () => {
  provider = await startProvider();
  rsa = await makeKey('rsa-1', 'RS256');
  elliptic = await makeKey('ec-1', 'ES256');
  edwards = await makeKey('ed-1', 'EdDSA');
  provider.state.keys = [rsa.jwk, elliptic.jwk, edwards.jwk];
  world = await openAccountsWorld({
    identityProvider: {
      fetchJson: (address) => fetchJson(address, 2_000),
      provider: {
        issuer: provider.issuer,
        audience: AUDIENCE,
        claims: {
          role: 'realm_access.roles',
          organization: 'https://e911.example/org',
          location: 'sites',
          partner: 'partner',
        },
        roles: ROLES,
      },
    },
  });
  own = await world.organization('Own');
});

beforeEach(() => {
  // Whatever a test asked of the provider, the next may ask again.
  world.clock.advance(PAUSE_MS);
  provider.state.away = false;
  provider.state.keys = [rsa.jwk, elliptic.jwk, edwards.jwk];
  provider.state.raw = undefined;
  provider.asked.length = 0;
});

after(async () => {
  await world.close();
  await provider.close();
});

const nowSeconds = (): number => Math.floor(world.clock.nowMs() / 1_000);

function claimsOf(change: JWTPayload = {}): JWTPayload {
  return {
    iss: provider.issuer,
    aud: AUDIENCE,
    sub: 'ada',
    iat: nowSeconds(),
    exp: nowSeconds() + 600,
    realm_access: { roles: ['something else', 'e911-admins'] },
    'https://e911.example/org': own.organizationId,
    ...change,
  };
}

function sign(claims: JWTPayload, pair = rsa, header: Record<string, unknown> = {}): Promise<string> {
  const { kid, alg = '' } = pair.jwk;
  return new SignJWT(claims).setProtectedHeader({ kid, ...header, alg } as { alg: string }).sign(pair.privateKey);
}

const enter = (token: string, organizationId?: string): Promise<Scope> =>
  world.accounts.authenticate({ authorization: `Bearer ${token}`, organizationId, trackingId: 'test' });

const refused = (token: string, kind = 'unauthenticated') => assert.rejects(enter(token), { kind });

test('a token of the provider is a full scope: role, organization, end, and a name for the trail', async () => {
  const scope = await enter(await sign(claimsOf()));
  assert.equal(scope.role, 'fullAdmin');
  assert.equal(scope.organizationId, own.organizationId);
  assert.equal(scope.homeOrganizationId, own.organizationId);
  assert.equal(scope.tokenId, 'oidc:ada');
  assert.equal(scope.expiresAtMs, (nowSeconds() + 600) * 1_000);
  assert.ok(scope.scopes.has('spark-admin:telephony_config_write') && !scope.scopes.has('waymark:platform'));
  for (const pair of [elliptic, edwards]) assert.equal((await enter(await sign(claimsOf(), pair))).tokenId, 'oidc:ada');
  const byWebexId = { 'https://e911.example/org': encodeResourceId('ORGANIZATION', own.organizationId) };
  assert.equal((await enter(await sign(claimsOf(byWebexId)))).organizationId, own.organizationId);
  assert.ok((await enter(await sign(claimsOf({ aud: ['other', AUDIENCE] })))).role);
  await assert.rejects(enter(await sign(claimsOf()), (await world.organization('Other')).organizationId), {
    kind: 'forbidden',
  });
  assert.ok(provider.asked.length <= 2, `asked ${provider.asked.join()}`);
});

test('wrong issuer, audience, times, missing claims: 401', async () => {
  for (const change of [
    { iss: 'https://elsewhere.example' },
    { iss: provider.issuer.slice(0, -1) },
    { iss: undefined },
    { aud: 'another application' },
    { aud: undefined },
    { exp: nowSeconds() - 31 },
    { exp: undefined },
    { nbf: nowSeconds() + 31 },
    { sub: undefined },
    { sub: 'x'.repeat(256) },
  ]) {
    await refused(await sign(claimsOf(change as JWTPayload)));
  }
  // A little leeway for the clocks of others.
  await enter(await sign(claimsOf({ exp: nowSeconds() - 29, nbf: nowSeconds() + 29 })));
});

test('no algorithm of the token’s choice: none, a symmetric one with the public key, another key’s, a key it brings', async () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = encode(claimsOf());
  await refused(`${encode({ alg: 'none' })}.${body}.`);
  await refused(`${encode({ alg: 'none', kid: 'rsa-1' })}.${body}.`);
  const publicPem = await exportSPKI(rsa.publicKey);
  for (const secret of [publicPem, JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
    const input = `${encode({ alg: 'HS256', kid: 'rsa-1' })}.${body}`;
    await refused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
  }
  const intruder = await makeKey('rsa-1', 'RS256');
  await refused(await sign(claimsOf(), intruder));
  await refused(await sign(claimsOf(), intruder, { jwk: intruder.jwk }));
  const { port } = new URL(provider.issuer);
  await refused(await sign(claimsOf(), intruder, { jku: `http://127.0.0.1:${port}/intruder`, kid: 'own' }));
  assert.ok(!provider.asked.includes('/intruder'));
  await refused(await sign(claimsOf(), elliptic, { kid: 'rsa-1' }));
  const good = await sign(claimsOf());
  const [header = '', , signature = ''] = good.split('.');
  await refused(`${header}.${encode(claimsOf({ sub: 'eve' }))}.${signature}`);
  await refused(`${good.slice(0, -4)}AAAA`);
  await refused(`${header}.${body}.`);
  await refused('a.b.c');
  await refused(await sign(claimsOf({ padding: 'x'.repeat(9_000) })));
});

test('symmetric keys in the key set are no keys', async () => {
  const secret = Buffer.from('a secret that should not be here').toString('base64url');
  provider.state.keys = [{ kty: 'oct', k: secret, kid: 'shared', alg: 'HS256' }, rsa.jwk];
  const token = await new SignJWT(claimsOf())
    .setProtectedHeader({ alg: 'HS256', kid: 'shared' })
    .sign(Buffer.from(secret, 'base64url'));
  await refused(token);
});

test('a key of the set that is broken or too short opens nothing, whoever names it', async () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const short = { kty: 'RSA', kid: 'short', alg: 'RS256', n: Buffer.alloc(128, 0xab).toString('base64url'), e: 'AQAB' };
  const off = { kty: 'EC', kid: 'off', alg: 'ES256', crv: 'P-256', x: encode('x'), y: encode('y') };
  provider.state.keys = [{ kty: 'RSA', kid: 'empty' }, short, off, rsa.jwk];
  assert.equal((await enter(await sign(claimsOf()))).role, 'fullAdmin');
  for (const [kid, alg] of [
    ['empty', 'RS256'],
    ['short', 'RS256'],
    ['off', 'ES256'],
  ] as const) {
    const signature = Buffer.alloc(alg === 'ES256' ? 64 : 128, 1).toString('base64url');
    await refused(`${encode({ alg, kid })}.${encode(claimsOf())}.${signature}`);
  }
});

test('a subject that no text column holds, or that would forge a line of a log, is nobody’s', async () => {
  for (const sub of ['', 'x'.repeat(256), 'a\0b', 'a\nb', '\ud800']) await refused(await sign(claimsOf({ sub })));
  assert.equal((await enter(await sign(claimsOf({ sub: 'Zoë|7' })))).tokenId, 'oidc:Zoë|7');
});

test('claims map to roles in the order of the mapping; what means nothing here is 403', async () => {
  const roles = (...names: string[]) => ({ realm_access: { roles: names } });
  const roleOf = async (change: object) => (await enter(await sign(claimsOf(change as JWTPayload)))).role;
  assert.equal(await roleOf(roles('e911-readers', 'e911-admins')), 'fullAdmin');
  assert.equal(await roleOf({ realm_access: { roles: 'e911-readers' } }), 'readOnlyAdmin');
  assert.equal(await roleOf({ realm_access: undefined, 'realm_access.roles': ['e911-readers'] }), 'readOnlyAdmin');
  assert.equal(await roleOf(roles('operations')), 'operator');
  for (const change of [
    roles('fullAdmin'),
    roles(),
    { realm_access: null },
    { realm_access: 'e911-admins' },
    { 'https://e911.example/org': undefined },
    { 'https://e911.example/org': 'nonsense' },
    { 'https://e911.example/org': '00000000-0000-4000-8000-000000000000' },
    { 'https://e911.example/org': [own.organizationId, own.organizationId] },
    roles('e911-site'),
    { ...roles('e911-site'), sites: [] },
    { ...roles('e911-site'), sites: ['nonsense'] },
    roles('resellers'),
    { ...roles('resellers'), partner: 'nobody' },
  ]) {
    await refused(await sign(claimsOf(change)), 'forbidden');
  }
  const site = '11111111-1111-4111-8111-111111111111';
  const bound = await enter(
    await sign(claimsOf({ ...roles('e911-site'), sites: [encodeResourceId('LOCATION', site)] })),
  );
  assert.deepEqual([...(bound.locationIds ?? [])], [site]);
  const partner = await enter(await sign(claimsOf({ ...roles('resellers'), partner: world.reseller.redskyOrgId })));
  assert.equal(partner.partnerId, world.reseller.id);
  const customer = await world.organization('Customer', world.reseller.id);
  const token = await sign(claimsOf({ ...roles('resellers'), partner: world.reseller.id }));
  assert.equal((await enter(token, customer.organizationId)).organizationId, customer.organizationId);
});

test('a token made with one of the provider never outlives it', async () => {
  const scope = await enter(await sign(claimsOf()));
  const made = await world.accounts.createToken(scope, { role: 'readOnlyAdmin', label: 'made' });
  assert.equal(made.expiresAt?.getTime(), scope.expiresAtMs);
  assert.equal((await world.lastAudit(own))?.actor, 'oidc:ada');
});

test('keys rotate: a new one is fetched when it is first seen, at most every 30 seconds; a withdrawn one ends', async () => {
  await enter(await sign(claimsOf()));
  const next = await makeKey('rsa-2', 'RS256');
  await refused(await sign(claimsOf(), next));
  const afterFirst = provider.asked.length;
  for (let count = 0; count < 20; count += 1) await refused(await sign(claimsOf(), next, { kid: `guess-${count}` }));
  assert.equal(provider.asked.length, afterFirst, 'strangers do not make us ask');
  provider.state.keys = [next.jwk];
  world.clock.advance(PAUSE_MS);
  const token = await sign(claimsOf(), next);
  const scopes = await Promise.all([enter(token), enter(token), enter(token)]);
  assert.deepEqual(
    scopes.map(({ tokenId }) => tokenId),
    ['oidc:ada', 'oidc:ada', 'oidc:ada'],
  );
  assert.equal(provider.asked.length, afterFirst + 2, 'once for all who wait');
  await refused(await sign(claimsOf()));
  provider.state.keys = [rsa.jwk, elliptic.jwk, edwards.jwk];
  world.clock.advance(PAUSE_MS);
  await enter(await sign(claimsOf()));
});

test('with the provider away its known keys are good for a day, then nobody is let in by them', async () => {
  await enter(await sign(claimsOf()));
  provider.state.away = true;
  for (const hours of [1, 22]) {
    world.clock.advance(hours * HOUR_MS);
    await enter(await sign(claimsOf()));
  }
  const unknown = await makeKey('rsa-9', 'RS256');
  await refused(await sign(claimsOf(), unknown));
  world.clock.advance(2 * HOUR_MS);
  await assert.rejects(enter(await sign(claimsOf())), { kind: 'unavailable', retryAfterSeconds: 30 });
  provider.state.away = false;
  await assert.rejects(enter(await sign(claimsOf())), { kind: 'unavailable' }, 'not asked again at once');
  world.clock.advance(PAUSE_MS);
  await enter(await sign(claimsOf()));
});

test('a key set or a description that is not right replaces nothing', async () => {
  await enter(await sign(claimsOf()));
  const next = await makeKey('rsa-3', 'RS256');
  const good = provider.state.description;
  for (const spoil of [
    () => (provider.state.raw = 'no JSON'),
    () => (provider.state.raw = '{"keys":[]}'),
    () => (provider.state.raw = '[]'),
    () => (provider.state.raw = JSON.stringify({ keys: Array.from({ length: 101 }, () => next.jwk) })),
    () => (provider.state.raw = JSON.stringify({ keys: [next.jwk], padding: 'x'.repeat(300_000) })),
    () => (provider.state.description = { ...good, issuer: 'https://elsewhere.example' }),
    () => (provider.state.description = { issuer: provider.issuer }),
    () => (provider.state.description = { ...good, jwks_uri: 'file:///etc/passwd' }),
  ]) {
    world.clock.advance(PAUSE_MS);
    provider.state.keys = [next.jwk];
    spoil();
    await refused(await sign(claimsOf(), next));
    await enter(await sign(claimsOf()));
    provider.state.raw = undefined;
    provider.state.description = good;
  }
});

test('tokens of our own work beside those of the provider; without one set up a JWT opens nothing', async () => {
  const made = await world.accounts.issueToken(world.actor, {
    organizationId: own.organizationId,
    role: 'fullAdmin',
    label: 'own',
  });
  assert.equal((await enter(made.token)).tokenId, made.id);
  const plain = await openAccountsWorld();
  await assert.rejects(
    plain.accounts.authenticate({
      authorization: `Bearer ${await sign(claimsOf())}`,
      organizationId: undefined,
      trackingId: 'test',
    }),
    { kind: 'unauthenticated' },
  );
  await plain.close();
});
