/** The audit trail over HTTP: who, from where, before and after; filters, pages, exports; and no secret, whatever is written. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { sha256Hex } from '../../src/support/ids.ts';
import { decodeResourceId } from '../../src/wire/webex/resource-id.ts';
import { eventually } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Entry = {
  sequence: string;
  at: string;
  actor: string;
  actorRole: string | null;
  remoteAddress: string | null;
  action: string;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  trackingId: string | null;
};
type Answer = { status: number; headers: Headers; text: string };

const MARK = 'Marked-Secret-0451';
const PROXIED = '203.0.113.77';
const NO_ID = '00000000-0000-4000-8000-000000000000';
const ADDRESS = { address1: '170 West Tasman Dr', city: 'San Jose', state: 'CA', postalCode: '95134', country: 'US' };

/** Read and changed by one path, and one value each: whoever comes later means what they say. */
const UNVERSIONED: readonly string[] = [
  '/api/devices/{deviceId}/address',
  '/api/e911-account',
  '/v1/telephony/config/locations/{locationId}/redSky/status',
  '/v1/telephony/config/redSky/status',
];

let platform: TimedPlatform;
let operator = '';
/** Everything that must never be seen again. */
const secrets = new Set<string>([MARK]);

before(async () => {
  platform = await startTimedPlatform({
    WAYMARK_TRUSTED_PROXIES: '127.0.0.1/32',
    WAYMARK_RATE_LIMIT_PER_MINUTE: '0',
  });
  operator = platform.firstRun.tokens.operator;
  for (const token of Object.values(platform.firstRun.tokens)) noteSecret(token);
});
after(() => platform.stop());

/** A secret is neither to be found as it is nor as it is stored. */
function noteSecret(text: string | undefined): void {
  if (text === undefined || text === '') return;
  secrets.add(text);
  secrets.add(sha256Hex(text));
}

async function send(
  method: string,
  path: string,
  token: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${platform.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'x-forwarded-for': PROXIED,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function must<Body>(...asked: Parameters<typeof send>): Promise<Body> {
  const answer = await send(...asked);
  assert.ok(answer.status >= 200 && answer.status < 300, `${asked[0]} ${asked[1]}: ${answer.status} ${answer.text}`);
  return (answer.text === '' ? undefined : JSON.parse(answer.text)) as Body;
}

async function newOrganization(name: string): Promise<{ id: string; token: string; tokenId: string }> {
  const { id } = await must<{ id: string }>('POST', '/api/organizations', operator, { name });
  const made = await must<{ id: string; token: string }>('POST', `/api/tokens?orgId=${id}`, operator, {
    label: 'audit test',
    role: 'fullAdmin',
  });
  noteSecret(made.token);
  return { id, token: made.token, tokenId: made.id };
}

function newLocation(token: string, name: string, headers?: Record<string, string>): Promise<{ id: string }> {
  const body = {
    name,
    timeZone: 'America/Los_Angeles',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: ADDRESS,
  };
  return must<{ id: string }>('POST', '/v1/locations', token, body, headers);
}

const entriesOf = async (token: string, query: string): Promise<Entry[]> =>
  (await must<{ items: Entry[] }>('GET', `/api/audit?${query}`, token)).items;

test('an entry tells who changed what, from where behind the proxy, before and after, under which tracking id', async () => {
  const { token, tokenId } = await newOrganization('Traced');
  await newLocation(token, 'Old name', { trackingid: 'TEST_create' });
  await must('POST', '/v1/telephony/config/redSky', token, { email: 'admin@traced.example' });
  await must('PUT', '/v1/telephony/config/redSky/status', token, { complianceStatus: 'LOCATION_SETUP' });
  const [created] = await entriesOf(token, 'trackingId=TEST_create');
  assert.equal(created?.action, 'location.created');
  assert.equal(created.actor, tokenId);
  assert.equal(created.actorRole, 'fullAdmin');
  assert.equal(created.remoteAddress, PROXIED);
  assert.equal(created.before, null);
  const [moved] = await entriesOf(token, 'action=compliance.*');
  assert.deepEqual(moved?.before, { completed: null, optedOut: false });
  assert.deepEqual(moved?.after, { completed: 'LOCATION_SETUP', optedOut: false });
});

test('filters narrow the list, Link pages join without a gap, odd values are refused', async () => {
  const { id, token } = await newOrganization('Filtered');
  const startedAt = new Date().toISOString();
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five']) await newLocation(token, name);
  const created = await entriesOf(token, 'action=location.created');
  assert.equal(created.length, 5);
  assert.equal((await entriesOf(token, `since=${encodeURIComponent(startedAt)}&action=location.*`)).length, 5);
  assert.equal((await entriesOf(token, `until=${encodeURIComponent(startedAt)}&action=location.*`)).length, 0);
  assert.equal((await entriesOf(token, `subject=${encodeURIComponent(created[0]?.subject ?? '')}`)).length, 1);
  assert.deepEqual(await entriesOf(token, 'actor=nobody'), []);
  const seen: string[] = [];
  for (let path: string | undefined = '/api/audit?max=2&action=location.created'; path !== undefined; ) {
    const page: Answer = await send('GET', path, token);
    seen.push(...(JSON.parse(page.text) as { items: Entry[] }).items.map((entry) => entry.sequence));
    const next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    path = next?.slice(platform.http.length);
  }
  assert.deepEqual(
    seen,
    created.map((entry) => entry.sequence),
  );
  for (const query of ['since=yesterday', 'until=2026-13-01', 'since=2026-01-01T00:00', 'before=x', 'max=0']) {
    assert.equal((await send('GET', `/api/audit?${query}`, token)).status, 400, query);
  }
  assert.equal((await send('GET', '/api/audit?platform=true', token)).status, 403);
  assert.equal((await send('GET', '/api/audit/export?platform=true', token)).status, 403);
  const foreign = await newOrganization('Foreign');
  assert.deepEqual(await entriesOf(foreign.token, 'action=location.*'), []);
  assert.equal((await entriesOf(operator, `orgId=${id}&action=location.created`)).length, 5);
});

test('the trail is exported as NDJSON and as CSV that no spreadsheet computes', async () => {
  const { token } = await newOrganization('Exported');
  await newLocation(token, '=HYPERLINK("http://evil.example")');
  await newLocation(token, '-2+3', { trackingid: '=1+1' });
  const listed = await entriesOf(token, 'max=1000');
  const ndjson = await send('GET', '/api/audit/export', token);
  assert.equal(ndjson.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
  const lines = ndjson.text.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as Entry),
    listed,
  );
  const csv = await send('GET', '/api/audit/export?format=csv', token, undefined, {});
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
  assert.match(csv.headers.get('content-disposition') ?? '', /audit\.csv/);
  const rows: string[][] = parse(csv.text);
  assert.equal(rows.length, listed.length + 1);
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^\s*[=+\-@]/);
  assert.equal((await send('GET', '/api/audit/export?format=xlsx', token)).status, 400);
});

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  minimum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
};

/** Values that many fields ask for, by the name of the field. */
const LIKELY: Readonly<Record<string, unknown>> = {
  timeZone: 'America/Los_Angeles',
  preferredLanguage: 'en_us',
  announcementLanguage: 'en_us',
  ...ADDRESS,
  addressLine1: ADDRESS.address1,
  stateOrProvince: ADDRESS.state,
  zipOrPostalCode: ADDRESS.postalCode,
  latitude: '37.4',
  longitude: '-121.9',
  uri: 'sip:psap@192.0.2.9',
  addresses: ['192.0.2.56'],
  phoneNumbers: ['+14085550142'],
  phoneNumber: '+14085550143',
  mainNumber: '+14085550144',
  range: '192.0.2.0/28',
  emails: ['worker@sites.example'],
  extension: '4321',
  sourceId: 'us-county-06085',
  role: 'fullAdmin',
  complianceStatus: 'LOCATION_SETUP',
};

const SECRET_NAME = /password|secret|token/i;
let named = 0;

/** A body that an operation may take: what it needs, and a marked secret wherever one could stand and where none belongs. */
function bodyOf(schema: Schema, name = ''): unknown {
  const [type = 'string'] = [schema.type].flat().filter((one) => one !== 'null');
  if (SECRET_NAME.test(name) && type === 'string') return MARK;
  if (name in LIKELY) return LIKELY[name];
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.[0]) return bodyOf(schema.anyOf[0], name);
  switch (type) {
    case 'object': {
      const wanted = Object.entries(schema.properties ?? {}).filter(
        ([key]) => schema.required?.includes(key) === true || SECRET_NAME.test(key),
      );
      const fields = wanted.map(([key, value]): [string, unknown] => [key, bodyOf(value, key)]);
      return { ...Object.fromEntries(fields), ...(name === '' && { password: MARK, accessToken: MARK }) };
    }
    case 'array':
      return [bodyOf(schema.items ?? {}, name)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return schema.minimum ?? 60;
    default:
      named += 1;
      return /email/i.test(name) ? `someone${named}@sites.example` : `Some ${name} ${named}`;
  }
}

test('no secret is in any entry, after every write operation with marked secrets and every one that makes them', async () => {
  const { id, token } = await newOrganization('Secretive');
  const { id: locationId } = await newLocation(token, 'Vault');
  const email = 'keeper@secretive.example';
  await must('POST', '/v1/telephony/config/redSky', token, { email });

  // The ways that make secrets or take them, each to its end.
  const invitation = await eventually('the invitation', 20_000, async () => {
    const { items } = await must<{ items: { to: string; file: string }[] }>('GET', '/api/mail', operator);
    const mail = items.find(({ to }) => to.includes(email));
    if (!mail) return undefined;
    // Quoted-printable (RFC 2045 §6.7) may break the line.
    const { text } = await send('GET', `/api/mail/${mail.file}`, operator);
    return /\/invitations\/([\w-]+)/.exec(text.replaceAll(/=\r?\n/g, ''))?.[1];
  });
  noteSecret(invitation);
  const accepted = await fetch(`${platform.http}/invitations/${invitation}`, {
    method: 'POST',
    body: new URLSearchParams({ password: MARK }),
  });
  assert.equal(accepted.status, 200);
  const login = await send('POST', '/v1/telephony/config/redSky/actions/login/invoke', token, {
    email,
    password: MARK,
  });
  assert.equal(login.status, 200, login.text);
  for (let count = 0; count < 2; count++) {
    noteSecret((await must<{ secret: string }>('POST', '/api/e911-account/secret', token)).secret);
  }
  const made = await must<{ id: string; token: string }>('POST', '/api/tokens', token, {
    label: 'rotated',
    role: 'readOnlyAdmin',
  });
  noteSecret(made.token);
  noteSecret((await must<{ token: string }>('POST', `/api/tokens/${made.id}/rotate`, token)).token);
  await must('DELETE', `/api/tokens/${made.id}`, token);

  // And every write operation there is, with secrets where they belong and where they do not.
  type Described = { requestBody?: { content: Record<string, { schema?: Schema }> } };
  const { paths } = await must<{ paths: Record<string, Record<string, Described>> }>('GET', '/openapi.json', operator);
  let written = 0;
  const operations = Object.entries(paths)
    .filter(([path]) => path !== '/api/backup' && /^\/(?:v1|api)\//.test(path))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, described]) => ({ path, method, described })));
  // What removes comes last: the rest needs what it would remove.
  for (const removes of [false, true]) {
    for (const { path, method, described } of operations) {
      if (method === 'get' || (method === 'delete') !== removes) continue;
      const { requestBody } = described;
      const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'locationId' ? locationId : NO_ID));
      const [media] = Object.entries(requestBody?.content ?? {});
      const body = media && (media[0] === 'text/csv' ? `kind,value\n${MARK},${MARK}\n` : bodyOf(media[1].schema ?? {}));
      for (const asker of [token, operator]) {
        const answer = await send(
          method.toUpperCase(),
          `${target}?orgId=${id}`,
          asker,
          body,
          media && { 'content-type': media[0] },
        );
        assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}`);
        for (const [, value] of answer.text.matchAll(/"(?:secret|token)":"([^"*]+)"/g)) noteSecret(value);
        if (answer.status < 300) written += 1;
      }
    }
  }
  assert.ok(written >= 20, `${written} write operations took their body`);

  const { items } = await must<{ items: { id: string }[] }>('GET', '/api/organizations', operator);
  const trails = [
    await send('GET', '/api/audit/export?platform=true', operator),
    ...(await Promise.all(items.map((one) => send('GET', `/api/audit/export?orgId=${one.id}`, operator)))),
  ];
  const trail = trails.map((one) => one.text).join('');
  for (const action of ['account-admin.password-set', 'account.secret-rotated', 'token.created', 'psap.saved']) {
    assert.ok(trail.includes(`"${action}"`), `${action} is in the trail`);
  }
  for (const secret of secrets) {
    assert.ok(!trail.includes(secret), `found ${secret} in ${trail.split('\n').find((line) => line.includes(secret))}`);
  }
});

/** Whatever has versions: where it is, and one change after the other. */
async function versionedThings(
  token: string,
): Promise<[path: string, method: string, first: object, second: object][]> {
  const idOf = async (path: string, body: object, as = token): Promise<string> =>
    (await must<{ id: string }>('POST', path, as, body)).id;
  const contractId = (await newLocation(token, 'Versions')).id;
  const { items } = await must<{ items: { id: string }[] }>('GET', '/api/locations?text=Versions', token);
  const locationId = items[0]?.id ?? '';
  const building = await idOf('/api/buildings', { locationId, alertingEmail: 'one@example.com' });
  const room = await idOf('/api/response-locations', { locationId, name: 'Room', detail: { FLR: '1' } });
  const person = { kind: 'PEOPLE', locationId, firstName: 'Ada', extension: '4711' };
  const member = await idOf('/api/members', person);
  const endpoints = [{ channel: 'email', address: 'ada@example.com' }];
  const recipient = await idOf('/api/alert-recipients', { name: 'Ada', endpoints });
  const group = await idOf('/api/alert-groups', { name: 'Group', recipientIds: [recipient] });
  const steps = [{ recipientIds: [recipient] }];
  const rule = await idOf('/api/alert-rules', { name: 'Rule', triggers: ['call-placed'], steps });
  const hook = { kind: 'webhook', name: 'Hook', settings: { url: 'https://hooks.example.com/a' } };
  const made = await must<{ id: string; secret: string }>('POST', '/api/alert-connections', token, hook);
  noteSecret(made.secret);
  const trunk = await idOf('/api/trunks', { name: 'Trunk', addresses: ['192.0.2.99'] });
  const psap = { name: 'Versions', uri: 'sip:one@psap.example' };
  const psapId = await idOf('/api/psaps', psap, operator);
  const renamed = [{ name: 'First' }, { name: 'Second' }] as const;
  const words = (body: string) => ({ title: null, body, html: null });
  const notification = (emailAddress: string) => ({ emergencyCallNotificationEnabled: true, emailAddress });
  return [
    [`/api/buildings/${building}`, 'PATCH', { alertingEmail: 'a@example.com' }, { alertingEmail: 'b@example.com' }],
    [`/api/response-locations/${room}`, 'PATCH', ...renamed],
    [`/api/members/${member}`, 'PATCH', { firstName: 'Grace' }, { firstName: 'Joan' }],
    [`/api/alert-recipients/${recipient}`, 'PATCH', ...renamed],
    [`/api/alert-groups/${group}`, 'PATCH', ...renamed],
    [`/api/alert-rules/${rule}`, 'PATCH', ...renamed],
    [`/api/alert-connections/${made.id}`, 'PATCH', ...renamed],
    [`/api/trunks/${trunk}`, 'PATCH', ...renamed],
    [`/api/psaps/${psapId}`, 'PUT', { ...psap, name: 'First' }, { ...psap, name: 'Second' }],
    ['/api/alert-templates/call-placed/sms/en', 'PUT', words('One'), words('Two')],
    ['/api/alert-settings', 'PUT', { retentionDays: 40 }, { retentionDays: 50 }],
    [`/v1/locations/${contractId}`, 'PUT', { notes: 'first' }, { notes: 'second' }],
    [
      '/v1/telephony/config/emergencyCallNotification',
      'PUT',
      notification('a@example.com'),
      notification('b@example.com'),
    ],
    [
      `/v1/telephony/config/locations/${contractId}/emergencyCallNotification`,
      'PUT',
      notification('a@example.com'),
      notification('b@example.com'),
    ],
  ];
}

test('whoever changes what somebody else has changed since they read it is told by whom and when, and changes nothing', async () => {
  const { token } = await newOrganization('Versioned');
  for (const [path, method, first, second] of await versionedThings(token)) {
    const as = path.startsWith('/api/psaps') ? operator : token;
    const tag = async (): Promise<string> => (await send('GET', path, as)).headers.get('etag') ?? '';
    const change = (body: object, ifMatch: string) => send(method, path, as, body, { 'if-match': ifMatch });
    const read = await tag();
    assert.match(read, /^"\d+"$/, path);
    // Of two who come at the same moment one is told.
    const answers = await Promise.all([change(first, read), change(second, read)]);
    const [done, refused] = answers.toSorted((one, other) => one.status - other.status);
    assert.ok(done !== undefined && done.status < 300, `${path}: ${done?.status} ${done?.text}`);
    assert.ok(refused?.status === 412 || refused?.status === 409, `${path}: ${refused?.status} ${refused?.text}`);
    const afterwards = await tag();
    assert.equal(done.headers.get('etag'), afterwards, path);
    const stored = (await send('GET', path, as)).text;
    const late = await change(second, read);
    assert.equal(late.status, 412, `${path}: ${late.text}`);
    const { errors, message, trackingId } = JSON.parse(late.text) as {
      message: string;
      errors: { description: string }[];
      trackingId: string;
    };
    const who = as === operator ? 'the operator of the platform' : 'audit test';
    assert.ok(message.startsWith(`${who} changed this at 20`), `${path}: ${message}`);
    assert.deepEqual(errors[0], { description: `changedBy: ${who}` });
    assert.match(errors[1]?.description ?? '', /^changedAt: \d{4}-\d\d-\d\dT/);
    assert.ok(trackingId);
    assert.equal((await send('GET', path, as)).text, stored, `${path} is as it was`);
    // Known again, whatever stands there, and as ever.
    for (const [body, ifMatch] of [[second, `"1", ${afterwards}`] as const, [first, '*'] as const]) {
      const answer = await change(body, ifMatch);
      assert.ok(answer.status < 300, `${path} ${ifMatch}: ${answer.status} ${answer.text}`);
    }
    assert.ok((await send(method, path, as, second)).status < 300, path);
    // An id is the same in capitals, and so is the version of what it names.
    const inCapitals = path.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => id.toUpperCase());
    const beforeCapitals = await tag();
    const capital = await send(method, inCapitals, as, first, { 'if-match': beforeCapitals });
    assert.ok(capital.status < 300, `${inCapitals}: ${capital.status} ${capital.text}`);
    assert.equal(capital.headers.get('etag'), await tag(), inCapitals);
    assert.equal((await change(second, beforeCapitals)).status, 412, inCapitals);
    assert.ok((await send(method, path, as, second)).status < 300, path);
    for (const odd of ['1', '"1" "2"', '']) assert.equal((await change(first, odd)).status, 400, `${path} ${odd}`);
    // Weak ones never satisfy it (RFC 9110 §13.1.1).
    assert.equal((await change(first, `W/${await tag()}`)).status, 412, path);
  }
});

test('that what was read is old is told before what is wrong with the change; what is not there is not there first', async () => {
  const { token } = await newOrganization('Precondition');
  const endpoints = [{ channel: 'email', address: 'ada@example.com' }];
  const add = (name: string) => must<{ id: string }>('POST', '/api/alert-recipients', token, { name, endpoints });
  const { id } = await add('Ada');
  await add('Grace');
  const path = `/api/alert-recipients/${id}`;
  const old = { 'if-match': (await send('GET', path, token)).headers.get('etag') ?? '' };
  const status = async (body: object, headers: Record<string, string>): Promise<number> =>
    (await send('PATCH', path, token, body, headers)).status;
  const taken = { name: 'Grace' };
  const faulty = { endpoints: [{ channel: 'email', address: 'nowhere' }] };
  assert.deepEqual([await status(taken, old), await status(faulty, old)], [409, 400], 'it is as it was read');
  await must('PATCH', path, token, { name: 'Joan' });
  assert.deepEqual([await status(taken, old), await status(faulty, old)], [412, 412]);
  assert.deepEqual([await status(taken, { 'if-match': '*' }), await status(faulty, {})], [409, 400]);
  const stranger = await newOrganization('Stranger');
  assert.equal((await send('PATCH', path, stranger.token, faulty, old)).status, 404);
  await must('DELETE', path, token);
  assert.equal((await send('PATCH', path, token, taken, old)).status, 410);
});

test('who may not touch a location hears nothing of who changed it, whatever is wrong with what they send', async () => {
  const { id, token } = await newOrganization('Out of reach');
  const { id: mine } = await newLocation(token, 'Mine');
  const { id: theirs } = await newLocation(token, 'Theirs');
  const pathOf = (location: string): string => `/v1/telephony/config/locations/${location}/emergencyCallNotification`;
  const given = (emailAddress: string) => ({ emergencyCallNotificationEnabled: true, emailAddress });
  for (const location of [mine, theirs]) await must('PUT', pathOf(location), token, given('ada@example.com'));
  const made = await must<{ token: string }>('POST', `/api/tokens?orgId=${id}`, operator, {
    label: 'at one location',
    role: 'locationAdmin',
    locationIds: [decodeResourceId('LOCATION', mine)],
  });
  noteSecret(made.token);
  const change = async (location: string, emailAddress: string) =>
    (await send('PUT', pathOf(location), made.token, given(emailAddress), { 'if-match': '"1"' })).status;
  assert.deepEqual([await change(theirs, 'nowhere'), await change(theirs, 'bob@example.com')], [404, 404]);
  assert.deepEqual([await change(mine, 'nowhere'), await change(mine, 'bob@example.com')], [400, 412]);
});

test('what many are told of at once has no version of it alone: an import of recipients makes what was read old', async () => {
  const { token } = await newOrganization('Imported');
  const endpoints = [{ channel: 'email', address: 'ada@example.com' }];
  const { id } = await must<{ id: string }>('POST', '/api/alert-recipients', token, { name: 'Ada', endpoints });
  const path = `/api/alert-recipients/${id}`;
  const etag = (await send('GET', path, token)).headers.get('etag') ?? '';
  const csv = { 'content-type': 'text/csv' };
  await must('POST', '/api/alert-recipients/import', token, 'name,endpoints\nAda,new@example.com\n', csv);
  assert.equal((await send('PATCH', path, token, { name: 'Old' }, { 'if-match': etag })).status, 412);
  assert.equal((await send('DELETE', path, token, undefined, { 'if-match': etag })).status, 412);
  assert.equal((await send('DELETE', path, token)).status, 204);
});

test('whatever is read and changed by one path has versions, or is known to need none', async () => {
  type Described = Record<string, { parameters?: { name: string }[] }>;
  const { paths } = JSON.parse((await send('GET', '/openapi.json', '')).text) as { paths: Record<string, Described> };
  const without = Object.entries(paths).flatMap(([path, methods]) =>
    ['put', 'patch'].flatMap((method) =>
      methods['get'] && methods[method] && !methods[method].parameters?.some(({ name }) => name === 'If-Match')
        ? [path]
        : [],
    ),
  );
  assert.deepEqual(without.toSorted(), UNVERSIONED);
});

test('what is changed by way of another thing is not any more as it was read: merges, floors, what comes back', async () => {
  const { token } = await newOrganization('Indirect');
  const idOf = async (path: string, body: object): Promise<string> =>
    (await must<{ id: string }>('POST', path, token, body)).id;
  const buildings = await Promise.all(
    ['North', 'South'].map(async (name) => {
      await newLocation(token, name);
      const { items } = await must<{ items: { id: string }[] }>('GET', `/api/locations?text=${name}`, token);
      const locationId = items[0]?.id ?? '';
      const alertingEmail = `${name}@example.com`;
      return { locationId, id: await idOf('/api/buildings', { locationId, alertingEmail }) };
    }),
  );
  const [north, south] = buildings;
  assert.ok(north && south);
  const room = (locationId: string, name: string, elins: string[]): Promise<string> =>
    idOf('/api/response-locations', { locationId, name, detail: { FLR: '1' }, elins });
  const kept = await room(north.locationId, 'Kept', []);
  const merged = await room(north.locationId, 'Merged', ['+14085550171']);
  const recipient = (name: string): Promise<string> =>
    idOf('/api/alert-recipients', { name, endpoints: [{ channel: 'email', address: `${name}@example.com` }] });
  const [one, other] = [await recipient('one'), await recipient('other')];
  const group = await idOf('/api/alert-groups', { name: 'Group', recipientIds: [one, other] });
  const steps = [{ recipientIds: [one, other], groupIds: [group] }];
  const rule = await idOf('/api/alert-rules', { name: 'Rule', triggers: ['call-placed'], steps });

  const roomPath = `/api/response-locations/${kept}`;
  const told = [`/api/alert-groups/${group}`, `/api/alert-rules/${rule}`];
  const by: [path: string, changed: readonly string[], body?: object][] = [
    [`POST /api/response-locations/${merged}/merge`, [roomPath], { into: kept }],
    [`POST /api/buildings/${north.id}/floors/rename`, [roomPath], { from: '1', to: '2' }],
    [`POST /api/buildings/${north.id}/merge`, [roomPath], { into: south.id }],
    [`DELETE /api/alert-recipients/${one}?force=true`, told],
    [`POST /api/removed/${one}/restore`, told],
    [`DELETE /api/alert-groups/${group}?force=true`, told.slice(1)],
    [`POST /api/removed/${group}/restore`, told.slice(1)],
  ];
  for (const [operation, changed, body] of by) {
    const [method = '', path = ''] = operation.split(' ');
    const read = await Promise.all(changed.map((each) => send('GET', each, token)));
    await must(method, path, token, body);
    for (const [index, each] of changed.entries()) {
      const before = read[index];
      const after = await send('GET', each, token);
      assert.notEqual(after.text, before?.text, `${operation} changes ${each}`);
      const late = await send(
        'PATCH',
        each,
        token,
        { name: 'Late' },
        { 'if-match': before?.headers.get('etag') ?? '' },
      );
      assert.equal(late.status, 412, `${operation}: ${each}: ${late.text}`);
      assert.equal((await send('GET', each, token)).text, after.text, each);
    }
  }
});
