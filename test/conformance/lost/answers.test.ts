/** The queries that RFC 5222, RFC 6197 and RFC 6451 print, answered as they say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLostEndpoint, type LostEndpointDeps } from '../../../src/routing/lost-endpoint.ts';
import { testSnapshot } from '../../../src/routing/test-snapshot.ts';
import { createLogger } from '../../../src/support/logger.ts';
import { createManualClock } from '../../../src/support/manual-clock.ts';
import { decodeLostAnswer, type LostMapping, type ReadLostAnswer } from '../../../src/wire/lost/lost.ts';
import { assertValid } from '../../support/xml-schemas.ts';

const EXAMPLES = join(import.meta.dirname, 'examples');
const names = readdirSync(EXAMPLES);

function example(start: string): Buffer {
  const name = names.find((one) => one.startsWith(`${start}-`));
  assert.ok(name, start);
  return readFileSync(join(EXAMPLES, name));
}

/** The police of Figure 1, in the region of Figure 2, whose northern edge is moved by 100 m: the caller stands on it. */
const snapshot = testSnapshot({
  boundaries: [
    {
      sourceId: '7e3f40b098c711dbb6060800200c9a66',
      layer: 'police',
      source: 'authoritative.example',
      serviceUrn: 'urn:service:sos.police',
      uri: 'sip:nypd@example.com',
      displayName: 'New York City Police Department',
      serviceNumber: '911',
      coordinates: [
        [
          [
            [-122.4194, 37.776],
            [-122.4194, 37.555],
            [-122.4264, 37.555],
            [-122.4264, 37.776],
            [-122.4194, 37.776],
          ],
        ],
      ],
      version: '1',
      updatedAt: '2006-11-01T01:00:00.000Z',
    },
  ],
});
const EXPIRES = Date.parse('2007-01-01T01:44:33Z');
const DEPS: LostEndpointDeps = {
  snapshot: () => snapshot,
  clock: createManualClock(EXPIRES - 3_600_000),
  logger: createLogger('silent'),
  serverName: 'authoritative.example',
  mappingLifetimeMs: 3_600_000,
};

async function ask(query: Buffer, more: Partial<LostEndpointDeps> = {}): Promise<ReadLostAnswer> {
  const { body, status } = await createLostEndpoint({ ...DEPS, ...more })(query);
  assert.equal(status, 200);
  assertValid('lost', body);
  return decodeLostAnswer(body);
}

/** The query comes through a resolver. */
function viaResolver(query: Buffer): Buffer {
  return Buffer.from(query.toString().replace('</service>', '</service><path><via source="resolver.example"/></path>'));
}

describe('as the authoritative server', () => {
  test('Figures 1 and 2: a mapping with its boundary by value', async () => {
    const answer = await ask(viaResolver(example('rfc5222-01')));
    const printed = decodeLostAnswer(example('rfc5222-02'));
    assert.ok(answer.type === 'findServiceResponse' && printed.type === 'findServiceResponse');
    const { serviceBoundaries, ...mapping } = answer.mappings[0] as LostMapping;
    const { serviceBoundaries: _, uris, ...printedMapping } = printed.mappings[0] as LostMapping;
    assert.deepEqual(mapping, { ...printedMapping, uris: [uris[0]] });
    assert.deepEqual(
      serviceBoundaries?.map(({ profile }) => profile),
      ['geodetic-2d'],
    );
    assert.deepEqual(answer.path, printed.path);
    assert.equal(answer.locationUsed, printed.locationUsed);
  });

  test('Figures 7 to 10: the boundary by reference, and what is behind it', async () => {
    const answer = await ask(viaResolver(example('rfc5222-07')));
    assert.ok(answer.type === 'findServiceResponse');
    const reference = answer.mappings[0]?.serviceBoundaryReference;
    assert.equal(reference?.source, 'authoritative.example');
    assert.match(reference?.key ?? '', /^[0-9a-f]{32}$/);
    const query = example('rfc5222-09')
      .toString()
      .replace('7214148E0433AFE2FA2D48003D31172E', reference?.key ?? '');
    const boundary = await ask(Buffer.from(query));
    assert.ok(boundary.type === 'getServiceBoundaryResponse');
    assert.equal(boundary.serviceBoundaries[0]?.profile, 'geodetic-2d');
    // The key of the RFC is of a boundary that is not there (any more).
    const gone = await ask(example('rfc5222-09'));
    assert.deepEqual(gone.type === 'errors' && gone.exceptions[0]?.type, 'notFound');
  });

  test('Figures 11 and 12: the services below sos', async () => {
    const answer = await ask(example('rfc5222-11'));
    const printed = decodeLostAnswer(example('rfc5222-12'));
    assert.ok(answer.type === 'listServicesResponse' && printed.type === 'listServicesResponse');
    assert.deepEqual(answer.services, printed.services.toSorted());
    assert.deepEqual(answer.path, printed.path);
  });

  test('Figures 15 and 16: a profile that is not known is passed over for the baseline profile beside it', async () => {
    const answer = await ask(viaResolver(example('rfc5222-15')));
    assert.ok(answer.type === 'findServiceResponse');
    assert.equal(answer.locationUsed, 'DEF 345');
    assert.equal(answer.mappings[0]?.service, 'urn:service:sos.police');
    assert.equal(answer.mappings[0]?.serviceBoundaries?.[0]?.profile, 'geodetic-2d');
    assert.deepEqual(answer.path, ['resolver.example', 'authoritative.example']);
  });

  for (const number of ['01', '02', '03', '04', '05', '06']) {
    test(`RFC 6451, example ${number}: a service that is none of ours`, async () => {
      const answer = await ask(example(`rfc6451-${number}`));
      assert.equal(answer.type === 'errors' && answer.exceptions[0]?.type, 'serviceNotImplemented');
    });
  }
});

/** Queries for places that are not ours go to the server that the RFC has answer them, and its answer comes back whole. */
describe('as the resolver', () => {
  const pairs: readonly [string, string, string, string, string][] = [
    ['Figures 3 and 4', 'rfc5222-03', 'rfc5222-04', 'esgw.ueber-110.de.example', 'polizei.muenchen.de.example'],
    ['Figures 5 and 6', 'rfc5222-05', 'rfc5222-06', 'resolver.example', 'authoritative.example'],
    ['Figures 13 and 14', 'rfc5222-13', 'rfc5222-14', 'resolver.example', 'authoritative.example'],
    ['Figure 17, an error', 'rfc5222-03', 'rfc5222-17', 'resolver.example', 'authoritative.example'],
    ['Figure 18, a warning', 'rfc5222-03', 'rfc5222-18', 'resolver.example', 'authoritative.example'],
    ['Figure 19, a redirect', 'rfc5222-03', 'rfc5222-19', 'resolver.example', 'authoritative.example'],
    ['RFC 6197 §3.1 by value', 'rfc6197-01', 'rfc6197-02', 'resolver.example', 'authoritative.example'],
    ['RFC 6197 §3.1 by reference', 'rfc6197-01', 'rfc6197-03', 'resolver.example', 'authoritative.example'],
  ];
  for (const [what, query, printed, serverName, parentName] of pairs) {
    test(what, async () => {
      const sent: string[] = [];
      const answer = await ask(example(query), {
        serverName,
        parent: {
          name: parentName,
          url: 'http://parent.invalid/',
          post: (body) => {
            sent.push(body);
            return Promise.resolve(example(printed));
          },
        },
      });
      const [forwarded = ''] = sent;
      assertValid('lost', forwarded);
      assert.match(forwarded, new RegExp(`<path><via source="${serverName}"/></path>`));
      if (query.startsWith('rfc6197')) assert.match(forwarded, /serviceListBoundaryRequest [^>]*type="value"/);
      const { notes: _, ...expected } = decodeLostAnswer(example(printed));
      // The warning of Figure 18 does not say which location it used; there was one only.
      const used = printed === 'rfc5222-18' ? { locationUsed: '627b8bf819d0bad4d' } : {};
      assert.deepEqual(answer, { ...expected, ...used, notes: [] });
    });
  }
});
