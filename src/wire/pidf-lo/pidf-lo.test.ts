import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { assertValid } from '../../../test/support/xml-schemas.ts';
import type { ProblemError } from '../../domain/problem.ts';
import { decodePresence, encodeCivicAddress, encodePresence, encodeShape, preferredLocation } from './pidf-lo.ts';

const NAMESPACES =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"' +
  ' xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:gml="http://www.opengis.net/gml"' +
  ' xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"';

function geopriv(info: string): string {
  return `<gp:geopriv><gp:location-info>${info}</gp:location-info><gp:usage-rules/></gp:geopriv>`;
}

function presence(...locations: string[]): string {
  return `<presence ${NAMESPACES} entity="pres:a@example.com">${locations.join('')}</presence>`;
}

/** The shape read from one `location-info`, or the notes that tell why there is none. */
function readShape(info: string): unknown {
  const document = decodePresence(presence(`<tuple id="t"><status>${geopriv(info)}</status></tuple>`));
  return document.locations[0]?.shape ?? document.notes;
}

suite('shapes as people send them', () => {
  const center = { latitude: 33.5, longitude: -97.25 };

  test('in the GML namespace, with commas, in three dimensions, in other words for EPSG 4326', () => {
    for (const pos of ['33.5 -97.25', '33.5, -97.25', '33.5,-97.25', ' 33.5\n-97.25 ', '33.5 -97.25 120.5']) {
      assert.deepEqual(readShape(`<gml:Point><gml:pos>${pos}</gml:pos></gml:Point>`), {
        type: 'point',
        position: center,
      });
    }
    for (const srs of [
      'urn:ogc:def:crs:EPSG::4326',
      'urn:ogc:def::crs:EPSG::4326',
      'urn:ogc:def:crs:EPSG:4326',
      'EPSG:4326',
      'http://www.opengis.net/gml/srs/epsg.xml#4326',
      'http://www.opengis.net/def/crs/EPSG/0/4326',
      'urn:ogc:def:crs:EPSG::4979',
    ]) {
      const circle =
        `<gml:Circle srsName="${srs}"><gml:pos>33.5 -97.25</gml:pos>` +
        '<gml:radius uom="urn:ogc:def:uom:EPSG::9001"> 30 </gml:radius></gml:Circle>';
      assert.deepEqual(readShape(circle), { type: 'circle', center, radiusMeters: 30 });
    }
    const inSpace = '<gml:Point srsName="urn:ogc:def:crs:EPSG::4979"><gml:pos>33.5 -97.25 120.5</gml:pos></gml:Point>';
    assert.deepEqual(readShape(inSpace), { type: 'point', position: center, altitudeMeters: 120.5 });
    const lonLat = '<gml:Point srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>-97.25 33.5</gml:pos></gml:Point>';
    assert.deepEqual(readShape(lonLat), { type: 'point', position: center });
  });

  test('radians and feet', () => {
    const ellipse =
      '<gs:Ellipse><gml:pos>33.5 -97.25</gml:pos>' +
      '<gs:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9002">1000</gs:semiMajorAxis>' +
      '<gs:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">10</gs:semiMinorAxis>' +
      `<gs:orientation uom="urn:ogc:def:uom:EPSG::9101">${Math.PI}</gs:orientation></gs:Ellipse>`;
    assert.deepEqual(readShape(ellipse), {
      type: 'ellipse',
      center,
      semiMajorMeters: 304.8,
      semiMinorMeters: 10,
      orientationDegrees: 180,
    });
  });

  test('other units by their code; one that is not known is not taken silently', () => {
    const circle = (uom: string): string =>
      `<gs:Circle><gml:pos>33.5 -97.25</gml:pos><gs:radius uom="${uom}">2</gs:radius></gs:Circle>`;
    const radiusOf = (uom: string): unknown => (readShape(circle(uom)) as { radiusMeters?: number }).radiusMeters;
    assert.equal(radiusOf('urn:ogc:def:uom:EPSG::9036'), 2_000);
    assert.equal(radiusOf('urn:ogc:def:uom:EPSG::9093'), 2 * 1_609.344);
    assert.equal(radiusOf('urn:ogc:def:uom:EPSG::9003'), 2_400 / 3_937);
    const unknown = decodePresence(
      presence(`<tuple id="t"><status>${geopriv(circle('urn:ogc:def:uom:EPSG::9030'))}</status></tuple>`),
    );
    assert.deepEqual(unknown.locations[0]?.shape, { type: 'circle', center, radiusMeters: 2 });
    assert.deepEqual(unknown.notes, ['radius: unit urn:ogc:def:uom:EPSG::9030 is not known, not converted']);
  });

  test('rings open or closed, as pos, posList or coordinates', () => {
    const exterior = [
      { latitude: 1, longitude: 2 },
      { latitude: 1, longitude: 3 },
      { latitude: 2, longitude: 3 },
    ];
    for (const ring of [
      '<gml:pos>1 2</gml:pos><gml:pos>1 3</gml:pos><gml:pos>2 3</gml:pos>',
      '<gml:pos>1 2</gml:pos><gml:pos>1 3</gml:pos><gml:pos>2 3</gml:pos><gml:pos>1 2</gml:pos>',
      '<gml:posList>1 2 1 3 2 3</gml:posList>',
      '<gml:posList srsDimension="3">1 2 0 1 3 0 2 3 0 1 2 0</gml:posList>',
      '<gml:posList>1, 2, 1, 3, <!-- turn --> 2, 3</gml:posList>',
      '<gml:coordinates>1,2 1,3 2,3</gml:coordinates>',
    ]) {
      const polygon = `<gml:Polygon><gml:exterior><gml:LinearRing>${ring}</gml:LinearRing></gml:exterior></gml:Polygon>`;
      assert.deepEqual(readShape(polygon), { type: 'polygon', exterior }, ring);
    }
  });

  test('what lies nowhere is left out, and noted', () => {
    for (const [info, note] of [
      ['<gml:Point><gml:pos>91 0</gml:pos></gml:Point>', /no position in range: 91 0/],
      ['<gml:Point><gml:pos>0 181</gml:pos></gml:Point>', /no position in range/],
      ['<gml:Point><gml:pos>NaN 0</gml:pos></gml:Point>', /no position in range/],
      ['<gml:Point/>', /no position/],
      ['<gs:Circle><gml:pos>1 2</gml:pos></gs:Circle>', /no usable radius/],
      ['<gs:Circle><gml:pos>1 2</gml:pos><gs:radius>-1</gs:radius></gs:Circle>', /no usable radius/],
      ['<gml:Point srsName="urn:ogc:def:crs:EPSG::27700"><gml:pos>1 2</gml:pos></gml:Point>', /27700/],
      ['<gml:Polygon><gml:exterior><gml:posList>1 2 1 3</gml:posList></gml:exterior></gml:Polygon>', /three corners/],
    ] as const) {
      const notes = readShape(info);
      assert.ok(Array.isArray(notes));
      assert.match(String(notes[0]), note);
    }
  });
});

suite('documents with several locations', () => {
  const person = `<dm:person id="p">${geopriv('<gml:Point><gml:pos>3 3</gml:pos></gml:Point>')}</dm:person>`;
  const tuple = `<tuple id="t"><status>${geopriv('<gml:Point><gml:pos>2 2</gml:pos></gml:Point>')}</status></tuple>`;
  const device = `<dm:device id="d">${geopriv('<gml:Point><gml:pos>1 1</gml:pos></gml:Point>')}</dm:device>`;
  const empty = '<dm:device id="e"><dm:deviceID>mac:1234567890ab</dm:deviceID></dm:device>';

  test('all are given in document order; device is preferred to tuple to person (RFC 5491 §3 rule 8)', () => {
    const document = decodePresence(presence(person, tuple, empty, device));
    assert.deepEqual(
      document.locations.map(({ element, id }) => [element, id]),
      [
        ['person', 'p'],
        ['tuple', 't'],
        ['device', 'd'],
      ],
    );
    assert.deepEqual(document.notes, ['device e: no usable location']);
    assert.equal(preferredLocation(document)?.id, 'd');
    assert.equal(preferredLocation(decodePresence(presence(person, tuple)))?.id, 't');
    assert.equal(preferredLocation(decodePresence(presence(person)))?.id, 'p');
    assert.equal(preferredLocation(decodePresence(presence(empty))), undefined);
  });

  test('a compound location keeps both parts, and their order (rules 6 and 7)', () => {
    const point = '<gml:Point><gml:pos>1 1</gml:pos></gml:Point>';
    const civic = '<ca:civicAddress xml:lang="fr"><ca:FLR>2</ca:FLR></ca:civicAddress>';
    const [first] = decodePresence(
      presence(`<tuple id="t"><status>${geopriv(civic + point)}</status></tuple>`),
    ).locations;
    assert.deepEqual(first, {
      civic: { FLR: '2' },
      civicFirst: true,
      civicLanguage: 'fr',
      shape: { type: 'point', position: { latitude: 1, longitude: 1 } },
      element: 'tuple',
      id: 't',
    });
  });
});

suite('civic addresses', () => {
  test('elements nobody knows, and repeated ones, are told and not lost', () => {
    const civic =
      '<ca:civicAddress xmlns:x="http://x.example/"><ca:country>us</ca:country><ca:A1> T X </ca:A1><x:bridge>B 12</x:bridge>' +
      '<ca:RD>Main</ca:RD><ca:RD>Second</ca:RD><ca:FOO>1</ca:FOO><ca:FLR/></ca:civicAddress>';
    const document = decodePresence(presence(`<tuple id="t"><status>${geopriv(civic)}</status></tuple>`));
    assert.deepEqual(document.locations[0]?.civic, { country: 'US', A1: 'T X', RD: 'Main' });
    assert.deepEqual(document.notes, [
      'civicAddress: element {http://x.example/}bridge passed over: B 12',
      'civicAddress: repeated RD passed over: Second',
      'civicAddress: element {urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr}FOO passed over: 1',
    ]);
  });

  test('are written in schema order, extensions last in their namespace, house number suffixes kept', () => {
    assert.equal(
      encodeCivicAddress({ HNP: 'A', HNS: '½', HNO: '12', RD: 'Main & 1st', country: 'us', FLR: '' }, 'en'),
      '<civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" xml:lang="en"><country>US</country>' +
        '<RD>Main &amp; 1st</RD><HNO>12</HNO><HNS>½</HNS>' +
        '<cae:HNP xmlns:cae="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr:ext">A</cae:HNP></civicAddress>',
    );
  });
});

suite('writing', () => {
  test('a ring is closed, numbers have no exponent', () => {
    const exterior = [
      { latitude: 0, longitude: 1e-7 },
      { latitude: 1, longitude: 1 },
      { latitude: 1, longitude: 0 },
    ];
    assert.match(
      encodeShape({ type: 'polygon', exterior }),
      /<gml:LinearRing><gml:pos>0 0.0000001<\/gml:pos>.*<gml:pos>0 0.0000001<\/gml:pos><\/gml:LinearRing>/,
    );
  });

  test('ids that people chose alike, or like ours, stay unique', () => {
    const civic = { country: 'US' };
    const xml = encodePresence({
      entity: 'pres:a@example.com',
      locations: [{ id: 'location-2', civic }, { civic }, { id: 'a b', civic }, { id: 'a/b', civic }, { civic }],
    });
    assertValid('pidf-lo', xml);
    assert.equal(new Set([...xml.matchAll(/tuple id="([^"]+)"/g)].map(([, id]) => id)).size, 5);
    assert.match(xml, /tuple id="location-2"/);
  });

  test('presence has the default namespace', () => {
    assert.match(
      encodePresence({ entity: 'pres:a&b@example.com', locations: [{ civic: { country: 'US' } }] }),
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a&amp;b@/,
    );
  });

  test('where it was measured, and that the confidence is not known (RFC 7105 §4.4, RFC 7459 §4.1)', () => {
    const shape = { type: 'circle', center: { latitude: 1, longitude: 2 }, radiusMeters: 3 } as const;
    const xml = encodePresence({
      entity: 'pres:a@b.c',
      locations: [{ shape, method: 'Wiremap', source: ['device'], confidenceUnknown: true }],
    });
    assertValid('pidf-lo', xml);
    assert.match(
      xml,
      /<\/method><source xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:lmsrc">device<\/source><\/geopriv>/,
    );
    assert.match(xml, /confidence [^>]*>unknown</);
    const [read] = decodePresence(xml).locations;
    assert.deepEqual([read?.source, read?.confidenceUnknown], [['device'], true]);
    const point = { type: 'point', position: { latitude: 1, longitude: 2 } } as const;
    assert.doesNotMatch(
      encodePresence({ entity: 'pres:a@b.c', locations: [{ shape: point, confidenceUnknown: true }] }),
      /confidence/,
    );
  });

  test('another document is no presence', () => {
    assert.throws(
      () => decodePresence('<presence/>'),
      (error) => (error as ProblemError).kind === 'unsupported-message',
    );
  });
});
