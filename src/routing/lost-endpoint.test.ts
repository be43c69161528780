import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertValid } from '../../test/support/xml-schemas.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decodeLostAnswer, type ReadLostAnswer } from '../wire/lost/lost.ts';
import { createLostEndpoint } from './lost-endpoint.ts';
import { testSnapshot } from './test-snapshot.ts';

const snapshot = testSnapshot({
  boundaries: [
    {
      sourceId: '{b7d1}@psap.example',
      layer: 'state',
      source: 'psap.example',
      serviceUrn: 'urn:service:sos',
      uri: 'sip:denver@psap.example',
      displayName: 'Denver <911> & more',
      serviceNumber: '911',
      coordinates: [
        [
          [
            [-105.2, 39.5],
            [-104.6, 39.5],
            [-104.6, 40],
            [-105.2, 40],
            [-105.2, 39.5],
          ],
          [
            [-105, 39.6],
            [-104.9, 39.6],
            [-104.9, 39.7],
            [-105, 39.6],
          ],
        ],
      ],
      version: '1',
      updatedAt: '2026-03-04T05:06:07.890Z',
    },
  ],
});
const clock = createManualClock(Date.parse('2026-06-01T12:00:00.500Z'));
const handleLost = createLostEndpoint({
  snapshot: () => snapshot,
  clock,
  logger: createLogger('silent'),
  serverName: 'ecrf.example',
  mappingLifetimeMs: 3_600_000,
});

/** What memory answers is answered at once. */
function now<Answer extends object>(answer: Answer | Promise<Answer>): Answer {
  assert.ok(!(answer instanceof Promise));
  return answer;
}

/** Asks and checks what holds for every answer: HTTP 200, its media type, a document that the schema takes. */
function ask(query: string | Uint8Array): { answer: ReadLostAnswer; body: string } {
  const { body, contentType, status } = now(handleLost(Buffer.from(query)));
  assert.equal(status, 200);
  assert.equal(contentType, 'application/lost+xml;charset=utf-8');
  assertValid('lost', body);
  assert.doesNotMatch(body, /<!--/);
  return { answer: decodeLostAnswer(body), body };
}

const LOST = 'xmlns="urn:ietf:params:xml:ns:lost1"';
const GML = 'xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"';

function geodetic(latitude: number, longitude: number): string {
  return `<location id="l1" profile="geodetic-2d"><Point ${GML}><pos>${latitude} ${longitude}</pos></Point></location>`;
}

function civic(elements: string): string {
  const namespace = 'urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr';
  return `<location id="c1" profile="civic"><civicAddress xmlns="${namespace}">${elements}</civicAddress></location>`;
}

function findService(
  locations: string,
  options: { attributes?: string; service?: string; path?: string } = {},
): string {
  const { attributes = '', path = '', service = 'urn:service:sos' } = options;
  return `<findService ${LOST} ${attributes}>${locations}<service>${service}</service>${path}</findService>`;
}

function mappingOf(answer: ReadLostAnswer) {
  assert.equal(answer.type, 'findServiceResponse');
  assert.equal(answer.mappings.length, 1);
  const [mapping] = answer.mappings;
  assert.ok(mapping);
  return { answer, mapping };
}

function errorOf(answer: ReadLostAnswer): string {
  assert.equal(answer.type, 'errors');
  assert.equal(answer.source, 'ecrf.example');
  return answer.exceptions[0]?.type ?? '';
}

describe('findService', () => {
  test('by point, with everything that a mapping needs', () => {
    const { answer, mapping } = mappingOf(
      ask(findService(geodetic(29.7604, -95.3698), { service: 'urn:service:sos.police' })).answer,
    );
    assert.equal(mapping.sourceId, 'us-county-48201');
    assert.equal(mapping.source, 'waymark.default');
    assert.equal(mapping.service, 'urn:service:sos.police');
    assert.equal(mapping.displayNames[0]?.text, 'Harris County, Texas (county-level default, simulated PSAP)');
    assert.deepEqual(mapping.uris, ['sip:us-county-48201@127.0.0.1:5071']);
    assert.equal(mapping.serviceNumber, '911');
    assert.deepEqual(mapping.expires, new Date('2026-06-01T13:00:00.000Z'));
    assert.match(mapping.serviceBoundaryReference?.key ?? '', /^[0-9a-f]{32}$/);
    assert.equal(mapping.serviceBoundaryReference?.source, 'ecrf.example');
    assert.equal(answer.locationUsed, 'l1');
    assert.deepEqual(answer.path, ['ecrf.example']);
    assert.equal(answer.warnings, undefined);
  });

  test('an imported boundary, its name escaped, its time without fraction', () => {
    const { body, answer } = ask(findService(geodetic(39.9, -104.99)));
    assert.equal(mappingOf(answer).mapping.displayNames[0]?.text, 'Denver <911> & more');
    assert.match(body, /lastUpdated="2026-03-04T05:06:07Z" source="psap.example" sourceId="\{b7d1\}@psap.example"/);
  });

  test('by shape', () => {
    const circle =
      '<location id="s" profile="geodetic-2d"><Circle xmlns="http://www.opengis.net/pidflo/1.0" ' +
      'srsName="urn:ogc:def:crs:EPSG::4326"><pos xmlns="http://www.opengis.net/gml">43.65 -79.38</pos>' +
      '<radius uom="urn:ogc:def:uom:EPSG::9001">200</radius></Circle></location>';
    assert.equal(mappingOf(ask(findService(circle)).answer).mapping.sourceId, 'ca-province-on');
    const openRing =
      `<location id="s" profile="geodetic-2d"><Polygon ${GML}><exterior><LinearRing><posList>` +
      '18.44 -66.10 18.46 -66.10 18.45 -66.05</posList></LinearRing></exterior></Polygon></location>';
    assert.equal(mappingOf(ask(findService(openRing)).answer).mapping.sourceId, 'us-county-72127');
  });

  test('by address, validated, with the boundary as address and as outline', () => {
    const elements = '<country>US</country><A1>TX</A1><A2>Nowhere</A2><A3>Houston</A3><RD>Main</RD><PC>77002</PC>';
    const query = findService(civic(elements), { attributes: 'validateLocation="true" serviceBoundary="value"' });
    const { answer, mapping } = mappingOf(ask(query).answer);
    assert.equal(mapping.sourceId, 'us-county-48201');
    assert.deepEqual(
      mapping.serviceBoundaries?.map(({ profile }) => profile),
      ['civic', 'geodetic-2d'],
    );
    assert.deepEqual(answer.locationValidation, {
      valid: ['country', 'A1', 'A3', 'PC'],
      invalid: ['A2'],
      unchecked: ['RD'],
    });
  });

  test('a guess and a nearest boundary carry a warning', () => {
    for (const location of [civic('<country>US</country><A1>TX</A1>'), geodetic(44.6488, -63.5752)]) {
      const { answer } = mappingOf(ask(findService(location)).answer);
      assert.equal(answer.warnings?.[0]?.exceptions[0]?.type, 'defaultMappingReturned');
    }
  });

  test('validation of coordinates is said to be unavailable', () => {
    const query = findService(geodetic(29.7604, -95.3698), { attributes: 'validateLocation="true"' });
    const { answer } = mappingOf(ask(query).answer);
    assert.equal(answer.warnings?.[0]?.exceptions[0]?.type, 'locationValidationUnavailable');
  });

  test('the first location that is understood is used and named', () => {
    const odd = '<location id="x" profile="odd-profile"><thing/></location>';
    const { answer } = mappingOf(ask(findService(odd + geodetic(29.7604, -95.3698))).answer);
    assert.equal(answer.locationUsed, 'l1');
  });

  test('the way of the query is kept and continued', () => {
    const path = '<path><via source="resolver.example"/></path>';
    const { answer } = mappingOf(ask(findService(geodetic(29.7604, -95.3698), { path })).answer);
    assert.deepEqual(answer.path, ['resolver.example', 'ecrf.example']);
  });

  test('a boundary without an outline is answered by reference', () => {
    const query = findService(civic('<country>US</country><A1>VA</A1><A2>City of Falls Church</A2>'), {
      attributes: 'serviceBoundary="value"',
    });
    const { mapping } = mappingOf(ask(query).answer);
    assert.deepEqual(
      mapping.serviceBoundaries?.map(({ profile }) => profile),
      ['civic'],
    );
  });
});

describe('getServiceBoundary', () => {
  for (const [name, latitude, longitude, holes] of [
    ['of a county', 29.7604, -95.3698, 0],
    ['of many islands', 70, -80, 0],
    ['imported, with a hole', 39.9, -104.99, 1],
  ] as const) {
    test(name, () => {
      const { mapping } = mappingOf(ask(findService(geodetic(latitude, longitude))).answer);
      const key = mapping.serviceBoundaryReference?.key ?? '';
      const { answer } = ask(`<getServiceBoundary ${LOST} key="${key}"/>`);
      assert.equal(answer.type, 'getServiceBoundaryResponse');
      const outline = answer.serviceBoundaries.find(({ profile }) => profile === 'geodetic-2d');
      assert.ok(outline?.profile === 'geodetic-2d');
      assert.ok((outline.polygons[0]?.exterior.length ?? 0) >= 4);
      assert.equal(outline.polygons[0]?.interiors.length, holes);
    });
  }

  test('an unknown key is not found', () => {
    assert.equal(errorOf(ask(`<getServiceBoundary ${LOST} key="abc"/>`).answer), 'notFound');
  });
});

describe('listServices', () => {
  test('top level, children, and by location', () => {
    const top = ask(`<listServices ${LOST}/>`).answer;
    assert.equal(top.type, 'listServicesResponse');
    assert.deepEqual(top.services, ['urn:service:sos', 'urn:service:test.sos']);
    const children = ask(`<listServices ${LOST}><service>urn:service:sos</service></listServices>`).answer;
    assert.equal(children.type, 'listServicesResponse');
    assert.equal(children.services.length, 9);
    assert.ok(children.services.includes('urn:service:sos.police'));
    const here = ask(
      `<listServicesByLocation ${LOST}>${geodetic(18.34, -64.93)}<service>urn:service:sos</service></listServicesByLocation>`,
    ).answer;
    assert.equal(here.type, 'listServicesByLocationResponse');
    assert.deepEqual(here.services, children.services);
    assert.equal(here.locationUsed, 'l1');
  });

  test('nothing is offered where nothing is known', () => {
    const query = `<listServicesByLocation ${LOST}>${geodetic(51.5, 0)}</listServicesByLocation>`;
    assert.equal(errorOf(ask(query).answer), 'notFound');
    const unknown = `<listServices ${LOST}><service>urn:service:dns</service></listServices>`;
    assert.equal(errorOf(ask(unknown).answer), 'serviceNotImplemented');
  });
});

describe('errors', () => {
  for (const [name, query, type] of [
    ['outside coverage', findService(geodetic(51.5, 0.1)), 'notFound'],
    [
      'a service that is none',
      findService(geodetic(29.7, -95.3), { service: 'urn:service:dns' }),
      'serviceNotImplemented',
    ],
    ['a latitude of 91', findService(geodetic(91, -95.3)), 'locationInvalid'],
    ['a projection', findService(geodetic(29.7, -95.3)).replace('EPSG::4326', 'EPSG::2277'), 'SRSInvalid'],
    [
      'an unknown profile only',
      findService('<location id="x" profile="odd"><thing/></location>'),
      'locationProfileUnrecognized',
    ],
    ['a country without data', findService(civic('<country>GB</country>')), 'notFound'],
    ['no XML', 'garbage', 'badRequest'],
    ['nothing', '', 'badRequest'],
    ['another message', `<findServiceRequest ${LOST}/>`, 'badRequest'],
    ['a DOCTYPE', `<!DOCTYPE x [<!ENTITY a "b">]>${findService(geodetic(29.7, -95.3))}`, 'badRequest'],
    ['deep nesting', '<a>'.repeat(100_000), 'badRequest'],
    ['a giant', ' '.repeat(50_000_000), 'badRequest'],
  ] as const) {
    test(name, () => assert.equal(errorOf(ask(query).answer), type));
  }

  test('bytes that are no UTF-8', () => {
    assert.equal(errorOf(ask(Buffer.from([0x3c, 0xff, 0xfe, 0x00])).answer), 'badRequest');
  });

  test('our own failure is bland outside and whole in the log, under one id', () => {
    const lines: { id: string; err: string }[] = [];
    const broken = createLostEndpoint({
      snapshot: () => {
        throw new TypeError('inner detail');
      },
      clock,
      logger: { ...createLogger('silent'), error: (line: { id: string; err: string }) => lines.push(line) } as never,
      serverName: 'ecrf.example',
      mappingLifetimeMs: 1,
    });
    const { body, status } = now(broken(Buffer.from(findService(geodetic(29.7, -95.3)))));
    assert.equal(status, 200);
    assertValid('lost', body);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.err, 'inner detail');
    assert.match(body, new RegExp(`<internalError message="internal error ${lines[0]?.id ?? ''}"`));
    assert.doesNotMatch(body, /inner detail/);
  });
});
