/** LoST under odd requests: every answer is a document of RFC 5222 that can be read, and none of them an error of ours. */
import fc from 'fast-check';
import { ProblemError } from '../../../src/domain/problem.ts';
import { decodeLostAnswer } from '../../../src/wire/lost/lost.ts';
import type { RunningPlatform } from '../run-platform.ts';
import { assertValid } from '../xml-schemas.ts';
import { type FuzzReport, type FuzzRequest, fuzzDoor } from './fuzz-door.ts';
import { changed, mutated, readExamples } from './xml-documents.ts';

const VALIDATE_EVERY = 50;
const PLACES = ['30.26 -97.74', '18.46 -66.1', '51.88 -176.65', '43.65 -79.38', '0 0', '-14.27 -170.7'];

const shapes = (place: string): string[] => [
  `<g:Point srsName="urn:ogc:def:crs:EPSG::4326"><g:pos>${place}</g:pos></g:Point>`,
  `<s:Circle srsName="urn:ogc:def:crs:EPSG::4326"><g:pos>${place}</g:pos><s:radius uom="urn:ogc:def:uom:EPSG::9001">850.24</s:radius></s:Circle>`,
  `<s:Ellipse srsName="urn:ogc:def:crs:EPSG::4326"><g:pos>${place}</g:pos><s:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9001">5000</s:semiMajorAxis>` +
    '<s:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">90</s:semiMinorAxis><s:orientation uom="urn:ogc:def:uom:EPSG::9102">45</s:orientation></s:Ellipse>',
  `<s:ArcBand srsName="urn:ogc:def:crs:EPSG::4326"><g:pos>${place}</g:pos><s:innerRadius uom="urn:ogc:def:uom:EPSG::9001">10</s:innerRadius>` +
    '<s:outerRadius uom="urn:ogc:def:uom:EPSG::9001">9000</s:outerRadius><s:startAngle uom="urn:ogc:def:uom:EPSG::9102">-17</s:startAngle>' +
    '<s:openingAngle uom="urn:ogc:def:uom:EPSG::9102">353</s:openingAngle></s:ArcBand>',
  '<g:Polygon srsName="urn:ogc:def:crs:EPSG::4326"><g:exterior><g:LinearRing><g:pos>30 -98</g:pos><g:pos>31 -98</g:pos><g:pos>30 -97</g:pos>' +
    '<g:pos>31 -97</g:pos><g:pos>30 -98</g:pos></g:LinearRing></g:exterior></g:Polygon>',
];

const CIVIC =
  '<c:civicAddress><c:country>US</c:country><c:A1>TX</c:A1><c:A3>Austin</c:A3><c:RD>Congress</c:RD><c:STS>Ave</c:STS><c:HNO>100</c:HNO>' +
  '<c:PC>78701</c:PC></c:civicAddress>';

const location = (profile: string, inner: string): string =>
  `<location id="l1" profile="${profile}">${inner}</location>`;
const LOCATIONS = [
  ...PLACES.flatMap(shapes).map((shape) => location('geodetic-2d', shape)),
  location('civic', CIVIC),
  location('civic', CIVIC).replace('l1', 'l0') + location('geodetic-2d', shapes('30.26 -97.74')[0] ?? ''),
];

const open = (name: string, attributes: string): string =>
  `<${name} xmlns="urn:ietf:params:xml:ns:lost1" xmlns:g="http://www.opengis.net/gml" xmlns:s="http://www.opengis.net/pidflo/1.0" ` +
  `xmlns:c="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"${attributes}>`;

const SERVICES = [
  'urn:service:sos',
  'urn:service:sos.police',
  'urn:emergency:service:sos.psap',
  'urn:service:counseling',
];

const QUERIES = LOCATIONS.flatMap((one, index) => [
  `${open('findService', ` serviceBoundary="${index % 2 === 0 ? 'value' : 'reference'}" validateLocation="${index % 3 === 0}" recursive="true"`)}${one}` +
    `<service>${SERVICES[index % SERVICES.length]}</service></findService>`,
  `${open('listServicesByLocation', '')}${one}<service>urn:service:sos</service></listServicesByLocation>`,
]);

const documents = [
  ...[...QUERIES, `${open('listServices', '')}<service>urn:service:sos</service></listServices>`].map((text) =>
    Buffer.from(text),
  ),
  ...readExamples('lost'),
];
const bodies = fc.oneof({ weight: 3, arbitrary: changed(documents) }, { weight: 1, arbitrary: mutated(documents) });

const requests = fc
  .tuple(
    fc.constantFrom('/LoST', '/lost'),
    bodies,
    fc.constantFrom('application/lost+xml;charset=utf-8', 'application/json', 'text/xml', ''),
  )
  .map(([path, body, contentType]): FuzzRequest => ({ path, contentType, body }));

export function fuzzLost(
  platform: RunningPlatform,
  how: { count: number; seed: number; say(text: string): void },
): Promise<FuzzReport> {
  return fuzzDoor({
    baseUrl: platform.http,
    pid: platform.pid,
    requests,
    ...how,
    isGood: ({ body }) => !body.includes('<errors'),
    faultOf(_request, { status, body }, place) {
      // RFC 5222 §14: errors of the protocol travel in 200 too.
      if (status !== 200) return `status ${status} (${body})`;
      try {
        if (place % VALIDATE_EVERY === 0) assertValid('lost', body);
        const answer = decodeLostAnswer(body);
        const isOurs =
          answer.type === 'errors' &&
          answer.exceptions.some(({ type }) => type === 'internalError' || type === 'serverError');
        return isOurs ? `an error of ours: ${body}` : undefined;
      } catch (error) {
        if (error instanceof ProblemError) return `an answer that cannot be read (${error.message}): ${body}`;
        return String(error);
      }
    },
  });
}
