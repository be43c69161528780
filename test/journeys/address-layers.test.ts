/** Address layers come in through the API of a running platform; addresses, LoST and calls are answered from them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const FIXTURE = fileURLToPath(new URL('../../src/addresses/testing/fixture-layer.json', import.meta.url));

let platform: TimedPlatform;

before(async () => {
  platform = await startTimedPlatform();
});

after(() => platform.stop());

type Json = Record<string, unknown>;

async function ask(token: string, method: string, path: string, body?: string, type = 'application/json') {
  const response = await fetch(`${platform.http}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, text, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(20);
  }
  throw new Error(`${what} did not happen`);
}

const MAIN = { address1: '1500 Main St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' };

test('from the file to the level of an address, to LoST, to the list of what stands otherwise, and back', async () => {
  const { tokens, locations } = platform.firstRun;
  const operator = tokens.operator ?? '';
  const admin = tokens.fullAdmin ?? '';
  const validate = async (address: object): Promise<Json> =>
    (await ask(admin, 'POST', '/api/addresses/validate', JSON.stringify(address))).body;
  assert.equal((await validate(MAIN))['level'], 'postal');

  // A location of the organization stands there.
  const location = locations?.[0]?.id ?? '';
  const set = await ask(
    admin,
    'POST',
    `/v1/telephony/pstn/locations/${location}/emergencyAddress`,
    JSON.stringify(MAIN),
  );
  assert.equal(set.status, 201, set.text);
  const review = await ask(operator, 'POST', '/api/address-reviews');
  assert.equal(review.status, 202, review.text);
  const reviewed = (id: unknown) =>
    until('the review', async () => {
      const { body } = await ask(operator, 'GET', `/api/address-reviews/${String(id)}`);
      return body['state'] === 'running' ? undefined : body;
    });
  assert.equal((await reviewed(review.body['id']))['state'], 'done');

  const file = await readFile(FIXTURE, 'utf8');
  const path = '/api/address-layers/versions?layer=texas&fileName=texas.json';
  assert.equal(
    (await ask(admin, 'POST', path, file, 'application/octet-stream')).status,
    403,
    'layers are the operator’s',
  );
  const started = await ask(operator, 'POST', path, file, 'application/octet-stream');
  assert.equal(started.status, 202, started.text);
  const version = await until('the reading', async () => {
    const { body } = await ask(operator, 'GET', `/api/address-layers/versions/${String(started.body['id'])}`);
    return body['state'] === 'reading' ? undefined : body;
  });
  assert.equal(version['state'], 'checked', JSON.stringify(version['problem']));
  assert.equal((await validate(MAIN))['level'], 'postal', 'a dry run puts nothing in force');
  const applied = await ask(operator, 'POST', `/api/address-layers/versions/${String(version['id'])}/apply`);
  assert.equal(applied.status, 200, applied.text);
  const confirmed = await until('the level', async () => {
    const found = await validate(MAIN);
    return found['level'] === 'point' ? found : undefined;
  });
  assert.deepEqual(
    { score: confirmed['score'], precision: (confirmed['geocode'] as Json)['precision'] },
    { score: 100, precision: 'point' },
  );

  // The contract's lookup: suggestions are addresses of their own, the position is the house's.
  const lookup = async (address: object) => {
    const { status, text } = await ask(
      admin,
      'POST',
      `/v1/telephony/pstn/locations/${location}/emergencyAddress/lookup`,
      JSON.stringify(address),
    );
    assert.equal(status, 200, text);
    return (
      JSON.parse(text) as {
        addresses: {
          address1: string;
          meta: Record<string, string>;
          errors?: { code: string; title: string; detail: string }[];
        }[];
      }
    ).addresses;
  };
  const [right] = await lookup(MAIN);
  assert.deepEqual(
    { errors: right?.errors, level: right?.meta['level'], latitude: right?.meta['latitude'] },
    { errors: undefined, level: 'point', latitude: '32.7801' },
  );
  const [wrong, ...others] = await lookup({ ...MAIN, address1: '150 Akard St' });
  assert.deepEqual(
    wrong?.errors?.map(({ code, title }) => ({ code, title })),
    [{ code: 'WMA4301', title: 'STREET_UNKNOWN' }],
  );
  assert.equal(wrong?.meta['latitude'], undefined, 'the middle of a postal code is not told as a place');
  assert.deepEqual(others.map(({ address1 }) => address1).sort(), ['150 N Akard St', '150 S Akard St']);

  // LoST tells element by element (RFC 5222 §8.4.2).
  const lost = await fetch(`${platform.http}/LoST`, {
    method: 'POST',
    headers: { 'content-type': 'application/lost+xml' },
    body:
      '<findService xmlns="urn:ietf:params:xml:ns:lost1" xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" validateLocation="true">' +
      '<location id="a" profile="civic"><ca:civicAddress><ca:country>US</ca:country><ca:A1>TX</ca:A1><ca:A3>Dallas</ca:A3>' +
      '<ca:RD>Main</ca:RD><ca:STS>St</ca:STS><ca:HNO>1777</ca:HNO><ca:PC>75201</ca:PC></ca:civicAddress></location>' +
      '<service>urn:service:sos</service></findService>',
  });
  const answer = await lost.text();
  assert.match(answer, /<invalid>(?:ca:)?HNO<\/invalid>/);
  assert.match(answer, /<valid>[^<]*\bRD\b[^<]*<\/valid>/);

  // What is stored was looked at again by itself.
  const flipped = await until('the flip', async () => {
    const { body } = await ask(admin, 'GET', '/api/address-statuses?kind=location-emergency-address&status=point');
    return (body['items'] as Json[])[0];
  });
  assert.equal(flipped['previousStatus'], 'postal');

  const vouched = await ask(
    admin,
    'POST',
    '/api/address-overrides',
    JSON.stringify({ address: { ...MAIN, address1: '1777 Main St' }, reason: 'new building' }),
  );
  assert.equal(vouched.status, 201, vouched.text);
  const overridden = await until('the override', async () => {
    const found = await validate({ ...MAIN, address1: '1777 Main St' });
    return found['override'] === undefined ? undefined : found;
  });
  assert.equal(overridden['level'], 'postal', 'never validated by somebody’s word');

  const undone = await ask(operator, 'POST', '/api/address-layers/texas/undo');
  assert.deepEqual({ status: undone.status, active: undone.body['active'] }, { status: 200, active: null });
  await until('the level of before', async () => ((await validate(MAIN))['level'] === 'postal' ? true : undefined));
  const audit = await ask(operator, 'GET', '/api/audit?max=100');
  assert.ok(audit.status === 200);
});
