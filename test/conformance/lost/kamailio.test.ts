/** A client of the field: Kamailio's `lost` module must stay alive and understand whatever the LoST door answers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LocationValue } from '../../../src/domain/location-value.ts';
import type { Shape } from '../../../src/domain/shape.ts';
import { createLostEndpoint } from '../../../src/routing/lost-endpoint.ts';
import { testSnapshot } from '../../../src/routing/test-snapshot.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { createLogger } from '../../../src/support/logger.ts';
import { postLost } from '../../../src/transport/post-lost.ts';
import {
  encodeLostAnswer,
  LOST_ERROR_TYPES,
  LOST_WARNING_TYPES,
  type LostAnswer,
  type LostMapping,
} from '../../../src/wire/lost/lost.ts';
import { encodePresence } from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { type Kamailio, type KamailioAnswer, startKamailio } from '../../support/kamailio.ts';
import { skipWithout } from '../../support/parts.ts';
import { type DoorAnswer, serveXmlDoor, type XmlDoor } from '../../support/xml-door.ts';

const skip = skipWithout('kamailio');
const SOS = 'urn:service:sos';

function pidf(location: LocationValue): string {
  return encodePresence({ entity: 'pres:caller@example.com', locations: [location] });
}

function point(latitude: number, longitude: number): string {
  return pidf({ shape: { type: 'point', position: { latitude, longitude } } });
}

const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };

describe('Kamailio asks the LoST door', { skip }, () => {
  let door: XmlDoor;
  let kamailio: Kamailio;

  before(async () => {
    const snapshot = testSnapshot();
    const handleLost = createLostEndpoint({
      snapshot: () => snapshot,
      clock: systemClock,
      logger: createLogger('silent'),
      serverName: 'ecrf.example',
      mappingLifetimeMs: 3_600_000,
    });
    door = await serveXmlDoor(({ body }) => handleLost(body));
    kamailio = await startKamailio({ lostUrl: `${door.url}/lost` });
  });
  after(async () => {
    await kamailio?.stop();
    await door?.close();
  });

  async function ask(location: string, service = SOS): Promise<KamailioAnswer> {
    const answer = await kamailio.ask({ ask: 'lost', service, pidf: location });
    assert.ok(kamailio.isAlive(), kamailio.log());
    return answer;
  }

  const places: readonly [string, number, number, string][] = [
    ['Austin', AUSTIN.latitude, AUSTIN.longitude, 'us-county-48453'],
    ['San Juan', 18.4655, -66.1057, 'us-county-72127'],
    ['Hagåtña', 13.4757, 144.7489, 'us-county-66010'],
    ['Anchorage', 61.2181, -149.9003, 'us-county-02020'],
    ['Toronto', 43.6534, -79.3841, 'ca-province-on'],
  ];
  for (const [name, latitude, longitude, sourceId] of places) {
    test(`a point in ${name}`, async () => {
      const answer = await ask(point(latitude, longitude));
      assert.equal(answer.lostCode, 200, answer.error);
      assert.equal(answer.uri, `sip:${sourceId}@127.0.0.1:5071`);
      assert.match(answer.displayName, /simulated/);
    });
  }

  const shapes: readonly Shape[] = [
    { type: 'circle', center: AUSTIN, radiusMeters: 250 },
    { type: 'ellipse', center: AUSTIN, semiMajorMeters: 300, semiMinorMeters: 100, orientationDegrees: 30 },
    {
      type: 'arc-band',
      center: AUSTIN,
      innerRadiusMeters: 10,
      outerRadiusMeters: 200,
      startAngleDegrees: 0,
      openingAngleDegrees: 90,
    },
    {
      type: 'polygon',
      exterior: [
        AUSTIN,
        { latitude: AUSTIN.latitude, longitude: AUSTIN.longitude + 0.01 },
        { latitude: AUSTIN.latitude + 0.01, longitude: AUSTIN.longitude + 0.01 },
      ],
    },
  ];
  for (const shape of shapes) {
    test(`a shape: ${shape.type}`, async () => {
      const answer = await ask(pidf({ shape }));
      assert.equal(answer.lostCode, 200, answer.error);
      assert.equal(answer.uri, 'sip:us-county-48453@127.0.0.1:5071');
    });
  }

  test('a civic address, and a civic address that only the state is known of', async () => {
    const civic = {
      country: 'US',
      A1: 'TX',
      A2: 'Travis',
      A3: 'Austin',
      RD: '2nd',
      STS: 'St',
      HNO: '301',
      PC: '78701',
    };
    const exact = await ask(pidf({ civic }));
    assert.equal(exact.lostCode, 200, exact.error);
    assert.equal(exact.uri, 'sip:us-county-48453@127.0.0.1:5071');
    const state = await ask(pidf({ civic: { country: 'US', A1: 'TX' } }));
    assert.equal(state.lostCode, 200, state.error);
    assert.match(state.uri, /^sip:us-county-48\d{3}@/);
  });

  test('a service below sos', async () => {
    const answer = await ask(point(AUSTIN.latitude, AUSTIN.longitude), 'urn:service:sos.police');
    assert.equal(answer.lostCode, 200, answer.error);
    assert.equal(answer.uri, 'sip:us-county-48453@127.0.0.1:5071');
  });

  const refused: readonly [string, string, string, string][] = [
    ['outside every boundary', point(48.8566, 2.3522), SOS, 'notFound'],
    ['in the middle of the Atlantic', point(30, -40), SOS, 'notFound'],
    [
      'for a service without data',
      point(AUSTIN.latitude, AUSTIN.longitude),
      'urn:service:counseling',
      'serviceNotImplemented',
    ],
    ['with an impossible latitude', point(30, 0).replace('30 0', '130 0'), SOS, 'locationInvalid'],
    ['in a foreign country by civic address', pidf({ civic: { country: 'FR', A1: 'Paris' } }), SOS, 'notFound'],
  ];
  for (const [what, location, service, type] of refused) {
    test(`an error: ${what}`, async () => {
      const answer = await ask(location, service);
      assert.equal(answer.lostCode, 500);
      assert.ok(answer.error.includes(type), `${type} in ${JSON.stringify(answer)}`);
      assert.equal(answer.uri, '');
    });
  }

  test('it asks as it does in the field, over a kept connection, and is answered throughout', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_unused, index) => ask(index % 2 === 0 ? point(30.2649, -97.7474) : point(30, -40))),
    );
    assert.deepEqual(
      answers.map((answer) => answer.lostCode),
      answers.map((_unused, index) => (index % 2 === 0 ? 200 : 500)),
    );
    const last = door.requests.at(-1);
    assert.match(last?.contentType ?? '', /^application\/lost\+xml/);
    assert.match(last?.body.toString() ?? '', /serviceBoundary="reference" recursive="true"/);
  });
});

/** Kamailio always asks recursively: what it gets from us may be another server's answer. */
describe('Kamailio asks a LoST door that has a parent', { skip }, () => {
  const PARIS = point(48.8566, 2.3522);
  let parentAnswer: DoorAnswer;
  let parent: XmlDoor;
  let door: XmlDoor;
  let kamailio: Kamailio;

  before(async () => {
    parent = await serveXmlDoor(() => parentAnswer);
    const snapshot = testSnapshot();
    const handleLost = createLostEndpoint({
      snapshot: () => snapshot,
      clock: systemClock,
      logger: createLogger('silent'),
      serverName: 'ecrf.example',
      mappingLifetimeMs: 3_600_000,
      parent: { name: 'parent.example', url: parent.url, post: (query) => postLost(parent.url, query, 2_000) },
    });
    door = await serveXmlDoor(async ({ body }) => handleLost(body));
    kamailio = await startKamailio({ lostUrl: `${door.url}/lost` });
  });
  after(async () => {
    await kamailio?.stop();
    await door?.close();
    await parent?.close();
  });

  async function answered(body: string, status = 200): Promise<KamailioAnswer> {
    parentAnswer = { status, contentType: 'application/lost+xml', body };
    const answer = await kamailio.ask({ ask: 'lost', service: SOS, pidf: PARIS });
    assert.ok(kamailio.isAlive(), kamailio.log());
    return answer;
  }

  const LOST = 'urn:ietf:params:xml:ns:lost1';
  const refused: readonly [string, string, number, string][] = [
    ['its error', `<errors xmlns="${LOST}" source="parent.example"><notFound message="no"/></errors>`, 200, 'notFound'],
    [
      'an error of a kind that nobody knows',
      `<errors xmlns="${LOST}"><!-- a --><odd/><!-- b --></errors>`,
      200,
      'serverError',
    ],
    ['garbage', 'garbage', 200, 'serverError'],
    ['an HTTP error', '', 503, 'serverError'],
    ['a refusal', '', 403, 'forbidden'],
  ];
  for (const [what, body, status, type] of refused) {
    test(what, async () => {
      const answer = await answered(body, status);
      assert.equal(answer.lostCode, 500);
      assert.ok(answer.error.includes(type), JSON.stringify(answer));
    });
  }

  test('a mapping that would have ended it: no name, comments, a prefix, no sip URI first', async () => {
    const answer = await answered(
      `<l:findServiceResponse xmlns:l="${LOST}"><!-- c --><l:mapping expires="NO-CACHE" lastUpdated="2026-01-01T00:00:00Z" ` +
        'source="parent.example" sourceId="1"><l:service>urn:service:sos</l:service><!-- c --><l:uri>tel:+33112</l:uri>' +
        '<!-- c --><l:uri>sip:paris@psap.example</l:uri></l:mapping></l:findServiceResponse>',
    );
    assert.equal(answer.lostCode, 200, answer.error);
    assert.equal(answer.uri, 'sip:paris@psap.example');
  });

  test('a parent that is away, then what we know ourselves', async () => {
    await parent.close();
    const answer = await kamailio.ask({ ask: 'lost', service: SOS, pidf: PARIS });
    assert.equal(answer.lostCode, 500);
    assert.match(answer.error, /serverTimeout/);
    const own = await kamailio.ask({ ask: 'lost', service: SOS, pidf: point(AUSTIN.latitude, AUSTIN.longitude) });
    assert.equal(own.uri, 'sip:us-county-48453@127.0.0.1:5071');
    assert.ok(kamailio.isAlive(), kamailio.log());
  });
});

/** Answers that the built-in data never give but the encoder can write. */
describe('Kamailio reads whatever the LoST encoder writes', { skip }, () => {
  let next: LostAnswer;
  let door: XmlDoor;
  let kamailio: Kamailio;

  before(async () => {
    door = await serveXmlDoor(() => ({
      status: 200,
      contentType: 'application/lost+xml;charset=utf-8',
      body: encodeLostAnswer(next),
    }));
    kamailio = await startKamailio({ lostUrl: `${door.url}/lost` });
  });
  after(async () => {
    await kamailio?.stop();
    await door?.close();
  });

  async function answered(answer: LostAnswer): Promise<KamailioAnswer> {
    next = answer;
    const understood = await kamailio.ask({
      ask: 'lost',
      service: SOS,
      pidf: point(AUSTIN.latitude, AUSTIN.longitude),
    });
    assert.ok(kamailio.isAlive(), kamailio.log());
    return understood;
  }

  const mapping: LostMapping = {
    source: 'ecrf.example',
    sourceId: 'a1',
    lastUpdated: new Date('2026-01-02T03:04:05Z'),
    expires: new Date('2036-01-02T03:04:05Z'),
    displayNames: [{ text: 'Austin <911> & "friends"', language: 'en' }],
    service: SOS,
    serviceBoundaryReference: { source: 'ecrf.example', key: 'k1' },
    uris: ['sip:austin@psap.example'],
    serviceNumber: '911',
  };
  const ring = [
    { latitude: 30, longitude: -98 },
    { latitude: 30, longitude: -97 },
    { latitude: 31, longitude: -97 },
  ];
  const { serviceNumber: _number, ...withoutNumber } = mapping;
  const { serviceBoundaryReference: _reference, ...withoutBoundary } = mapping;
  const warnings = LOST_WARNING_TYPES.map((type) => ({ type, message: `warning ${type}` }));

  const mappings: readonly [string, Partial<Extract<LostAnswer, { type: 'findServiceResponse' }>>, string][] = [
    ['the whole mapping', {}, 'sip:austin@psap.example'],
    ['no service number', { mappings: [withoutNumber] }, 'sip:austin@psap.example'],
    ['no boundary', { mappings: [withoutBoundary] }, 'sip:austin@psap.example'],
    ['no name', { mappings: [{ ...mapping, displayNames: [] }] }, 'sip:austin@psap.example'],
    [
      'names in two languages',
      { mappings: [{ ...mapping, displayNames: [...mapping.displayNames, { text: 'Austín', language: 'es' }] }] },
      'sip:austin@psap.example',
    ],
    [
      'boundaries by value',
      {
        mappings: [
          {
            ...withoutBoundary,
            serviceBoundaries: [
              { profile: 'geodetic-2d', polygons: [{ exterior: ring, interiors: [] }] },
              { profile: 'civic', civic: { country: 'US', A1: 'TX' } },
            ],
          },
        ],
      },
      'sip:austin@psap.example',
    ],
    [
      'a tel URI first',
      { mappings: [{ ...mapping, uris: ['tel:+15125550100', 'sip:a@psap.example'] }] },
      'sip:a@psap.example',
    ],
    [
      'sip and sips',
      { mappings: [{ ...mapping, uris: ['sip:a@psap.example', 'sips:a@psap.example'] }] },
      'sips:a@psap.example',
    ],
    ['no expiry', { mappings: [{ ...mapping, expires: 'NO-EXPIRATION' }] }, 'sip:austin@psap.example'],
    ['no cache', { mappings: [{ ...mapping, expires: 'NO-CACHE' }] }, 'sip:austin@psap.example'],
    [
      'validation with other addresses',
      {
        locationValidation: {
          valid: ['country', 'A1'],
          invalid: ['A3'],
          unchecked: ['HNO', 'STP'],
          complete: { country: 'US', A1: 'TX', A3: 'Austin' },
          similar: [{ country: 'US', A1: 'TX', A3: 'Austin', HNO: '1' }],
        },
      },
      'sip:austin@psap.example',
    ],
    [
      'validation and every warning',
      {
        locationValidation: { valid: ['country', 'A1'], invalid: ['HNO'], unchecked: ['RD'] },
        warnings: [{ source: 'ecrf.example', exceptions: warnings }],
      },
      'sip:austin@psap.example',
    ],
    ['a long path', { path: ['first.example', 'second.example', 'ecrf.example'] }, 'sip:austin@psap.example'],
  ];
  for (const [what, part, uri] of mappings) {
    test(what, async () => {
      const answer = await answered({
        type: 'findServiceResponse',
        mappings: [mapping],
        path: ['ecrf.example'],
        locationUsed: 'l1',
        ...part,
      });
      assert.equal(answer.lostCode, 200, answer.error);
      assert.equal(answer.uri, uri);
      assert.notEqual(answer.displayName, '');
    });
  }

  for (const type of LOST_ERROR_TYPES) {
    test(`error ${type}`, async () => {
      const answer = await answered({
        type: 'errors',
        source: 'ecrf.example',
        exceptions: [{ type, message: 'cannot <say> & more' }],
      });
      assert.equal(answer.lostCode, 500);
      assert.ok(answer.error.includes(type), answer.error);
    });
  }

  test('a redirect: the name of its target', async () => {
    const answer = await answered({
      type: 'redirect',
      source: 'ecrf.example',
      target: 'b.example',
      message: 'over there',
    });
    assert.ok(kamailio.isAlive(), kamailio.log());
    assert.notEqual(answer.lostCode, 200);
  });

  test('several errors at once', async () => {
    const answer = await answered({
      type: 'errors',
      source: 'ecrf.example',
      exceptions: [
        { type: 'locationInvalid', message: 'one' },
        { type: 'badRequest', message: 'two' },
      ],
    });
    assert.equal(answer.lostCode, 500);
    assert.match(answer.error, /locationInvalid|badRequest/);
  });

  test('a mapping with no sip URI is its failure, not its end', async () => {
    const answer = await answered({
      type: 'findServiceResponse',
      mappings: [{ ...mapping, uris: ['tel:+15125550100'] }],
      path: ['ecrf.example'],
    });
    assert.equal(answer.lostCode, 400);
  });

  test('it still works after all that', async () => {
    const answer = await answered({ type: 'findServiceResponse', mappings: [mapping], path: ['ecrf.example'] });
    assert.equal(answer.uri, 'sip:austin@psap.example');
  });
});
