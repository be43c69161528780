import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertValid } from '../../test/support/xml-schemas.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decodeLostAnswer, type ReadLostAnswer } from '../wire/lost/lost.ts';
import type { CivicValidator } from './civic-validator.ts';
import { createLostEndpoint, type LostEndpoint, type LostEndpointDeps } from './lost-endpoint.ts';
import { toServerName } from './lost-path.ts';
import { testSnapshot } from './test-snapshot.ts';

const SQUARE = [
  [-105.2, 39.5],
  [-104.6, 39.5],
  [-104.6, 40],
  [-105.2, 40],
  [-105.2, 39.5],
] as const;
const boundaries: NonNullable<NonNullable<Parameters<typeof testSnapshot>[0]>['boundaries']> = [
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
        SQUARE,
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
];
const snapshot = testSnapshot({ boundaries });
const clock = createManualClock(Date.parse('2026-06-01T12:00:00.500Z'));
const deps: LostEndpointDeps = {
  snapshot: () => snapshot,
  clock,
  logger: createLogger('silent'),
  serverName: 'ecrf.example',
  mappingLifetimeMs: 3_600_000,
};
const handleLost = createLostEndpoint(deps);

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

describe('validation of addresses', () => {
  const ELEMENTS = '<country>US</country><A1>TX</A1><A3>Astin</A3><RD>Main</RD><PC>78701</PC>';
  const wish = (attributes = ''): string =>
    findService(civic(ELEMENTS), { attributes: `validateLocation="true" ${attributes}` });

  async function askLater(query: string, more: Partial<LostEndpointDeps>): Promise<ReadLostAnswer> {
    const later = await createLostEndpoint({ ...deps, ...more })(Buffer.from(query));
    assertValid('lost', later.body);
    return decodeLostAnswer(later.body);
  }

  const validateCivic: CivicValidator = () =>
    Promise.resolve({
      valid: ['country', 'PC'],
      invalid: ['A3'],
      unchecked: ['RD'],
      similar: [{ country: 'US', A1: 'TX', A3: 'Austin', RD: 'Main', PC: '78701' }],
      completed: { country: 'US', A1: 'TX', A2: 'Travis', A3: 'Austin' },
    });

  test('the verdict of the check, then what the lookup used, and what may have been meant', async () => {
    const answer = await askLater(wish(), { validateCivic });
    assert.ok(answer.type === 'findServiceResponse');
    assert.deepEqual(answer.locationValidation, {
      valid: ['country', 'A1', 'PC'],
      invalid: ['A3'],
      unchecked: ['RD'],
      similar: [{ country: 'US', A1: 'TX', A3: 'Austin', RD: 'Main', PC: '78701' }],
    });
  });

  test('other addresses are left out for who does not want them', async () => {
    for (const wanted of ['none', 'complete']) {
      const attributes = `xmlns:rli="urn:ietf:params:xml:ns:lost-rli1" rli:returnAdditionalLocation="${wanted}"`;
      const answer = await askLater(wish(attributes), { validateCivic });
      assert.ok(answer.type === 'findServiceResponse');
      assert.equal(answer.locationValidation?.similar, undefined);
    }
  });

  test('the whole address is completed where nothing in it is wrong', async () => {
    const completed = { country: 'US', A1: 'TX', A2: 'Travis', A3: 'Austin', PC: '78701' };
    const answer = await askLater(wish(), {
      validateCivic: () =>
        Promise.resolve({ valid: ['country', 'A1', 'A3', 'PC'], invalid: [], unchecked: [], completed }),
    });
    assert.ok(answer.type === 'findServiceResponse');
    assert.deepEqual(answer.locationValidation?.complete, completed);
  });

  test('a check that fails, or takes too long, costs the validation and not the mapping', async () => {
    const slow = createManualClock();
    for (const [clock, check] of [
      [deps.clock, () => Promise.reject(new Error('no data'))],
      [slow, () => new Promise<never>(() => slow.advance(10_000))],
    ] as const) {
      const later = askLater(wish(), { validateCivic: check, clock });
      slow.advance(10_000);
      const answer = await later;
      assert.ok(answer.type === 'findServiceResponse');
      assert.equal(answer.mappings.length, 1);
      assert.equal(answer.locationValidation, undefined);
      assert.equal(answer.warnings?.[0]?.exceptions[0]?.type, 'locationValidationUnavailable');
    }
  });
});

describe('services that are not known', () => {
  const HOUSTON = geodetic(29.7604, -95.3698);
  const exact = createLostEndpoint({ ...deps, substitution: 'exact' });

  test('are answered for their parent, with a warning, outside an ESInet', () => {
    const { answer, mapping } = mappingOf(ask(findService(HOUSTON, { service: 'urn:service:sos.dragons.big' })).answer);
    assert.equal(mapping.service, 'urn:service:sos');
    assert.equal(answer.warnings?.[0]?.source, 'ecrf.example');
    assert.deepEqual(answer.warnings?.[0]?.exceptions, [
      {
        type: 'serviceSubstitution',
        message: 'urn:service:sos.dragons.big is not known here; this is the mapping of urn:service:sos',
        language: 'en',
      },
    ]);
  });

  test('are refused inside one', () => {
    const query = findService(HOUSTON, { service: 'urn:service:sos.dragons' });
    assert.equal(errorOf(decodeLostAnswer(now(exact(Buffer.from(query))).body)), 'serviceNotImplemented');
  });

  test('a door with a rule of its own keeps to it, whatever the others do', () => {
    const query = Buffer.from(findService(HOUSTON, { service: 'urn:service:sos.dragons' }));
    const answerOf = (endpoint: LostEndpoint, substitution?: 'exact' | 'parent'): ReadLostAnswer =>
      decodeLostAnswer(now(endpoint(query, substitution)).body);
    const byParent = createLostEndpoint(deps);
    assert.equal(errorOf(answerOf(byParent, 'exact')), 'serviceNotImplemented');
    assert.equal(mappingOf(answerOf(byParent)).mapping.service, 'urn:service:sos');
    assert.equal(mappingOf(answerOf(exact, 'parent')).mapping.service, 'urn:service:sos');
    assert.equal(errorOf(answerOf(exact)), 'serviceNotImplemented');
  });

  test('those that are registered are known everywhere: an authority for a parent is one for the children', () => {
    for (const service of [
      'urn:service:sos.police',
      'urn:service:sos.ecall.manual',
      'urn:service:sos.country-specific.us.anything',
      'urn:service:test.sos.fire',
    ]) {
      const answer = decodeLostAnswer(now(exact(Buffer.from(findService(HOUSTON, { service })))).body);
      assert.equal(mappingOf(answer).mapping.service, service);
      assert.equal(mappingOf(answer).answer.warnings, undefined);
    }
    assert.equal(
      mappingOf(ask(findService(HOUSTON, { service: 'URN:service:SOS.Police' })).answer).mapping.service,
      'urn:service:sos.police',
    );
  });
});

describe('a boundary in which nobody provides the service (NENA i3)', () => {
  test('is an answer of an authority: the parent is not asked', () => {
    const [row] = boundaries;
    assert.ok(row);
    const none = testSnapshot({
      boundaries: [{ ...row, serviceUrn: 'urn:service:sos.mountain', uri: 'urn:emergency:servicenotimplemented' }],
    });
    const handle = createLostEndpoint({
      ...deps,
      snapshot: () => none,
      parent: { name: 'parent.example', url: 'http://parent.invalid/', post: () => assert.fail('asked') },
    });
    const query = (service: string): string =>
      findService(geodetic(39.9, -104.99), { service, attributes: 'recursive="true"' });
    const mountain = now(handle(Buffer.from(query('urn:service:sos.mountain'))));
    assert.equal(errorOf(decodeLostAnswer(mountain.body)), 'serviceNotImplemented');
    const fire = now(handle(Buffer.from(query('urn:service:sos.fire'))));
    assert.equal(mappingOf(decodeLostAnswer(fire.body)).mapping.source, 'waymark.default');
  });
});

describe('where the same services are offered (RFC 6197)', () => {
  const list = (type: string): string =>
    `<listServicesByLocation ${LOST}>${geodetic(18.34, -64.93)}` +
    `<slb:serviceListBoundaryRequest xmlns:slb="urn:ietf:params:xml:ns:lost1:slb" type="${type}"/></listServicesByLocation>`;

  test('by value', () => {
    const { answer } = ask(list('value'));
    assert.ok(answer.type === 'listServicesByLocationResponse');
    const [boundary] = answer.serviceListBoundaries ?? [];
    assert.equal(boundary?.profile, 'geodetic-2d');
    assert.deepEqual(boundary?.expires, new Date('2026-06-01T13:00:00.000Z'));
  });

  test('by reference, and what is behind it', () => {
    const { answer } = ask(list('reference'));
    assert.ok(answer.type === 'listServicesByLocationResponse');
    const { key, source } = answer.serviceListBoundaryReference ?? {};
    assert.equal(source, 'ecrf.example');
    const get = `<getServiceListBoundary xmlns="urn:ietf:params:xml:ns:lost1:slb" serviceListKey="${key}"/>`;
    const { body } = now(handleLost(Buffer.from(get)));
    const behind = decodeLostAnswer(body);
    assert.ok(behind.type === 'getServiceListBoundaryResponse');
    assert.deepEqual(behind.path, ['ecrf.example']);
    assert.ok(behind.serviceListBoundaries.length > 0);
    assert.equal(errorOf(ask(get.replace(/serviceListKey="[^"]+"/, 'serviceListKey="x"')).answer), 'notFound');
    assert.equal(errorOf(ask(get.replace(/serviceListKey="[^"]+"/, '')).answer), 'badRequest');
  });

  test('not without being asked', () => {
    const { answer } = ask(list('value').replace(/<slb.*?\/>/, ''));
    assert.ok(answer.type === 'listServicesByLocationResponse');
    assert.equal(answer.serviceListBoundaries ?? answer.serviceListBoundaryReference, undefined);
  });
});

describe('locations as people send them', () => {
  const inLocation = (shape: string): string =>
    findService(`<location id="s" profile="geodetic-2d">${shape}</location>`);
  const NS = 'xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"';

  for (const [name, shape, sourceId] of [
    [
      'a Circle in the GML namespace',
      `<Circle ${NS}><pos>29.76, -95.37</pos><radius>100</radius></Circle>`,
      'us-county-48201',
    ],
    [
      'an Ellipse in the GML namespace, with commas',
      `<Ellipse ${NS}><pos>29.76,-95.37</pos><semiMajorAxis>100</semiMajorAxis><semiMinorAxis>50</semiMinorAxis>` +
        '<orientation>0</orientation></Ellipse>',
      'us-county-48201',
    ],
    [
      'a ring that crosses itself',
      `<Polygon ${NS}><exterior><LinearRing><posList>29.7 -95.4 29.8 -95.3 29.7 -95.3 29.8 -95.4 29.7 -95.4</posList>` +
        '</LinearRing></exterior></Polygon>',
      'us-county-48201',
    ],
    ['a Point in three dimensions', `<Point ${NS}><pos>29.76 -95.37 12.5</pos></Point>`, 'us-county-48201'],
  ] as const) {
    test(name, () => assert.equal(mappingOf(ask(inLocation(shape)).answer).mapping.sourceId, sourceId));
  }

  for (const [name, shape, pattern] of [
    ['latitude and longitude exchanged, out of range', `<Point ${NS}><pos>-95.37 29.76</pos></Point>`, /exchanged/],
    [
      'latitude and longitude exchanged, in range: Tampa in the Antarctic',
      `<Point ${NS}><pos>-82.46 27.95</pos></Point>`,
      /Hillsborough County.*latitude comes first/,
    ],
    ['a circle of it', `<Circle ${NS}><pos>-82.46 27.95</pos><radius>50</radius></Circle>`, /Hillsborough County/],
    ['not a number', `<Point ${NS}><pos>NaN NaN</pos></Point>`, /not all of it are numbers/],
    ['infinity', `<Point ${NS}><pos>INF 1e999</pos></Point>`, /no position/],
    ['one number', `<Point ${NS}><pos>29.76</pos></Point>`, /no position/],
    ['a negative radius', `<Circle ${NS}><pos>29.76 -95.37</pos><radius>-1</radius></Circle>`, /radius/],
    ['no radius', `<Circle ${NS}><pos>29.76 -95.37</pos></Circle>`, /radius/],
    [
      'two corners',
      `<Polygon ${NS}><exterior><LinearRing><posList>29 -95 30 -95</posList></LinearRing></exterior></Polygon>`,
      /three corners/,
    ],
  ] as const) {
    test(`${name}: locationInvalid, and why`, () => {
      const { answer } = ask(inLocation(shape));
      assert.equal(errorOf(answer), 'locationInvalid');
      assert.match((answer.type === 'errors' && answer.exceptions[0]?.message) || '', pattern);
    });
  }

  const posList = (corners: number): string =>
    Array.from({ length: corners }, (_, i) => {
      const angle = (i / corners) * 2 * Math.PI;
      return `${(29.76 + 0.01 * Math.sin(angle)).toFixed(5)} ${(-95.37 + 0.01 * Math.cos(angle)).toFixed(5)}`;
    }).join(' ');
  const polygon = (corners: number): string =>
    inLocation(
      `<Polygon ${NS}><exterior><LinearRing><posList>${posList(corners)}</posList></LinearRing></exterior></Polygon>`,
    );

  test('ten thousand corners are answered, a hundred thousand are refused and told so', () => {
    assert.equal(mappingOf(ask(polygon(10_000)).answer).mapping.sourceId, 'us-county-48201');
    const { answer } = ask(polygon(100_000));
    assert.equal(errorOf(answer), 'badRequest');
    assert.match((answer.type === 'errors' && answer.exceptions[0]?.message) || '', /larger than 262144 bytes/);
  });

  for (const [name, shape] of [
    [
      'a circle over half the world around a point in the Atlantic',
      `<Circle ${NS}><pos>30 -40</pos><radius>9000000</radius></Circle>`,
    ],
    [
      'an ellipse',
      `<Ellipse ${NS}><pos>30 -50</pos><semiMajorAxis>5000000</semiMajorAxis><semiMinorAxis>3000000</semiMinorAxis><orientation>90</orientation></Ellipse>`,
    ],
    [
      'an arc band',
      `<ArcBand ${NS}><pos>30 -50</pos><innerRadius>1000</innerRadius><outerRadius>6000000</outerRadius><startAngle>180</startAngle><openingAngle>180</openingAngle></ArcBand>`,
    ],
    [
      'a polygon around the North Atlantic',
      `<Polygon ${NS}><exterior><LinearRing><posList>20 -80 20 -10 60 -10 60 -80</posList></LinearRing></exterior></Polygon>`,
    ],
    [
      'a polygon over the antimeridian',
      `<Polygon ${NS}><exterior><LinearRing><posList>40 150 40 -160 65 -160 65 150</posList></LinearRing></exterior></Polygon>`,
    ],
  ] as const) {
    test(`as large as a continent: ${name}`, () => {
      const { answer } = mappingOf(ask(inLocation(shape)).answer);
      assert.equal(answer.warnings?.[0]?.exceptions[0]?.type, 'defaultMappingReturned');
    });
  }
});

describe('names of servers', () => {
  test('what is no name is not echoed', () => {
    const path = '<path><via source="localhost"/><via source="a.example"/><via source="b c.example"/></path>';
    const { answer } = mappingOf(ask(findService(geodetic(29.7604, -95.3698), { path })).answer);
    assert.deepEqual(answer.path, ['a.example', 'ecrf.example']);
  });

  test('a name is made of what is none', () => {
    assert.equal(toServerName('ecrf.example.com'), 'ecrf.example.com');
    assert.equal(toServerName('localhost'), 'localhost.invalid');
    assert.equal(toServerName('[2001:db8::1]'), '2001-db8-1.invalid');
    assert.equal(toServerName('ecrf_1.example.'), 'ecrf-1-example.invalid');
    assert.equal(toServerName('::'), 'lost.invalid');
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

describe('a boundary that was replaced', () => {
  test('is found by its key if it was lately given by value, and not else', () => {
    const [row] = boundaries;
    assert.ok(row);
    const moved = testSnapshot({
      boundaries: [{ ...row, version: '2', coordinates: [[SQUARE.map(([x, y]) => [x, y + 0.001])]] }],
    });
    const keyOf = (handle: typeof handleLost): string => {
      const { mapping } = mappingOf(
        decodeLostAnswer(now(handle(Buffer.from(findService(geodetic(39.9, -104.99))))).body),
      );
      return mapping.serviceBoundaryReference?.key ?? '';
    };
    let current = snapshot;
    const handle = createLostEndpoint({ ...deps, snapshot: () => current });
    const get = (key: string): ReadLostAnswer =>
      decodeLostAnswer(now(handle(Buffer.from(`<getServiceBoundary ${LOST} key="${key}"/>`))).body);
    const before = keyOf(handle);
    const first = get(before);
    assert.equal(first.type, 'getServiceBoundaryResponse');
    current = moved;
    assert.notEqual(keyOf(handle), before);
    assert.deepEqual(get(before), first);
    const other = createLostEndpoint({ ...deps, snapshot: () => moved });
    const answer = now(other(Buffer.from(`<getServiceBoundary ${LOST} key="${before}"/>`)));
    assert.equal(errorOf(decodeLostAnswer(answer.body)), 'notFound');
  });
});
