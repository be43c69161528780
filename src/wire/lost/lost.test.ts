import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import {
  decodeLostAnswer,
  decodeLostQuery,
  encodeLostAnswer,
  encodeLostQuery,
  type FindServiceResponse,
  LOST_ERROR_TYPES,
  LOST_WARNING_TYPES,
  type LostAnswer,
  type LostMapping,
  usableLocation,
} from './lost.ts';

const LOST = 'urn:ietf:params:xml:ns:lost1';
const POINT = '<gml:Point xmlns:gml="http://www.opengis.net/gml"><gml:pos>33 -97</gml:pos></gml:Point>';
const CIVIC =
  '<civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><country>US</country></civicAddress>';

function findService(locations: string, attributes = '', more = ''): string {
  return `<findService xmlns="${LOST}" ${attributes}>${locations}<service>urn:service:sos</service>${more}</findService>`;
}

function problemOf(run: () => unknown): ProblemError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('nothing thrown');
}

function used(locations: string): unknown {
  const query = decodeLostQuery(findService(locations));
  return query.type === 'findService' && usableLocation(query.locations);
}

suite('queries', () => {
  test('defaults, flags, path', () => {
    assert.deepEqual(decodeLostQuery(findService(`<location id="1" profile="geodetic-2d">${POINT}</location>`)), {
      type: 'findService',
      locations: [
        {
          id: '1',
          value: {
            profile: 'geodetic-2d',
            shape: { type: 'point', position: { latitude: 33, longitude: -97 } },
          },
        },
      ],
      service: 'urn:service:sos',
      recursive: false,
      validateLocation: false,
      serviceBoundary: 'reference',
      path: [],
      notes: [],
    });
    const query = decodeLostQuery(
      findService(
        `<location id="1" profile="civic">${CIVIC}</location>`,
        'recursive="1" validateLocation="true" serviceBoundary="value"',
        '<path><via source="a.example"/><via source="b.example"/></path><x:emergencyCallIncidentId xmlns:x="urn:x">1</x:emergencyCallIncidentId>',
      ),
    );
    assert.ok(query.type === 'findService');
    assert.ok(query.recursive && query.validateLocation);
    assert.equal(query.serviceBoundary, 'value');
    assert.deepEqual(query.path, ['a.example', 'b.example']);
    assert.deepEqual(query.notes, ['findService: {urn:x}emergencyCallIncidentId passed over']);
  });

  test('the first location of an understood profile is used (RFC 5222 §12.1 rule 7)', () => {
    const prism = `<location id="p" profile="prism">${POINT}</location>`;
    assert.deepEqual(used(`${prism}<location id="c" profile="civic">${CIVIC}</location>`), {
      id: 'c',
      value: { profile: 'civic', civic: { country: 'US' } },
    });
    assert.deepEqual(used(`<location id="n">${CIVIC}</location>`), {
      id: 'n',
      value: { profile: 'civic', civic: { country: 'US' } },
    });
    const unknown = problemOf(() => used(`${prism}<location id="q" profile="x-polar"/>`));
    assert.equal(unknown.kind, 'location-profile-unrecognized');
    assert.deepEqual(
      unknown.fields.map(({ path }) => path),
      ['prism', 'x-polar'],
    );
  });

  test('a location that says nothing usable tells why', () => {
    for (const [content, kind] of [
      ['<gml:Point xmlns:gml="http://www.opengis.net/gml"><gml:pos>133 -97</gml:pos></gml:Point>', 'location-invalid'],
      [
        '<gml:Point xmlns:gml="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::27700"><gml:pos>1 2</gml:pos></gml:Point>',
        'srs-invalid',
      ],
      [CIVIC, 'location-invalid'],
      ['', 'location-invalid'],
    ] as const) {
      assert.equal(problemOf(() => used(`<location id="1" profile="geodetic-2d">${content}</location>`)).kind, kind);
    }
    // A good second location saves the query.
    assert.ok(
      used(`<location id="1" profile="geodetic-2d"/><location id="2" profile="geodetic-2d">${POINT}</location>`),
    );
  });

  test('queries that lack what they need', () => {
    for (const xml of [
      `<findService xmlns="${LOST}"><location id="1">${POINT}</location></findService>`,
      `<findService xmlns="${LOST}"><service>urn:service:sos</service></findService>`,
      `<getServiceBoundary xmlns="${LOST}"/>`,
      `<listServicesByLocation xmlns="${LOST}"/>`,
    ]) {
      const problem = problemOf(() => decodeLostQuery(xml));
      assert.equal(problem.kind, 'invalid');
      assert.equal(problem.fields.length, 1);
    }
    assert.equal(problemOf(() => decodeLostQuery(`<findIntersect xmlns="${LOST}"/>`)).kind, 'unsupported-message');
    assert.equal(problemOf(() => decodeLostQuery('<findService/>')).kind, 'unsupported-message');
    assert.equal(problemOf(() => decodeLostQuery('{"a":1}')).kind, 'malformed');
  });

  test('listServicesByLocation recurses unless told not to', () => {
    const query = decodeLostQuery(
      `<listServicesByLocation xmlns="${LOST}"><location id="1">${POINT}</location></listServicesByLocation>`,
    );
    assert.ok(query.type === 'listServicesByLocation' && query.recursive && query.service === undefined);
  });
});

const MAPPING: LostMapping = {
  source: 'waymark.default',
  sourceId: 'us-county-48113',
  lastUpdated: new Date('2026-01-02T03:04:05.678Z'),
  expires: new Date('2026-11-22T03:04:05.678Z'),
  displayNames: [{ text: 'Dallas & County', language: 'en' }],
  service: 'urn:service:sos',
  serviceBoundaryReference: { source: 'waymark.default', key: 'us-county-48113' },
  uris: ['sips:psap@example.com', 'sip:psap@example.com'],
  serviceNumber: '911',
};

function response(mapping: Partial<LostMapping> = {}): FindServiceResponse {
  return {
    type: 'findServiceResponse',
    mappings: [{ ...MAPPING, ...mapping }],
    path: ['waymark.default'],
    locationUsed: 'loc-1',
  };
}

/** Every kind of answer that is written. */
const ANSWERS: readonly LostAnswer[] = [
  response(),
  response({ serviceBoundaries: [{ profile: 'civic', civic: { country: 'US' } }], displayNames: [] }),
  { type: 'getServiceBoundaryResponse', serviceBoundaries: [], path: ['a.example'] },
  { type: 'listServicesResponse', services: ['urn:service:sos'], path: ['a.example'] },
  { type: 'listServicesByLocationResponse', services: ['urn:service:sos'], path: ['a.example'], locationUsed: '1' },
  ...[...LOST_ERROR_TYPES, ...LOST_WARNING_TYPES].map(
    (type): LostAnswer => ({
      type: 'errors',
      source: 'a.example',
      exceptions: [{ type, message: 'No "luck" <here>' }],
    }),
  ),
  { type: 'redirect', source: 'a.example', target: 'b.example', message: 'over there' },
];

suite('answers', () => {
  test('the exact text of a mapping', () => {
    assert.equal(
      encodeLostAnswer(response()),
      '<?xml version="1.0" encoding="UTF-8"?>\n<findServiceResponse xmlns="urn:ietf:params:xml:ns:lost1">' +
        '<mapping expires="2026-11-22T03:04:05Z" lastUpdated="2026-01-02T03:04:05Z" source="waymark.default"' +
        ' sourceId="us-county-48113"><displayName xml:lang="en">Dallas &amp; County</displayName>' +
        '<service>urn:service:sos</service><serviceBoundaryReference source="waymark.default" key="us-county-48113"/>' +
        '<uri>sips:psap@example.com</uri><uri>sip:psap@example.com</uri><serviceNumber>911</serviceNumber></mapping>' +
        '<path><via source="waymark.default"/></path><locationUsed id="loc-1"/></findServiceResponse>',
    );
  });

  test('what keeps Kamailio alive: no comments, no prefixes on LoST elements, source on errors, a name in mappings', () => {
    for (const answer of ANSWERS) {
      const xml = encodeLostAnswer(answer);
      assert.doesNotMatch(xml, /<!--/);
      assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<[a-zA-Z]+ xmlns="urn:ietf:params:xml:ns:lost1"/);
      assert.doesNotMatch(xml, /='/);
      if (answer.type === 'errors') assert.match(xml, /<errors xmlns="[^"]+" source="a.example"><[a-zA-Z]+ /);
      if (xml.includes('<mapping')) assert.match(xml, /<displayName xml:lang="en">[^<]+<\/displayName>/);
    }
  });

  test('expires without a time', () => {
    assert.match(encodeLostAnswer(response({ expires: 'NO-CACHE' })), /expires="NO-CACHE"/);
    assert.match(encodeLostAnswer(response({ expires: 'NO-EXPIRATION' })), /expires="NO-EXPIRATION"/);
  });

  test('a region of several polygons with a hole comes back', () => {
    const ring = (size: number) => [
      { latitude: 0, longitude: 0 },
      { latitude: 0, longitude: size },
      { latitude: size, longitude: size },
    ];
    const serviceBoundaries = [
      {
        profile: 'geodetic-2d' as const,
        polygons: [
          { exterior: ring(9), interiors: [ring(1), ring(2)] },
          { exterior: ring(3), interiors: [] },
        ],
      },
    ];
    const answer = decodeLostAnswer(encodeLostAnswer(response({ serviceBoundaries })));
    assert.deepEqual(answer.type === 'findServiceResponse' && answer.mappings[0]?.serviceBoundaries, serviceBoundaries);
  });

  test('a region of which a part cannot be read is not taken for a larger one', () => {
    const CIVIC_NAMES = 'urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr';
    const boundariesOf = (content: string): unknown => {
      const answer = decodeLostAnswer(
        `<findServiceResponse xmlns="${LOST}" xmlns:g="http://www.opengis.net/gml"><mapping source="x.example"` +
          ' sourceId="1" expires="NO-EXPIRATION" lastUpdated="2026-01-01T00:00:00Z"><service>urn:service:sos</service>' +
          `<serviceBoundary>${content}</serviceBoundary></mapping><path><via source="x.example"/></path></findServiceResponse>`,
      );
      assert.ok(answer.type === 'findServiceResponse');
      return answer.mappings[0]?.serviceBoundaries;
    };
    const ring = (name: string, list: string): string =>
      `<g:${name}><g:LinearRing><g:posList>${list}</g:posList></g:LinearRing></g:${name}>`;
    const outer = ring('exterior', '0 0 0 9 9 9 0 0');
    assert.equal(boundariesOf(`<g:Polygon>${outer}${ring('interior', '1 1 2 many')}</g:Polygon>`), undefined);
    assert.equal(boundariesOf(`<g:Polygon srsName="EPSG:2277">${outer}</g:Polygon>`), undefined);
    const unknownElement = `<civicAddress xmlns="${CIVIC_NAMES}"><country>US</country><zone xmlns="urn:x">7</zone></civicAddress>`;
    assert.equal(boundariesOf(unknownElement), undefined);
    // The system of the collection is that of its polygons.
    const collected = `<g:polygonMember><g:Polygon>${ring('exterior', '-97 33 -97 34 -96 34')}</g:Polygon></g:polygonMember>`;
    assert.deepEqual(
      boundariesOf(`<g:MultiPolygon srsName="urn:ogc:def:crs:OGC:1.3:CRS84">${collected}</g:MultiPolygon>`),
      [
        {
          profile: 'geodetic-2d',
          polygons: [
            {
              exterior: [
                { latitude: 33, longitude: -97 },
                { latitude: 34, longitude: -97 },
                { latitude: 34, longitude: -96 },
              ],
              interiors: [],
            },
          ],
        },
      ],
    );
  });

  test('sloppy answers of others still help', () => {
    const answer = decodeLostAnswer(
      `<findServiceResponse xmlns="${LOST}"><mapping source="x.example" sourceId="1" expires="tomorrow">` +
        '<service>urn:service:sos</service><uri>sip:a@b</uri></mapping></findServiceResponse>',
    );
    assert.ok(answer.type === 'findServiceResponse');
    assert.deepEqual(answer.path, ['x.example']);
    assert.equal(answer.mappings[0]?.expires, 'NO-CACHE');
    assert.deepEqual(answer.mappings[0]?.uris, ['sip:a@b']);
    assert.deepEqual(answer.notes, [
      'mapping: unreadable lastUpdated undefined',
      'mapping: unreadable expires tomorrow, taken as NO-CACHE',
      'answer without path',
    ]);
    const errors = decodeLostAnswer(`<errors xmlns="${LOST}"><somethingNew message="m"/></errors>`);
    assert.deepEqual(errors.type === 'errors' && errors.exceptions, [
      { type: 'serverError', message: 'somethingNew m' },
    ]);
    assert.equal(problemOf(() => decodeLostAnswer('<html/>')).kind, 'unsupported-message');
  });

  test('an unusable location is not written', () => {
    const query = decodeLostQuery(
      findService(`<location id="p" profile="prism"/><location id="g" profile="geodetic-2d">${POINT}</location>`),
    );
    const again = decodeLostQuery(encodeLostQuery(query));
    assert.deepEqual(again.type === 'findService' && again.locations.map(({ id }) => id), ['g']);
  });
});
