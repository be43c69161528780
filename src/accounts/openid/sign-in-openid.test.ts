import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type AccountsWorld, openAccountsWorld } from '../../../test/support/accounts-world.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import { newId } from '../../support/ids.ts';
import { boundedFetch } from '../../transport/bounded-fetch.ts';
import { fetchJson } from '../../transport/fetch-json.ts';
import { createProviderConversation } from './provider-client.ts';
import { createSignInOpenId, type SignInOpenId } from './sign-in-openid.ts';

const CLIENT = 'waymark-console';
const SECRET = 'a secret: with/odd&characters';
const REDIRECT = 'https://waymark.example/sign-in/openid/callback';
const SIGNED_OUT = 'https://waymark.example/sign-in';
const MINUTE_MS = 60_000;
/** The pause between two questions for the provider's documents. */
const PAUSE_MS = 30_000;
/** Longer than any answer takes that comes at all. */
const PATIENCE_MS = 30_000;

type TokenRequest = { authorization: string | undefined; form: URLSearchParams };

/** A provider on loopback that answers as a test wants it to, rightly or not. */
async function startProvider(keys: JWK[]) {
  const state = {
    away: false,
    description: {} as Record<string, unknown>,
    token: (_request: TokenRequest, response: ServerResponse): void => void response.writeHead(500).end(),
  };
  const asked: TokenRequest[] = [];
  const server = createServer((request, response) => {
    if (state.away) return void response.writeHead(503).end();
    if (request.url === '/.well-known/openid-configuration')
      return void response.end(JSON.stringify(state.description));
    if (request.url === '/keys') return void response.end(JSON.stringify({ keys }));
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const one = { authorization: request.headers.authorization, form: new URLSearchParams(body) };
      asked.push(one);
      state.token(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const description = {
    issuer,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: `${issuer}/authorize?tenant=1`,
    token_endpoint: `${issuer}/token`,
    end_session_endpoint: `${issuer}/end`,
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
  };
  return {
    state,
    asked,
    issuer,
    description,
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
let signIn: SignInOpenId;
let privateKey: CryptoKey;
let foreignKey: CryptoKey;

before(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  ({ privateKey } = pair);
  foreignKey = (await generateKeyPair('ES256')).privateKey;
  provider = await startProvider([{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }]);
  world = await openAccountsWorld({
    identityProvider: {
      fetchJson: (address) => fetchJson(address, PATIENCE_MS),
      provider: {
        issuer: provider.issuer,
        audience: undefined,
        claims: { role: 'roles', organization: 'organization', location: 'locations', partner: 'partner' },
        roles: [
          { value: 'admins', role: 'fullAdmin' },
          { value: 'sites', role: 'locationAdmin' },
        ],
      },
    },
  });
  own = await world.organization('Own');
  signIn = open(SECRET);
});

beforeEach(() => {
  world.clock.advance(PAUSE_MS + 15 * MINUTE_MS);
  provider.state.away = false;
  provider.state.description = provider.description;
  provider.state.token = (_request, response) => answerWith(response, '');
  provider.asked.length = 0;
});

after(async () => {
  await world.close();
  await provider.close();
});

/** As another node would have it: nothing but the database is shared. */
function open(clientSecret: string | undefined, deadlineMs = PATIENCE_MS): SignInOpenId {
  const { clock, database, logger, outside, sessions, trail } = world;
  assert.ok(outside);
  return createSignInOpenId({
    label: 'Example',
    database,
    clock,
    logger,
    identities: outside.identities,
    provider: createProviderConversation({
      documents: outside.documents,
      client: { clientId: CLIENT, clientSecret, scopes: 'openid email' },
      clock,
      fetchBounded: (address, request) => boundedFetch(address, request, deadlineMs),
    }),
    clientId: CLIENT,
    sessions,
    trail,
    redirectUri: () => REDIRECT,
    signedOutUrl: () => SIGNED_OUT,
  });
}

const from = () => ({ remoteAddress: newId(), trackingId: 'test' });
const nowSeconds = (): number => Math.floor(world.clock.nowMs() / 1_000);

function answerWith(response: ServerResponse, idToken: string, more: object = {}): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', id_token: idToken, ...more }));
}

/** A browser that has been sent to the provider. */
async function leave(to = '/calls') {
  const begun = await signIn.begin(to, from());
  assert.ok('address' in begun, JSON.stringify(begun));
  const address = new URL(begun.address);
  const asked = Object.fromEntries(address.searchParams);
  return { address, asked, sealed: begun.sealed };
}

type Left = Awaited<ReturnType<typeof leave>>;

function claimsFor({ asked }: Left, change: Record<string, unknown> = {}): JWTPayload {
  return {
    iss: provider.issuer,
    aud: CLIENT,
    sub: 'ada',
    iat: nowSeconds(),
    exp: nowSeconds() + 300,
    nonce: asked['nonce'],
    email: 'ada@example.com',
    roles: ['staff', 'admins'],
    organization: own.organizationId,
    ...change,
  };
}

const sign = (claims: JWTPayload, key: CryptoKey | Uint8Array = privateKey, header: object = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(key);

const unsigned = (claims: JWTPayload): string =>
  `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

/** The provider hands out this ID token for the code, to whoever proves to have begun (RFC 7636 §4.6). */
function handOut(left: Left, idToken: string): void {
  provider.state.token = ({ form }, response) => {
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight = proof === left.asked['code_challenge'] && form.get('code') === 'the-code';
    if (isRight && form.get('redirect_uri') === REDIRECT) answerWith(response, idToken);
    else response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
  };
}

const answerTo = ({ asked }: Left, more: Record<string, string> = {}): URLSearchParams =>
  new URLSearchParams({ code: 'the-code', state: asked['state'] ?? '', ...more });

async function goThrough(change: JWTPayload = {}, to?: string) {
  const left = await leave(to);
  const idToken = await sign(claimsFor(left, change));
  handOut(left, idToken);
  return { left, idToken, finished: await signIn.finish(answerTo(left), left.sealed, from()) };
}

test('there and back: one is signed in with what the claims say, and where one wanted to be', async () => {
  const { left, idToken, finished } = await goThrough({ exp: nowSeconds() + 60 });
  const { address, asked } = left;
  assert.equal(`${address.origin}${address.pathname}`, `${provider.issuer}/authorize`);
  assert.deepEqual(
    [asked['tenant'], asked['response_type'], asked['client_id'], asked['redirect_uri'], asked['scope']],
    ['1', 'code', CLIENT, REDIRECT, 'openid email'],
  );
  assert.equal(asked['code_challenge_method'], 'S256');
  assert.equal(provider.asked[0]?.form.get('grant_type'), 'authorization_code');
  // RFC 6749 §2.3.1: form-encoded before it is put together.
  const basic = Buffer.from((provider.asked[0]?.authorization ?? '').replace('Basic ', ''), 'base64').toString();
  const [id = '', secretOf = ''] = basic.split(':');
  assert.deepEqual([...new URLSearchParams(`${id}=${secretOf}`)], [[CLIENT, SECRET]]);
  assert.ok('session' in finished, JSON.stringify(finished));
  assert.equal(finished.to, '/calls');

  const { secret, endsAt } = finished.session;
  assert.equal(endsAt.getTime(), world.clock.nowMs() + 12 * 60 * MINUTE_MS, 'not as short as the ID token');
  const holder = await world.sessions.holderOf(secret);
  assert.deepEqual(
    [holder.tokenId, holder.label, holder.role, holder.organizationId, holder.expiresAtMs, holder.endsAtProvider],
    ['oidc:ada', 'ada@example.com', 'fullAdmin', own.organizationId, null, true],
  );
  const entry = await world.lastAudit(own);
  assert.deepEqual([entry?.action, entry?.actor], ['session.begun', 'oidc:ada']);
  assert.match(await world.metrics.text(), /waymark_sign_ins_total\{by="openid",outcome="in"\} \d/);

  const stored = JSON.stringify(await world.database.db.selectFrom('sessions').selectAll().execute());
  assert.ok(!stored.includes(idToken) && !stored.includes(secret), 'what is stored opens nothing');
  const ended = await signIn.end(secret, from());
  assert.ok('address' in ended && ended.address !== undefined);
  const out = new URL(ended.address);
  assert.equal(out.pathname, '/end');
  assert.deepEqual(Object.fromEntries(out.searchParams), {
    client_id: CLIENT,
    post_logout_redirect_uri: SIGNED_OUT,
    id_token_hint: idToken,
  });
  await assert.rejects(world.sessions.holderOf(secret), { kind: 'unauthenticated' });
  assert.deepEqual(await signIn.end(secret, from()), { address: undefined }, 'once');
});

test('whoever signs out is told when a session could not be ended, and it is no refused sign-in', async () => {
  const { clock, database, logger, outside, sessions, trail } = world;
  assert.ok(outside);
  const away = new ProblemError('unavailable', 'away');
  const before = await world.metrics.text();
  const leaving = createSignInOpenId({
    label: 'Example',
    database,
    clock,
    logger,
    identities: outside.identities,
    provider: {
      ...createProviderConversation({
        documents: outside.documents,
        client: { clientId: CLIENT, clientSecret: SECRET, scopes: 'openid' },
        clock,
        fetchBounded: () => Promise.reject(away),
      }),
      signOutAddress: () => Promise.reject(away),
    },
    clientId: CLIENT,
    sessions: { ...sessions, end: (secret) => (secret === 'lost' ? Promise.reject(away) : Promise.resolve('hint')) },
    trail,
    redirectUri: () => REDIRECT,
    signedOutUrl: () => SIGNED_OUT,
  });
  for (const secret of ['lost', 'ended']) assert.deepEqual(await leaving.end(secret, from()), { refusal: 'left-open' });
  const signIns = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('waymark_sign_ins'));
  assert.deepEqual(signIns(await world.metrics.text()), signIns(before));
});

test('a way begun at one node ends at another; a public client has no secret and proves itself all the same', async () => {
  const left = await leave();
  handOut(left, await sign(claimsFor(left)));
  const finished = await open(undefined).finish(answerTo(left), left.sealed, from());
  assert.ok('session' in finished, JSON.stringify(finished));
  const [asked] = provider.asked;
  assert.deepEqual([asked?.authorization, asked?.form.get('client_id')], [undefined, CLIENT]);
});

test('no more than the claims give: a location administrator keeps to the locations', async () => {
  const locationId = newId();
  const { finished } = await goThrough({ roles: 'sites', locations: [locationId] });
  assert.ok('session' in finished);
  const { role, locationIds } = await world.sessions.holderOf(finished.session.secret);
  assert.deepEqual([role, locationIds], ['locationAdmin', [locationId]]);
});

test('only the browser that left comes back, with its own state, once and in time', async () => {
  const left = await leave();
  const other = await leave();
  handOut(left, await sign(claimsFor(left)));
  const state = left.asked['state'] ?? '';
  const [head = '', ...rest] = left.sealed.split('.');
  const wrong: Record<string, [URLSearchParams, string | undefined]> = {
    'no state': [new URLSearchParams({ code: 'the-code' }), left.sealed],
    'foreign state': [answerTo(other), left.sealed],
    'state twice': [new URLSearchParams(`code=the-code&state=${state}&state=${state}`), left.sealed],
    'nothing at all': [new URLSearchParams(), undefined],
    'no cookie': [answerTo(left), undefined],
    'another browser’s cookie': [answerTo(left), other.sealed],
    'tampered cookie': [answerTo(left), [head, ...rest.map((part) => `${part}A`)].join('.')],
    'unsealed cookie': [answerTo(left), Buffer.from(JSON.stringify({ state })).toString('base64url')],
    'huge cookie': [answerTo(left), 'a'.repeat(100_000)],
  };
  for (const [name, [answer, sealed]] of Object.entries(wrong)) {
    assert.deepEqual(await signIn.finish(answer, sealed, from()), { to: '/', refusal: 'expired' }, name);
  }
  assert.equal(provider.asked.length, 0, 'the provider is not even asked');

  const first = await signIn.finish(answerTo(left), left.sealed, from());
  assert.ok('session' in first, 'none of that took its way from the right one');
  const again = await signIn.finish(answerTo(left), left.sealed, from());
  assert.deepEqual(again, { to: '/calls', refusal: 'expired' }, 'replayed');
  assert.deepEqual(await open(SECRET).finish(answerTo(left), left.sealed, from()), again, 'nor at another node');
  assert.equal(provider.asked.length, 1);

  const late = await leave();
  handOut(late, await sign(claimsFor(late)));
  world.clock.advance(10 * MINUTE_MS);
  assert.deepEqual(await signIn.finish(answerTo(late), late.sealed, from()), { to: '/', refusal: 'expired' });
  await goThrough();
  const ended = await world.database.db.selectFrom('endedSignIns').selectAll().execute();
  assert.equal(ended.length, 1, 'what is too old by itself is forgotten');
});

test('an ID token that is not the provider’s answer to this question lets nobody in', async () => {
  const hmac = (claims: JWTPayload): string => {
    const parts = [{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return `${parts.join('.')}.${createHmac('sha256', SECRET).update(parts.join('.')).digest('base64url')}`;
  };
  const wrong: Record<string, (left: Left) => string | Promise<string>> = {
    'nonce of another': (left) => sign(claimsFor(left, { nonce: 'x' })),
    'no nonce': (left) => sign(claimsFor(left, { nonce: undefined })),
    'another audience': (left) => sign(claimsFor(left, { aud: 'another' })),
    'several audiences, not asked by us': (left) => sign(claimsFor(left, { aud: [CLIENT, 'another'] })),
    'asked by another': (left) => sign(claimsFor(left, { aud: [CLIENT, 'another'], azp: 'another' })),
    'another issuer': (left) => sign(claimsFor(left, { iss: 'https://evil.example' })),
    expired: (left) => sign(claimsFor(left, { exp: nowSeconds() - 60 })),
    'no end': (left) => sign(claimsFor(left, { exp: undefined })),
    'not yet': (left) => sign(claimsFor(left, { nbf: nowSeconds() + 60 })),
    'no subject': (left) => sign(claimsFor(left, { sub: undefined })),
    'subject with a line end': (left) => sign(claimsFor(left, { sub: 'ada\nroot' })),
    'alg none': (left) => unsigned(claimsFor(left)),
    'signed with the client’s secret': (left) => hmac(claimsFor(left)),
    'signed by another': (left) => sign(claimsFor(left), foreignKey),
    'no token': () => 'x.y.z',
  };
  for (const [name, make] of Object.entries(wrong)) {
    const left = await leave();
    handOut(left, await make(left));
    const finished = await signIn.finish(answerTo(left), left.sealed, from());
    assert.deepEqual(finished, { to: '/calls', refusal: 'provider-refused' }, name);
  }
  const left = await leave();
  provider.state.token = (_request, response) => answerWith(response, '', { id_token: undefined });
  assert.deepEqual(await signIn.finish(answerTo(left), left.sealed, from()), {
    to: '/calls',
    refusal: 'provider-refused',
  });
  // Clocks that differ by as much as clocks do are no attack.
  const { finished } = await goThrough({ iat: nowSeconds() + 20, nbf: nowSeconds() + 20, exp: nowSeconds() - 20 });
  assert.ok('session' in finished, JSON.stringify(finished));
});

test('what the provider says in the address: no, later, or not who it seems to be', async () => {
  const said: [Record<string, string>, string][] = [
    [{ error: 'access_denied', error_description: '<script>' }, 'denied'],
    [{ error: 'temporarily_unavailable' }, 'provider-away'],
    [{ error: 'invalid_scope' }, 'provider-refused'],
    // RFC 9207 §2.4.
    [{ iss: 'https://evil.example' }, 'provider-refused'],
    [{ id_token: 'x.y.z' }, 'provider-refused'],
  ];
  for (const [more, refusal] of said) {
    const left = await leave();
    handOut(left, await sign(claimsFor(left)));
    const finished = await signIn.finish(answerTo(left, more), left.sealed, from());
    assert.deepEqual(finished, { to: '/calls', refusal }, JSON.stringify(more));
  }
  assert.equal(provider.asked.length, 0);
  const left = await leave();
  handOut(left, await sign(claimsFor(left)));
  assert.ok('session' in (await signIn.finish(answerTo(left, { iss: provider.issuer }), left.sealed, from())));
});

test('a provider that is away, slow, huge or talks rubbish costs a bounded time and is told apart', async () => {
  const answers: Record<string, [(response: ServerResponse) => void, string]> = {
    'used code': [
      (response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}'),
      'provider-refused',
    ],
    failing: [(response) => response.writeHead(503).end('busy'), 'provider-away'],
    'failing in words': [
      (response) => response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"server_error"}'),
      'provider-away',
    ],
    html: [(response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi'), 'provider-refused'],
    'no JSON': [
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
      'provider-refused',
    ],
    elsewhere: [(response) => response.writeHead(302, { location: '/token2' }).end(), 'provider-refused'],
    huge: [(response) => answerWith(response, 'x'.repeat(600_000)), 'provider-away'],
    'cut off': [(response) => response.destroy(), 'provider-away'],
  };
  for (const [name, [answer, refusal]] of Object.entries(answers)) {
    const left = await leave();
    provider.state.token = (_request, response) => answer(response);
    assert.deepEqual(await signIn.finish(answerTo(left), left.sealed, from()), { to: '/calls', refusal }, name);
  }
  const impatient = open(SECRET, 100);
  const endless: ((response: ServerResponse) => void)[] = [
    () => undefined,
    (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
  ];
  for (const answer of endless) {
    const left = await leave();
    provider.state.token = (_request, response) => answer(response);
    const finished = await impatient.finish(answerTo(left), left.sealed, from());
    assert.deepEqual(finished, { to: '/calls', refusal: 'provider-away' });
  }
});

test('strangers who knock while the provider is away fill no log', async (t) => {
  world.clock.advance(25 * 60 * MINUTE_MS);
  provider.state.away = true;
  const { mock } = t.mock.method(world.logger, 'warn');
  const said = (): number =>
    mock.calls.filter(({ arguments: parts }) => String(parts.at(-1)).startsWith('nobody was signed in')).length;
  for (let knock = 0; knock < 50; knock += 1) await signIn.begin('/', from());
  assert.equal(said(), 5);
  world.clock.advance(MINUTE_MS);
  await signIn.begin('/', from());
  assert.equal(said(), 6);
});

test('a provider that cannot be asked where to sign in is told at once', async () => {
  world.clock.advance(25 * 60 * MINUTE_MS);
  provider.state.away = true;
  assert.deepEqual(await signIn.begin('/', from()), { refusal: 'provider-away' });
  provider.state.away = false;
  world.clock.advance(PAUSE_MS);
  provider.state.description = { ...provider.description, authorization_endpoint: 'javascript:alert(1)' };
  assert.deepEqual(await signIn.begin('/', from()), { refusal: 'provider-away' });
  world.clock.advance(25 * 60 * MINUTE_MS);
  provider.state.description = provider.description;
  assert.ok('address' in (await signIn.begin('/', from())));
});

test('no address of a provider beyond this machine is used without TLS', async () => {
  const conversation = createProviderConversation({
    documents: {
      findKey: () => assert.fail('nobody asks for keys'),
      description: () =>
        Promise.resolve({
          issuer: 'https://id.example',
          authorization_endpoint: 'http://id.example/authorize',
          token_endpoint: 'http://id.example/token',
          end_session_endpoint: 'http://id.example/end',
        }),
    },
    client: { clientId: CLIENT, clientSecret: SECRET, scopes: 'openid' },
    clock: world.clock,
    fetchBounded: () => assert.fail('nothing is sent'),
  });
  const question = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
  const isRefused = { kind: 'upstream-failed' };
  await assert.rejects(conversation.signInAddress(question, REDIRECT), isRefused);
  await assert.rejects(
    conversation.redeem(new URLSearchParams({ code: 'c', state: 's' }), question, REDIRECT),
    isRefused,
  );
  assert.equal(await conversation.hasSignOut(), false);
  assert.equal(await conversation.signOutAddress('', SIGNED_OUT), undefined);
});

test('whom the provider knows and nobody gave a role: told so, and the organization hears of it, not without end', async () => {
  const count = async (): Promise<number> => {
    await world.trail.settled();
    return (await world.audit.list(own.organizationId, { max: 1_000, action: 'sign-in.refused' })).length;
  };
  for (let attempt = 0; attempt < 13; attempt += 1) {
    const { finished } = await goThrough({ roles: ['staff'] });
    assert.deepEqual(finished, { to: '/calls', refusal: 'no-access' });
  }
  assert.equal(await count(), 10);
  const entry = await world.lastAudit(own);
  assert.deepEqual([entry?.action, entry?.actor, entry?.subject], ['sign-in.refused', 'oidc:ada', 'identity ada']);
  world.clock.advance(60 * MINUTE_MS);
  await goThrough({ roles: ['staff'] });
  assert.equal(await count(), 11);
  // Of an organization that is none of this platform, nobody is told.
  const { finished } = await goThrough({ organization: newId() });
  assert.deepEqual(finished, { to: '/calls', refusal: 'no-access' });
  assert.equal(await count(), 11);
});

test('codes are not tried without end from one place', async () => {
  const here = from();
  provider.state.token = (_request, response) => response.writeHead(400).end();
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const left = await leave();
    const finished = await signIn.finish(answerTo(left), left.sealed, here);
    assert.deepEqual(finished, { to: '/calls', refusal: 'provider-refused' });
  }
  const left = await leave();
  handOut(left, await sign(claimsFor(left)));
  assert.deepEqual(await signIn.finish(answerTo(left), left.sealed, here), { to: '/calls', refusal: 'too-many' });
  assert.ok('session' in (await signIn.finish(answerTo(left), left.sealed, from())), 'from elsewhere it is no matter');
});
