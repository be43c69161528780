/** Whatever is asked, and whatever another server answers: what the LoST door writes is valid, and never a surprise. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createLostEndpoint } from '../../src/routing/lost-endpoint.ts';
import { repairAnswer } from '../../src/routing/repair-answer.ts';
import { samplePositions } from '../../src/routing/sample-shape.ts';
import { testSnapshot } from '../../src/routing/test-snapshot.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { decodeLostAnswer, encodeLostAnswer, encodeLostQuery, type LostQuery } from '../../src/wire/lost/lost.ts';
import { civicAddress, lostAnswer, lostQuery, shape } from '../support/wire-arbitraries.ts';
import { assertValid } from '../support/xml-schemas.ts';

const RUNS = { numRuns: 400, seed: 5222 };
const snapshot = testSnapshot();
const handleLost = createLostEndpoint({
  snapshot: () => snapshot,
  clock: createManualClock(),
  logger: createLogger('silent'),
  serverName: 'ecrf.example',
  mappingLifetimeMs: 3_600_000,
});

/** Most places there are lie in the sea: half of the points are put where people live. */
const here = fc.record({
  latitude: fc.double({ min: 24, max: 55, noNaN: true }),
  longitude: fc.double({ min: -125, max: -66, noNaN: true }),
});
const query: fc.Arbitrary<LostQuery> = fc.tuple(lostQuery, here, fc.boolean()).map(([asked, position, moved]) => {
  if (!moved || !('locations' in asked)) return asked;
  const value = { profile: 'geodetic-2d' as const, shape: { type: 'point' as const, position } };
  return { ...asked, locations: [{ id: 'here', value }] };
});

function ask(asked: LostQuery): string {
  const answer = handleLost(Buffer.from(encodeLostQuery(asked)));
  assert.ok(!(answer instanceof Promise), 'nothing is waited for');
  assert.equal(answer.status, 200);
  return answer.body;
}

describe('the LoST door', () => {
  test('answers every query with a valid document, in its own name, for a location that was sent', () => {
    fc.assert(
      fc.property(query, (asked) => {
        const body = ask(asked);
        assertValid('lost', body);
        const answer = decodeLostAnswer(body);
        assert.deepEqual(answer.notes, []);
        if ('path' in answer && 'path' in asked) assert.deepEqual(answer.path, [...asked.path, 'ecrf.example']);
        if (answer.type === 'errors') assert.equal(answer.source, 'ecrf.example');
        if (answer.type !== 'findServiceResponse' || !('locations' in asked)) return;
        assert.ok(asked.locations.some(({ id }) => id === answer.locationUsed));
        for (const [, expires = ''] of body.matchAll(/ expires="([^"]*)"/g)) {
          assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        }
      }),
      RUNS,
    );
  });

  test('every element of an address is in one list of its validation, or in none of them', () => {
    fc.assert(
      fc.property(civicAddress, (civic) => {
        const answer = decodeLostAnswer(
          ask({
            type: 'findService',
            locations: [{ id: 'c', value: { profile: 'civic', civic: { ...civic, country: 'US', A1: 'TX' } } }],
            service: 'urn:service:sos',
            recursive: true,
            validateLocation: true,
            serviceBoundary: 'reference',
            path: [],
          }),
        );
        assert.ok(answer.type === 'findServiceResponse');
        const { invalid = [], unchecked = [], valid = [] } = answer.locationValidation ?? {};
        const listed = [...valid, ...invalid, ...unchecked];
        assert.equal(new Set(listed).size, listed.length);
        assert.ok(listed.every((element) => element === 'country' || element === 'A1' || civic[element] !== undefined));
      }),
      RUNS,
    );
  });
});

describe('answers of other servers', () => {
  const odd = fc.constantFrom('', 'localhost', 'a b.example', 'x_y.example', 'good.example', '<&>"');

  test('are valid when they are passed on, whatever names, languages and numbers they came with', () => {
    fc.assert(
      fc.property(
        lostAnswer,
        odd,
        odd,
        fc.constantFrom('', 'en', 'deutsch und mehr', 'x-'),
        (answer, name, other, language) => {
          const bad = JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
            if (key === 'source' || key === 'target') return key === 'source' ? name : value;
            if (key === 'language') return language;
            if (key === 'serviceNumber') return 'nine one one';
            if (key === 'uris') return ['sip:good@psap.example', other, `sip:${name}`, 'sip:%zz', '//no.scheme'];
            if (key === 'service') return other;
            if (key === 'path') return [other, name];
            if ((key === 'expires' || key === 'lastUpdated') && typeof value === 'string' && /^\d{4}-/.test(value))
              return new Date(value);
            return value;
          }) as typeof answer;
          const repaired = repairAnswer(bad, {
            parentName: 'parent.example',
            asked: ['a.example', 'b.example'],
            locationIds: ['l'],
            service: 'urn:service:sos',
          });
          const xml = encodeLostAnswer(repaired);
          assertValid('lost', xml);
          if ('path' in repaired) assert.deepEqual(repaired.path.slice(0, 2), ['a.example', 'b.example']);
          if (repaired.type !== 'findServiceResponse') return;
          assert.equal(repaired.locationUsed, 'l');
          assert.ok(
            repaired.mappings.every(({ service, uris }) => service === 'urn:service:sos' && !uris.includes(other)),
          );
        },
      ),
      RUNS,
    );
  });
});

describe('points all over a shape', () => {
  test('are in range, and not too many', () => {
    fc.assert(
      fc.property(shape, (any) => {
        const positions = samplePositions(any);
        assert.ok(positions.length > 0 && positions.length < 1_000);
        for (const { latitude, longitude } of positions) {
          assert.ok(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180, `${latitude} ${longitude}`);
        }
      }),
      RUNS,
    );
  });
});
