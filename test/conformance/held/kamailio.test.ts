/** A client of the field: Kamailio's `lost` module must stay alive and understand whatever the HELD encoders write. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  decodeHeldAnswer,
  encodeHeldError,
  encodeLocationResponse,
  HELD_ERROR_CODES,
} from '../../../src/wire/held/held.ts';
import {
  encodePresence,
  type PidfDocument,
  type PidfLocation,
  preferredLocation,
} from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { type Kamailio, type KamailioAnswer, startKamailio } from '../../support/kamailio.ts';
import { skipWithout } from '../../support/parts.ts';
import { serveXmlDoor, type XmlDoor } from '../../support/xml-door.ts';

const HELD_TYPE = 'application/held+xml;charset=utf-8';
const PIDF_TYPE = 'application/pidf+xml;charset=utf-8';
const CIVIC = { country: 'US', A1: 'TX', A3: 'Austin', RD: '2nd', STS: 'St', HNO: '301', FLR: '3', ROOM: '312' };
const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };

function document(location: Pick<PidfDocument['locations'][number], 'civic' | 'shape'>): PidfDocument {
  return { entity: 'pres:x1@lis.example', locations: [location] };
}

/** It keeps a HELD answer whole, and a fetched PIDF-LO bare. */
function locationIn(text: string): PidfLocation | undefined {
  const answer = decodeHeldAnswer(Buffer.from(text));
  assert.ok(answer.type === 'locationResponse' && answer.presence, text);
  return preferredLocation(answer.presence);
}

describe('Kamailio reads HELD answers', { skip: skipWithout('kamailio') }, () => {
  let held = '';
  let dereferenced = '';
  let door: XmlDoor;
  let kamailio: Kamailio;

  before(async () => {
    door = await serveXmlDoor((request) =>
      request.method === 'GET'
        ? { status: 200, contentType: PIDF_TYPE, body: dereferenced }
        : { status: 200, contentType: HELD_TYPE, body: held },
    );
    kamailio = await startKamailio({ heldUrl: `${door.url}/held`, lostUrl: `${door.url}/lost` });
  });
  after(async () => {
    await kamailio?.stop();
    await door?.close();
  });

  async function ask(): Promise<KamailioAnswer> {
    const answer = await kamailio.ask({ ask: 'held', identity: 'sip:+15125550101@example.com' });
    assert.ok(kamailio.isAlive(), kamailio.log());
    return answer;
  }

  const values = [
    ['a civic address', document({ civic: CIVIC })],
    ['a point', document({ shape: { type: 'point', position: AUSTIN } })],
    ['a point with an altitude', document({ shape: { type: 'point', position: AUSTIN, altitudeMeters: 161.5 } })],
    ['a circle', document({ shape: { type: 'circle', center: AUSTIN, radiusMeters: 50 } })],
    ['both', document({ civic: CIVIC, shape: { type: 'point', position: AUSTIN } })],
  ] as const;
  for (const [what, presence] of values) {
    for (const withUri of [false, true]) {
      test(`${what} by value${withUri ? ' and by reference' : ''}`, async () => {
        const uri = `${door.url}/held/l/abc`;
        const set = { locationUriSet: { uris: [uri], expires: new Date(Date.now() + 3_600_000) } };
        // The identity it asked with comes back (RFC 6155 §2.2).
        const devices = [{ kind: 'uri', value: 'sip:+15125550101@example.com' }] as const;
        held = encodeLocationResponse({ presence, devices, ...(withUri ? set : {}) });
        const answer = await ask();
        assert.equal(answer.heldCode, 200, answer.error);
        assert.equal(answer.locationUri, withUri ? uri : '');
        const read = locationIn(answer.pidf);
        const wanted = presence.locations[0];
        assert.deepEqual(read?.civic, wanted && 'civic' in wanted ? wanted.civic : undefined);
        assert.deepEqual(read?.shape, wanted && 'shape' in wanted ? wanted.shape : undefined);
      });
    }
  }

  test('by reference only: it fetches the location itself', async () => {
    const uri = `${door.url}/held/l/abc`;
    const devices = [{ kind: 'uri', value: 'sip:+15125550101@example.com' }] as const;
    held = encodeLocationResponse({
      locationUriSet: { uris: [uri], expires: new Date(Date.now() + 3_600_000) },
      devices,
    });
    dereferenced = encodePresence(document({ civic: CIVIC }));
    const answer = await ask();
    assert.equal(answer.heldCode, 200, answer.error);
    assert.equal(answer.locationUri, uri);
    assert.deepEqual(locationIn(answer.pidf)?.civic, CIVIC);
    const fetched = door.requests.at(-1);
    assert.equal(fetched?.method, 'GET');
    assert.equal(fetched?.path, '/held/l/abc');
  });

  for (const code of HELD_ERROR_CODES) {
    test(`error ${code}`, async () => {
      held = encodeHeldError({ code, message: 'cannot <say> & more' });
      const answer = await ask();
      assert.equal(answer.heldCode, 500);
      assert.ok(answer.error.includes(code), JSON.stringify(answer));
    });
  }

  test('it dereferences a location URI by POST', async () => {
    held = encodeLocationResponse({ presence: document({ civic: CIVIC }) });
    const answer = await kamailio.ask({ ask: 'dereference', locationUri: `${door.url}/held/l/abc` });
    assert.equal(answer.heldCode, 202, answer.error);
    assert.deepEqual(locationIn(answer.pidf)?.civic, CIVIC);
  });

  test('it asks as it does in the field, and still works after all that', async () => {
    held = encodeLocationResponse({ presence: document({ civic: CIVIC }) });
    assert.equal((await ask()).heldCode, 200);
    const asked = door.requests.at(-1);
    assert.match(asked?.contentType ?? '', /^application\/held\+xml/);
    assert.match(asked?.body.toString() ?? '', /<uri>sip:\+15125550101@example\.com<\/uri>/);
  });
});
