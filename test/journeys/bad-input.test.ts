/**
 * Bad input over the real doors of a running platform: every answer is clear, names the field, and is bounded; nothing that
 * is stored changes, and the process lives and goes on answering.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { decodeResourceId } from '../../src/wire/webex/resource-id.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { bodyFor, type JsonSchema, sampleOf, textFieldsOf, withField } from '../support/sample-body.ts';
import { openPhone } from '../support/sip-phone.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };
type Operation = {
  key: string;
  method: string;
  path: string;
  bodyType: string | undefined;
  bodySchema: JsonSchema | undefined;
  query: readonly { name: string; schema: JsonSchema }[];
};

const MEGABYTE = 1024 * 1024;
const HUGE = 50 * MEGABYTE;
const NO_ID = '00000000-0000-4000-8000-000000000000';
const FIELD_DEPTH = 10_000;
const DEPTH = 100_000;
const CONFIG = '/v1/telephony/config';

let platform: RunningPlatform;
let operations: Operation[];
let stored: Record<string, string>;

before(async () => {
  platform = await runPlatform({
    env: { WAYMARK_LOG_LEVEL: 'error', WAYMARK_TRUSTED_PROXIES: '127.0.0.0/8', WAYMARK_METRICS_READERS: '127.0.0.1' },
  });
  type Described = {
    requestBody?: { content: Record<string, { schema: JsonSchema }> };
    parameters?: { in: string; name: string; schema: JsonSchema }[];
  };
  type Paths = Record<string, Record<string, Described>>;
  const { paths } = JSON.parse((await send('GET', '/openapi.json')).text) as { paths: Paths };
  operations = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/') || path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([name, described]) => {
        const [bodyType, content] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
        return {
          key: `${name.toUpperCase()} ${path}`,
          method: name.toUpperCase(),
          path: path.replaceAll(/\{\w+\}/g, NO_ID),
          bodyType,
          bodySchema: content?.schema,
          query: (described.parameters ?? []).filter((one) => one.in === 'query'),
        };
      }),
    );
  stored = await dump();
});

after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
});

/** One request on a connection of its own, with the operator's token; HELD has credentials of its own. */
function send(
  method: string,
  path: string,
  body?: Buffer | string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const authorization = path.startsWith('/held')
      ? {}
      : { authorization: `Bearer ${platform.firstRun().tokens.operator}` };
    const url = new URL(platform.http);
    const request = httpRequest({
      host: url.hostname,
      port: url.port,
      method,
      path,
      agent: false,
      // Said at once: a DELETE with a body is not framed otherwise.
      headers: {
        ...authorization,
        ...(body !== undefined && { ...headers, 'content-length': Buffer.byteLength(body) }),
      },
      timeout: 30_000,
    });
    request.once('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in time`)));
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.once('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** One request of many, on connections that stay open. */
async function ask(
  method: string,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(`${platform.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${platform.firstRun().tokens.operator}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
}

const own = (path: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}orgId=${platform.firstRun().organizationId}`;

async function dump(): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const { method, path } of operations) {
    // What a call would do needs a question; the operator's token is no person's.
    if (method !== 'GET' || path.includes(NO_ID) || path.startsWith('/api/explain/')) continue;
    if (path === '/api/alert-rules/preview' || path === '/api/map-picture') continue;
    // A stream of events has no end.
    if (path === '/v1/people/me' || path === '/api/events') continue;
    const { status, text } = await send('GET', own(path));
    assert.equal(status, 200, `${path}: ${text}`);
    seen[path] = text;
  }
  return seen;
}

function descriptions(answer: Answer, status: number, what: string): string {
  assert.equal(answer.status, status, `${what}: ${answer.text}`);
  const { message, errors, trackingId } = JSON.parse(answer.text) as {
    message: string;
    errors: { description: string }[];
    trackingId: string;
  };
  assert.ok(message.length > 0 && errors.length > 0, what);
  assert.equal(trackingId, answer.headers['trackingid'], what);
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/, what);
  return errors.map(({ description }) => description).join('\n');
}

async function assertUnharmed(): Promise<void> {
  assert.deepEqual(await dump(), stored, 'nothing that is stored changed');
  assert.equal((await send('GET', '/health/ready')).status, 200);
  process.kill(platform.pid, 0);
}

test('a method that the resource does not have: 405, Allow names those it has', async () => {
  const methods = new Map<string, string[]>();
  for (const { path, method } of operations) methods.set(path, [...(methods.get(path) ?? []), method]);
  for (const [path, allowed] of methods) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (allowed.includes(method)) continue;
      const answer = await send(method, path);
      // A longer path of the same form may have it: /api/wire-map/export is also an id of /api/wire-map/{id}.
      if (answer.status === 404) continue;
      descriptions(answer, 405, `${method} ${path}`);
      const named = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
      assert.deepEqual(answer.headers.allow?.split(', ').sort(), [...named].sort(), path);
    }
  }
  descriptions(await send('GET', '/v1/no/such/thing'), 404, 'an unknown path');
  await assertUnharmed();
});

test('bodies that are no JSON, of another media type, empty or absurdly deep: refused before anything happens', async () => {
  const json = operations.filter(({ bodyType }) => bodyType === 'application/json');
  assert.ok(json.length > 15);
  const deep = `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`;
  // As deep as the bound of a body's size lets it be read at all.
  const deepField = `{"name":${'{"a":'.repeat(FIELD_DEPTH)}1${'}'.repeat(FIELD_DEPTH)}}`;
  for (const { key, method, path } of json) {
    const refuse = async (body: Buffer | string, status: number, named: RegExp, type = 'application/json') => {
      const answer = await send(method, path, body, { 'content-type': type });
      assert.match(descriptions(answer, status, `${key}: ${String(body).slice(0, 40)}`), named, key);
    };
    for (const text of ['{"name":', '{"a":1}}', "{'name':1}", '{"name":"x",}', 'NaN', '\u0000']) {
      await refuse(text, 400, /JSON|NUL/);
    }
    await refuse('{"__proto__":{"role":"operator"}}', 400, /JSON|type: expected FeatureCollection/);
    await refuse(Buffer.from('{"name":"Caf\u00e9"}', 'latin1'), 400, /UTF-8/);
    // Anything that parses, and is not what the operation takes.
    for (const text of ['null', '"x"', '[]', '7']) await refuse(text, 400, /body|type: expected FeatureCollection/);
    await refuse(deep, 400, /./);
    // Fields that an operation does not know are ignored (contract section 1): where none is needed, this one is none.
    if (method === 'POST') await refuse(deepField, 400, /./);
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'text/csv', 'nonsense']) {
      await refuse('{}', 415, /application\/json/, type);
    }
    descriptions(await send(method, path, '{}', {}), 415, `${key} without a media type`);
  }
  await assertUnharmed();
});

/** curl, which reads the answer while it is still sending. */
async function sendFile(path: string, type: string, file: string, options: readonly string[]): Promise<string> {
  const authorization = path.startsWith('/held')
    ? []
    : ['-H', `Authorization: Bearer ${platform.firstRun().tokens.operator}`];
  const form = ['-sS', '--max-time', '60', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Content-Type: ${type}`];
  const args = [...form, ...authorization, ...options, '--data-binary', `@${file}`, `${platform.http}${path}`];
  const { stdout } = await promisify(execFile)('curl', args);
  return stdout;
}

test('50 MB: refused at every door, announced or not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-huge-'));
  const file = join(folder, 'body');
  writeFileSync(file, Buffer.alloc(HUGE, 'a'));
  try {
    for (const [path, type, status] of [
      ['/v1/locations', 'application/json', '413'],
      [`${CONFIG}/redSky`, 'application/json', '413'],
      ['/api/members', 'application/json', '413'],
      ['/api/wire-map/import', 'text/csv', '413'],
      // Boundaries of a nation are of this size: read, and found not to be JSON.
      ['/api/boundaries/import', 'application/json', '400'],
      ['/held', 'application/held+xml', '413'],
      ['/LoST', 'application/lost+xml', '413'],
      ['/invitations/x', 'application/x-www-form-urlencoded', '413'],
    ] as const) {
      for (const options of [[], ['-H', 'Transfer-Encoding: chunked'], ['-H', 'Expect:']]) {
        assert.equal(await sendFile(path, type, file, options), status, `${path} ${options.join(' ')}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await assertUnharmed();
});

test('wrong values: 400, and the field is named', async () => {
  const location = platform.firstRun().locations?.[0]?.id ?? '';
  const locationId = decodeResourceId('LOCATION', location) ?? '';
  const { items } = JSON.parse((await send('GET', own('/api/response-locations'))).text) as { items: { id: string }[] };
  const responseLocationId = items[0]?.id ?? '';
  const address = { address1: '1 Main St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' };
  const place = {
    name: 'Somewhere',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address,
  };
  const erl = { locationId, name: 'x', detail: { FLR: '1' } };
  const cases: readonly (readonly [method: string, path: string, body: object, named: RegExp])[] = [
    ['POST', '/v1/locations', {}, /name[^]*timeZone[^]*preferredLanguage[^]*announcementLanguage[^]*address/],
    ['POST', '/v1/locations', { ...place, name: '' }, /name/],
    ['POST', '/v1/locations', { ...place, name: 'x'.repeat(257) }, /name/],
    ['POST', '/v1/locations', { ...place, timeZone: 'Mars/Olympus' }, /timeZone/],
    ['POST', '/v1/locations', { ...place, preferredLanguage: '??' }, /preferredLanguage/],
    ['POST', '/v1/locations', { ...place, latitude: 'north' }, /latitude/],
    ['POST', '/v1/locations', { ...place, latitude: '91', longitude: '0' }, /latitude/],
    ['POST', '/v1/locations', { ...place, address: { ...address, country: 'Atlantis' } }, /address\.country/],
    ['POST', '/v1/locations', { ...place, address: { ...address, city: 5 } }, /address\.city/],
    ['PUT', `${CONFIG}/redSky/status`, { complianceStatus: 'ENABLED' }, /complianceStatus[^]*ROUTING_ENABLED/],
    ['PUT', `${CONFIG}/redSky/status`, { complianceStatus: ['ALERTS'] }, /complianceStatus/],
    ['PUT', `${CONFIG}/locations/${location}/redSky/status`, { complianceStatus: 'alerts' }, /complianceStatus/],
    ['POST', `${CONFIG}/locations/${location}/redSky/building`, {}, /alertingEmail/],
    ['POST', `${CONFIG}/locations/${location}/redSky/building`, { alertingEmail: 'nobody' }, /alertingEmail/],
    ['PUT', `${CONFIG}/locations/${location}/redSky/building`, { address: { city: 7 } }, /address\.city/],
    ['PUT', `${CONFIG}/emergencyCallNotification`, { emailAddress: 'nobody' }, /emailAddress/],
    [
      'PUT',
      `${CONFIG}/emergencyCallNotification`,
      { emergencyCallNotificationEnabled: 'yes' },
      /emergencyCallNotificationEnabled/,
    ],
    ['PUT', `${CONFIG}/locations/${location}/emergencyCallNotification`, { emailAddress: 'a b@c' }, /emailAddress/],
    ['POST', '/api/response-locations', { ...erl, detail: { FLOOR: '1' } }, /detail/],
    ['POST', '/api/response-locations', { ...erl, detail: { RD: 'Main' } }, /detail/],
    ['POST', '/api/response-locations', { ...erl, alertEmails: ['x'] }, /alertEmails/],
    [
      'POST',
      '/api/response-locations',
      { ...erl, shape: { type: 'point', position: { latitude: 91, longitude: 0 } } },
      /shape/,
    ],
    ['POST', '/api/wire-map', { kind: 'router', value: 'x', responseLocationId }, /kind/],
    ['POST', '/api/wire-map', { kind: 'mac', value: 'not-a-mac', responseLocationId }, /value/],
    ['POST', '/api/wire-map', { kind: 'ip-range', value: '10.0.0.0/33', responseLocationId }, /value/],
    ['POST', '/api/wire-map', { kind: 'switch-port', value: '02:00:5e:00:53:c0', responseLocationId }, /port/],
    ['POST', '/api/address-ranges', { range: 'everywhere' }, /range/],
    ['POST', '/api/members', { kind: 'ROBOT', locationId, firstName: 'R' }, /kind/],
    ['POST', '/api/members', { kind: 'PEOPLE', locationId, firstName: 'R', phoneNumber: '12' }, /phoneNumber/],
    ['POST', '/api/members', { kind: 'PEOPLE', locationId, firstName: 'R', extension: 'abc' }, /extension/],
    ['POST', '/api/numbers', { locationId, phoneNumbers: [] }, /phoneNumbers/],
    ['POST', '/api/numbers', { locationId, phoneNumbers: ['+1512555010A'] }, /phoneNumbers\.0/],
    ['POST', '/api/trunks', { name: 'T', addresses: ['nowhere'] }, /addresses/],
    ['POST', '/api/tokens', { label: 'x', role: 'emperor' }, /role/],
    ['POST', '/api/tokens', { label: 'x', role: 'fullAdmin', scopes: ['everything'] }, /scopes/],
    ['POST', '/api/psaps', { name: 'P', uri: 'http://psap.example' }, /uri/],
  ];
  for (const [method, path, body, named] of cases) {
    const what = `${method} ${path} ${JSON.stringify(body)}`;
    const answer = await send(method, own(path), JSON.stringify(body));
    assert.match(descriptions(answer, 400, what), named, what);
  }
  for (const [path, named] of [
    ['/api/calls?max=0', /max/],
    ['/api/calls?max=lots', /max/],
    ['/api/calls?before=x', /before/],
    ['/api/audit?before=x', /before/],
    ['/api/wire-map?start=-1', /start/],
    ['/api/explain/route?lat=91&lon=0', /lat/],
    ['/api/explain/route', /lat/],
    [`${CONFIG}/redSky/complianceStatus?max=0`, /max/],
    [`${CONFIG}/redSky/complianceStatus?start=-1`, /start/],
    [`${CONFIG}/redSky/complianceStatus?order=size`, /order/],
    ['/v1/locations?max=some', /max/],
    [`${CONFIG}/numbers?phoneNumber=12`, /phoneNumber/],
  ] as const) {
    assert.match(descriptions(await send('GET', own(path)), 400, path), named, path);
  }
  const unknown = `/api/organizations/${NO_ID}/tokens`;
  descriptions(await send('POST', unknown, '{"role":"fullAdmin","label":"x"}'), 404, 'a token for no organization');
  await assertUnharmed();
});

test('ids that are none: not found, at every operation that takes one', async () => {
  const withIds = operations.filter(({ path }) => path.includes(NO_ID));
  assert.ok(withIds.length > 15);
  for (const { key, method, path, bodySchema } of withIds) {
    const body = bodySchema && JSON.stringify(bodyFor(key, bodySchema));
    // PUT of a PSAP under an id of one's own adds it (RFC 9110 §9.3.4); layers and devices are named by whoever asks.
    if (key === 'PUT /api/psaps/{id}' || /^\/api\/(?:boundaries|devices)\//.test(path)) continue;
    for (const id of [NO_ID, 'x', '%F0%9F%9A%92', "';--", '..%2F..%2Fetc%2Fpasswd', 'a'.repeat(1_000)]) {
      const answer = await send(method, own(path.replace(NO_ID, id)), body);
      descriptions(answer, 404, `${key} with ${id}`);
    }
    descriptions(await send(method, own(path.replace(NO_ID, '%00')), body), 404, `${key} with NUL`);
  }
  for (const id of [NO_ID, 'x']) {
    const answer = await send('POST', '/api/organizations', JSON.stringify({ name: 'Lost', partnerId: id }));
    assert.match(descriptions(answer, 400, id), /partnerId/);
  }
  await assertUnharmed();
});

test('every text field of every body: NUL, half a surrogate pair, ten kilobytes and another type are refused by name', async (t) => {
  let fields = 0;
  for (const { key, method, path, bodyType, bodySchema } of operations) {
    if (bodyType !== 'application/json' || !bodySchema) continue;
    const good = sampleOf(bodySchema);
    for (const { path: way, takesNumbers } of textFieldsOf(bodySchema)) {
      fields += 1;
      const name = way.join('.');
      for (const bad of ['a\0b', 'a\ud800', 'x'.repeat(10_240), takesNumbers ? true : 7, [], { a: 1 }]) {
        const what = `${key} ${name}: ${JSON.stringify(bad).slice(0, 20)}`;
        const answer = await ask(method, own(path), JSON.stringify(withField(good, way, bad)));
        const told = descriptions(answer, 400, what);
        // An alternative that does not fit is told where the alternatives begin.
        assert.ok(
          told.split('\n').some((line) => line.startsWith(name.split('.')[0] ?? '')),
          `${what}: ${told}`,
        );
        if (typeof bad === 'string') assert.ok(told.includes(`${name}: `), `${what}: ${told}`);
      }
    }
  }
  t.diagnostic(`${fields} fields`);
  assert.ok(fields > 60);
  await assertUnharmed();
});

test('every query parameter: values that are none are refused by name, given twice too', async (t) => {
  let parameters = 0;
  for (const { key, method, path, query, bodyType, bodySchema } of operations) {
    const body = bodySchema && JSON.stringify(sampleOf(bodySchema));
    const headers: Record<string, string> = bodyType === undefined ? {} : { 'content-type': bodyType };
    for (const { name, schema } of query) {
      parameters += 1;
      const values = ['%00', 'x'.repeat(10_240)];
      if (schema.type !== 'array') values.push(`a&${name}=b`);
      if (schema.type === 'integer' || schema.type === 'number') values.push('lots', '99999999999999999999');
      // Of degrees, these are some.
      if (schema.type === 'integer') values.push('-1', '1.5');
      if (schema.type === 'boolean') values.push('perhaps');
      if (schema.enum) values.push('nonsense', '');
      for (const value of values) {
        const what = `${key} ?${name}=${value.slice(0, 20)}`;
        const separator = name === 'orgId' ? '?' : '&';
        const uri = name === 'orgId' ? path : own(path);
        const answer = await ask(method, `${uri}${separator}${name}=${value}`, body, headers);
        assert.match(descriptions(answer, 400, what), new RegExp(`\\b${name}\\b`), what);
      }
    }
  }
  t.diagnostic(`${parameters} parameters`);
  assert.ok(parameters > 60);
  await assertUnharmed();
});

test('a JSON media type is borne where there is no body, and the tracking id is the one that was sent', async () => {
  for (const { key, method, path, bodyType } of operations) {
    if (bodyType !== undefined || !['GET', 'DELETE'].includes(method) || key === 'GET /v1/people/me') continue;
    // A stream has no end to wait for.
    if (key === 'GET /api/events') continue;
    const trackingId = `SIMPLE_${NO_ID}`;
    const answer = await ask(method, own(path), undefined, {
      'content-type': 'application/json;charset=utf-8',
      trackingid: trackingId,
    });
    // These ask for parameters or a network.
    const mayAskForMore = /^\/api\/(?:explain\/|devices\/|map-picture)/.test(path);
    assert.ok(answer.status !== 415 && (answer.status !== 400 || mayAskForMore), `${key}: ${answer.status}`);
    assert.equal(answer.headers['trackingid'], trackingId, key);
  }
  for (const odd of ['', 'x'.repeat(200), 'a b', '<script>', 'a\tb']) {
    const answer = await ask('GET', '/v1/locations', undefined, { trackingid: odd });
    assert.match(String(answer.headers['trackingid']), /^WAYMARK_/, odd);
  }
  await assertUnharmed();
});

test('line ends in e-mail addresses, everywhere an address is taken: refused by name', async () => {
  const location = platform.firstRun().locations?.[0]?.id ?? '';
  const locationId = decodeResourceId('LOCATION', location) ?? '';
  for (const email of ['a@b.example\r\nBcc: x@evil.example', 'a@b.example\n', '\ra@b.example', 'a@b.example\u2028x']) {
    for (const [method, path, body, field] of [
      ['POST', `${CONFIG}/locations/${location}/redSky/building`, { alertingEmail: email }, 'alertingEmail'],
      ['PUT', `${CONFIG}/emergencyCallNotification`, { emailAddress: email }, 'emailAddress'],
      ['PUT', `${CONFIG}/locations/${location}/emergencyCallNotification`, { emailAddress: email }, 'emailAddress'],
      [
        'POST',
        '/api/response-locations',
        { locationId, name: 'x', detail: { FLR: '1' }, alertEmails: [email] },
        'alertEmails',
      ],
      ['POST', '/api/members', { kind: 'PEOPLE', locationId, firstName: 'R', extension: '7997', email }, 'email'],
      ['POST', `${CONFIG}/redSky`, { email }, 'email'],
    ] as const) {
      const answer = await send(method, own(path), JSON.stringify(body));
      const what = `${method} ${path} ${JSON.stringify(email)}`;
      assert.match(descriptions(answer, 400, what), new RegExp(field), what);
    }
  }
  await assertUnharmed();
});

test('a name that is given twice counts as given last, and one that JSON does not know is ignored', async () => {
  const twice = await send('POST', own('/api/trunks'), '{"name":"","name":"T","addresses":["nowhere"]}');
  assert.match(descriptions(twice, 400, 'twice'), /^addresses/);
  const extra = await ask('POST', own('/api/trunks'), '{"name":"T","addresses":["nowhere"],"unheardOf":[{"a":null}]}');
  assert.match(descriptions(extra, 400, 'unknown fields'), /^addresses[^\n]*$/);
  await assertUnharmed();
});

test('CSV: wrong columns, half-valid rows, duplicates, noise: line and column are named, all or nothing', async () => {
  const csv = (text: Buffer | string, query = ''): Promise<Answer> =>
    send('POST', own(`/api/wire-map/import${query}`), text, { 'content-type': 'text/csv' });
  const good = 'mac,02:00:5e:00:77:01,,Austin floor 1 lobby,fine';
  const head = 'kind,value,port,erl,description';
  for (const [text, named] of [
    ['', /header|body/],
    ['\n\n\n', /header/],
    [`kind,value\nmac,02:00:5e:00:77:01\n`, /erl/],
    [`kind,value,erl,colour\n`, /colour/],
    [`kind,kind,value,erl\n`, /kind/],
    [`${head}\n${good}\nmac,nonsense,,Austin floor 1 lobby,\n`, /3:value/],
    [`${head}\n${good}\nrouter,x,,Austin floor 1 lobby,\n`, /3:kind/],
    [`${head}\n${good}\nmac,02:00:5e:00:77:02,,No such room,\n`, /3:erl/],
    [`${head}\n${good}\nmac,02:00:5e:00:77:02\n`, /3:/],
    [`${head}\n${good}\nmac,02:00:5E:00:77:01,,Austin floor 3 room 312,\n`, /3:value: is the same element as line 2/],
    [`${head}\nip-range,10.0.0.9-10.0.0.1,,Austin floor 1 lobby,\n`, /2:value/],
    [`${head}\n${good}\n"mac,02:00:5e:00:77:02,,Austin`, /./],
    [Buffer.from([0x6b, 0xff, 0xfe, 0x00, 0x0a]), /UTF-8|NUL|column|header/],
    [`${head}\n"${'x'.repeat(100_000)}",,,,\n`, /./],
  ] as const) {
    const what = text.toString().slice(0, 60);
    assert.match(descriptions(await csv(text), 400, what), named, what);
  }
  const many = `${head}\n${'mac,nonsense,,nowhere,\n'.repeat(50_000)}`;
  const listed = await csv(many);
  descriptions(listed, 400, 'fifty thousand faulty rows');
  assert.ok(listed.text.length < MEGABYTE, 'the list of faults is bounded');
  const dry = await csv(`${head}\n${good}\nmac,nonsense,,Austin floor 1 lobby,\n`, '?dryRun=true');
  assert.equal(dry.status, 200, dry.text);
  const { applied, counts } = JSON.parse(dry.text) as { applied: boolean; counts: { added: number; errors: number } };
  assert.deepEqual([applied, counts.added, counts.errors], [false, 1, 1]);
  await assertUnharmed();
});

test('XML that is hostile or broken: an error of the protocol at HELD and LoST, and the next request is answered', async () => {
  const { companyId, examples } = platform.firstRun();
  const held = '<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held">';
  const device = `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${examples?.['mac']?.replaceAll(':', '-')}</mac></device>`;
  const goodHeld = `${held}${device}</locationRequest>`;
  const goodLost =
    '<findService xmlns="urn:ietf:params:xml:ns:lost1"><location id="a" profile="geodetic-2d"><Point xmlns="http://www.opengis.net/gml" ' +
    'srsName="urn:ogc:def:crs:EPSG::4326"><pos>30.2649 -97.7474</pos></Point></location><service>urn:service:sos</service></findService>';
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, index) => `<!ENTITY a${index} "${`&a${index === 0 ? '' : index - 1};`.repeat(10)}">`).join('')}]>`;
  for (const [door, good, root] of [
    [`/held/c/${companyId}`, goodHeld, /<error [^>]*code="/],
    ['/LoST', goodLost, /<errors [^>]*>.*<badRequest/s],
  ] as const) {
    const inside = good.indexOf('>') + 1;
    const insert = (text: string): string => good.slice(0, inside) + text + good.slice(inside);
    for (const bad of [
      '',
      'noise',
      Buffer.from([0, 1, 2, 255, 254]),
      `<!DOCTYPE x SYSTEM "file:///etc/passwd">${good}`,
      `${bomb}${insert('<x>&a19;</x>')}`,
      insert('&undefined;'),
      insert('<x>'.repeat(10_000)),
      good.slice(0, -5),
      `${good}${good}`,
      Buffer.concat([Buffer.from(insert('')), Buffer.from([0xc3, 0x28])]),
      Buffer.from(insert('<x>\u0001</x>')),
      good.replaceAll('xmlns="urn', 'xmlns="nru'),
    ]) {
      const what = `${door}: ${bad.toString().slice(0, 60)}`;
      const answer = await send('POST', door, bad, { 'content-type': 'application/xml' });
      assert.equal(answer.status, 200, `${what}: ${answer.text}`);
      assert.match(answer.text, root, what);
    }
    const nested = `${'<x>'.repeat(DEPTH)}${'</x>'.repeat(DEPTH)}`;
    const tooLong = await send('POST', door, insert(nested), { 'content-type': 'application/xml' });
    // Over the limit of size already, which both say in their own words as long as the body is one that a door reads at all.
    assert.match(
      tooLong.text,
      /<badRequest message="XML document is larger|code="requestError".*XML document is larger/s,
    );
    const answer = await send('POST', door, good, { 'content-type': 'application/xml' });
    assert.match(answer.text, /<locationResponse|<findServiceResponse/, answer.text);
  }
  await assertUnharmed();
});

test('metrics are for the addresses that may read them, as seen behind the proxies', async () => {
  assert.match((await send('GET', '/metrics')).text, /^waymark_rest_seconds_count/m);
  const refused = await ask('GET', '/metrics', undefined, { 'x-forwarded-for': '198.51.100.7' });
  descriptions(refused, 403, 'from elsewhere');
  assert.doesNotMatch(refused.text, /waymark_rest/);
});

test('HTTP itself: broken request lines, headers without end, half requests', async () => {
  const { hostname, port } = new URL(platform.http);
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
    'POST /v1/locations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    'POST /v1/locations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST /LoST HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    '\u0000'.repeat(1_000),
  ]) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let text = '';
      socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${bytes.slice(0, 40)}`)));
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      // Whoever goes on sending after the answer may be cut off.
      socket.once('error', (error) => (text === '' ? reject(error) : resolve(text)));
      socket.once('close', () => resolve(text));
    });
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, bytes.slice(0, 60));
  }
  await assertUnharmed();
});

test('SIP: noise, absurd lengths and 64 KB datagrams, and then a 911 call is answered', async (t) => {
  const socket = createSocket('udp4');
  const throwAt = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(bytes, platform.sipPort, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  const invite = (headers: string): string =>
    `INVITE sip:911@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbad\r\n${headers}\r\n`;
  t.after(() => socket.close());
  for (const text of [
    '',
    '\r\n\r\n',
    'INVITE\r\n\r\n',
    '('.repeat(60_000),
    invite(''),
    invite('Content-Length: 99999999999999999999\r\n'),
    invite('Content-Length: -1\r\n'),
    invite('CSeq: one INVITE\r\nCall-ID: x\r\nFrom: <sip:a@b>\r\nTo: <sip:911@b>\r\n'),
    invite(`Subject: ${'s'.repeat(60_000)}\r\n`),
    invite(Array.from({ length: 2_000 }, (_, index) => `Via: SIP/2.0/UDP h${index}\r\n`).join('')),
    'SIP/2.0 200 OK\r\n\r\n',
  ]) {
    await throwAt(Buffer.from(text));
  }
  await throwAt(Buffer.alloc(65_507, 0xff));
  for (let seed = 1; seed <= 200; seed += 1) {
    await throwAt(Buffer.from(Array.from({ length: 1_000 }, (_, index) => (index * seed * 7_919) % 256)));
  }
  for (const protocol of ['udp', 'tcp'] as const) {
    const target = { protocol, address: '127.0.0.1', port: platform.sipPort };
    const phone = await openPhone({ host: '127.0.0.1', target });
    t.after(() => phone.close());
    const call = phone.call({ from: platform.firstRun().examples?.['callerNumber'] ?? '' });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    await call.request('BYE');
  }
  process.kill(platform.pid, 0);
  assert.doesNotMatch(platform.log(), /failed for a reason of ours|unhandled/i);
});
