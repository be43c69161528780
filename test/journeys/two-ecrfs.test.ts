/** Two whole platforms: one has the other as the LoST server that it asks for what it does not know. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeLostAnswer, encodeLostQuery, type FindService, type ReadLostAnswer } from '../../src/wire/lost/lost.ts';
import { freePort } from '../support/sipp.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';
import { assertValid } from '../support/xml-schemas.ts';

const HOUSTON = { latitude: 29.7604, longitude: -95.3698 };
const LONDON = { latitude: 51.5, longitude: -0.1 };
/** Not registered anywhere: the child, exact as inside an ESInet, has no answer; its parent gives the one of `sos`. */
const UNKNOWN = 'urn:service:sos.unheard-of';

let parent: TimedPlatform;
let child: TimedPlatform;

before(async () => {
  const port = await freePort('127.0.0.1');
  parent = await startTimedPlatform({ WAYMARK_LOST_NAME: 'parent.example', WAYMARK_HTTP_PORT: String(port) });
  child = await startTimedPlatform({
    WAYMARK_LOST_NAME: 'child.example',
    WAYMARK_LOST_PARENT: `${parent.http}/LoST`,
    WAYMARK_LOST_PARENT_NAME: 'parent.example',
    WAYMARK_LOST_PARENT_TIMEOUT_MS: '5000',
    WAYMARK_LOST_SUBSTITUTION: 'exact',
  });
});
after(async () => {
  await child?.stop();
  await parent?.stop();
});

type Wish = Partial<Omit<FindService, 'type' | 'locations'>>;

async function post(http: string, body: string, path = '/LoST'): Promise<Response> {
  return fetch(`${http}${path}`, { method: 'POST', headers: { 'content-type': 'application/lost+xml' }, body });
}

async function ask(
  http: string,
  position: { latitude: number; longitude: number },
  wish: Wish,
  path?: string,
): Promise<ReadLostAnswer> {
  const answer = await post(
    http,
    encodeLostQuery({
      type: 'findService',
      locations: [{ id: 'here', value: { profile: 'geodetic-2d', shape: { type: 'point', position } } }],
      service: 'urn:service:sos',
      recursive: true,
      validateLocation: false,
      serviceBoundary: 'reference',
      path: [],
      ...wish,
    }),
    path,
  );
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assertValid('lost', text);
  return decodeLostAnswer(text);
}

test('one server is exact for the elements of an ESInet, and substitutes for callers', async () => {
  const towardsCallers = await ask(parent.http, HOUSTON, { service: UNKNOWN });
  assert.ok(towardsCallers.type === 'findServiceResponse', JSON.stringify(towardsCallers));
  assert.equal(towardsCallers.warnings?.[0]?.exceptions[0]?.type, 'serviceSubstitution');
  for (const path of ['/LoST/exact', '/lost/exact']) {
    const inside = await ask(parent.http, HOUSTON, { service: UNKNOWN }, path);
    assert.ok(inside.type === 'errors', JSON.stringify(inside));
    assert.equal(inside.exceptions[0]?.type, 'serviceNotImplemented');
    const known = await ask(parent.http, HOUSTON, { service: 'urn:service:sos.fire' }, path);
    assert.ok(known.type === 'findServiceResponse' && known.warnings === undefined, JSON.stringify(known));
  }
});

test('the parent is asked, named, found in a loop, and remembered when it is gone', async () => {
  const answer = await ask(child.http, HOUSTON, { service: UNKNOWN });
  assert.ok(answer.type === 'findServiceResponse', JSON.stringify(answer));
  assert.equal(answer.mappings[0]?.sourceId, 'us-county-48201');
  assert.equal(answer.mappings[0]?.service, 'urn:service:sos');
  assert.deepEqual(answer.path, ['child.example', 'parent.example']);
  assert.equal(answer.locationUsed, 'here');
  assert.equal(answer.warnings?.[0]?.source, 'parent.example');
  assert.equal(answer.warnings?.[0]?.exceptions[0]?.type, 'serviceSubstitution');

  const nowhere = await ask(child.http, LONDON, {});
  assert.equal(nowhere.type === 'errors' && nowhere.source, 'parent.example');
  assert.equal(nowhere.type === 'errors' && nowhere.exceptions[0]?.type, 'notFound');

  const redirect = await ask(child.http, LONDON, { recursive: false });
  assert.equal(redirect.type === 'redirect' && redirect.target, 'parent.example');

  const loop = await ask(child.http, LONDON, { path: ['parent.example'] });
  assert.equal(loop.type === 'errors' && loop.exceptions[0]?.type, 'loop');

  const own = await ask(child.http, HOUSTON, {});
  assert.deepEqual(own.type === 'findServiceResponse' && own.path, ['child.example']);

  await parent.stop();
  const kept = await ask(child.http, HOUSTON, { service: UNKNOWN });
  assert.deepEqual(kept.type === 'findServiceResponse' && kept.mappings, answer.mappings);
  child.putForward(2 * 86_400_000);
  const expired = await ask(child.http, HOUSTON, { service: UNKNOWN });
  assert.deepEqual(expired.type === 'findServiceResponse' && expired.mappings, answer.mappings);
  const lost = await ask(child.http, LONDON, {});
  assert.equal(lost.type === 'errors' && lost.exceptions[0]?.type, 'serverTimeout');
});

test('a civic location is validated by the address data of the platform', async () => {
  const civic = { country: 'US', A1: 'TX', A3: 'Austin', RD: 'Main', STS: 'St', HNO: '1', PC: '10001' };
  const answer = await ask(child.http, HOUSTON, {
    validateLocation: true,
    ...({ locations: [{ id: 'c', value: { profile: 'civic', civic } }] } as object),
  });
  assert.ok(answer.type === 'findServiceResponse', JSON.stringify(answer));
  assert.ok(answer.locationValidation?.valid.includes('A3'));
  assert.ok(answer.locationValidation?.invalid.includes('PC'));
  assert.ok(!answer.locationValidation?.valid.includes('HNO'));
});

test('a shape with a hundred thousand corners is refused in LoST', async () => {
  const corners = Array.from({ length: 100_000 }, (_, i) => `29.${i} -95.${i}`).join(' ');
  const answer = await post(
    child.http,
    '<findService xmlns="urn:ietf:params:xml:ns:lost1"><location id="p" profile="geodetic-2d"><Polygon xmlns="http://www.opengis.net/gml">' +
      `<exterior><LinearRing><posList>${corners}</posList></LinearRing></exterior></Polygon></location>` +
      '<service>urn:service:sos</service></findService>',
  );
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /<badRequest message="XML document is larger than 262144 bytes"/);
});
