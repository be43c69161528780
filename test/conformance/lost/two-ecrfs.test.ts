/** Two LoST servers over HTTP: one asks, or names, the other for what lies outside its coverage (RFC 5222 §6, §8.3.3, §13.3). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createLostEndpoint, type LostEndpoint, type LostEndpointDeps } from '../../../src/routing/lost-endpoint.ts';
import { testSnapshot } from '../../../src/routing/test-snapshot.ts';
import { createLogger } from '../../../src/support/logger.ts';
import { createManualClock, type ManualClock } from '../../../src/support/manual-clock.ts';
import { postLost } from '../../../src/transport/post-lost.ts';
import { decodeLostAnswer, type ReadLostAnswer } from '../../../src/wire/lost/lost.ts';
import { type DoorAnswer, serveXmlDoor, type XmlDoor } from '../../support/xml-door.ts';
import { assertValid } from '../../support/xml-schemas.ts';

const LOST = 'urn:ietf:params:xml:ns:lost1';
const TYPE = 'application/lost+xml;charset=utf-8';
const START_MS = Date.parse('2026-06-01T12:00:00Z');
const PARIS = { latitude: 48.8566, longitude: 2.3522 };

/** What the parent serves: a square around Paris. */
const parentSnapshot = testSnapshot({
  boundaries: [
    {
      sourceId: 'paris',
      layer: 'world',
      source: 'world.example',
      serviceUrn: 'urn:service:sos',
      uri: 'sip:paris@psap.example',
      displayName: 'Paris',
      serviceNumber: '112',
      coordinates: [
        [
          [
            [2, 48],
            [3, 48],
            [3, 49],
            [2, 49],
            [2, 48],
          ],
        ],
      ],
      version: '1',
      updatedAt: '2026-03-04T05:06:07.000Z',
    },
  ],
});
const childSnapshot = testSnapshot();

type Answered = { status: number; headers: Readonly<Record<string, string>>; body: string };

type Child = {
  clock: ManualClock;
  ask(query: string): Promise<Answered>;
  read(query: string): Promise<ReadLostAnswer>;
};

/** The server that is asked, whose parent is at `url`. */
function createChild(url: string, more: Partial<LostEndpointDeps> = {}, deadlineMs = 5_000): Child {
  const clock = createManualClock(START_MS);
  const handle: LostEndpoint = createLostEndpoint({
    snapshot: () => childSnapshot,
    clock,
    logger: createLogger('silent'),
    serverName: 'child.example',
    mappingLifetimeMs: 3_600_000,
    parent: { name: 'parent.example', url, post: (query) => postLost(url, query, deadlineMs) },
    ...more,
  });
  const ask = async (query: string): Promise<Answered> => {
    const { headers = {}, ...rest } = await handle(Buffer.from(query));
    return { headers, ...rest };
  };
  return {
    clock,
    ask,
    async read(query) {
      const { body, status } = await ask(query);
      assert.equal(status, 200);
      assertValid('lost', body);
      return decodeLostAnswer(body);
    },
  };
}

type Wish = { attributes?: string; service?: string; more?: string; id?: string };

function query({ latitude, longitude }: { latitude: number; longitude: number }, wish: Wish = {}): string {
  const { attributes = 'recursive="true"', service = 'urn:service:sos', more = '', id = 'l1' } = wish;
  return (
    `<findService xmlns="${LOST}" ${attributes}><location id="${id}" profile="geodetic-2d">` +
    `<Point xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"><pos>${latitude} ${longitude}</pos></Point>` +
    `</location><service>${service}</service>${more}</findService>`
  );
}

const IDS = '<emergencyCallIncidentId xmlns="urn:emergency:xml:ns:lostExt:Ids" callId="c-1" incidentTrackingId="i-2"/>';

function via(...names: string[]): string {
  return `<path>${names.map((name) => `<via source="${name}"/>`).join('')}</path>`;
}

function errorOf(answer: ReadLostAnswer): string {
  assert.equal(answer.type, 'errors', JSON.stringify(answer));
  return `${answer.source} ${answer.exceptions[0]?.type ?? ''}`;
}

function uriOf(answer: ReadLostAnswer): string | undefined {
  assert.equal(answer.type, 'findServiceResponse', JSON.stringify(answer));
  return answer.mappings[0]?.uris[0];
}

describe('a parent that answers', () => {
  let door: XmlDoor;
  let child: Child;
  before(async () => {
    const parent = createLostEndpoint({
      snapshot: () => parentSnapshot,
      clock: createManualClock(START_MS),
      logger: createLogger('silent'),
      serverName: 'parent.example',
      mappingLifetimeMs: 60_000,
    });
    door = await serveXmlDoor(async ({ body }) => parent(body));
    child = createChild(door.url);
  });
  after(() => door.close());

  const asked = (): string => door.requests.at(-1)?.body.toString() ?? '';

  test('is asked when the client wants that: path, ids and incident go along, its answer comes back', async () => {
    const answer = await child.read(query(PARIS, { more: via('client-side.example') + IDS, id: 'here &amp; now' }));
    assert.equal(uriOf(answer), 'sip:paris@psap.example');
    assert.ok(answer.type === 'findServiceResponse');
    assert.deepEqual(answer.path, ['client-side.example', 'child.example', 'parent.example']);
    assert.equal(answer.locationUsed, 'here & now');
    assert.equal(answer.mappings[0]?.source, 'world.example');
    assert.match(asked(), /<path><via source="client-side.example"\/><via source="child.example"\/><\/path>/);
    assert.match(
      asked(),
      /<emergencyCallIncidentId xmlns="urn:emergency:xml:ns:lostExt:Ids" callId="c-1" incidentTrackingId="i-2"\/>/,
    );
    assert.match(asked(), /<location id="here &amp; now"/);
    assert.match(asked(), /recursive="true"/);
    assert.equal(door.requests.at(-1)?.contentType, TYPE);
    assertValid('lost', asked());
  });

  test('is not asked for what we know ourselves', async () => {
    const before = door.requests.length;
    const answer = await child.read(query({ latitude: 29.7604, longitude: -95.3698 }));
    assert.ok(answer.type === 'findServiceResponse');
    assert.deepEqual(answer.path, ['child.example']);
    assert.equal(door.requests.length, before);
  });

  test('is named when the client does not want us to ask: once', async () => {
    const before = door.requests.length;
    const answer = await child.read(query(PARIS, { attributes: '' }));
    assert.ok(answer.type === 'redirect');
    assert.equal(answer.target, 'parent.example');
    assert.equal(answer.source, 'child.example');
    assert.notEqual(answer.message, '');
    const again = await child.read(query(PARIS, { attributes: '', more: via('parent.example') }));
    assert.equal(errorOf(again), 'child.example notFound');
    assert.equal(door.requests.length, before);
  });

  test('is named by HTTP where that is set, without any LoST', async () => {
    const other = createChild(door.url, { referral: 'http' });
    const { body, headers, status } = await other.ask(query(PARIS, { attributes: '' }));
    assert.deepEqual({ body, status, location: headers.location }, { body: '', status: 307, location: door.url });
    assert.equal(uriOf(await other.read(query(PARIS))), 'sip:paris@psap.example');
  });

  test('and an HTTP redirection of its own is followed', async () => {
    const hop = await serveHttp((_, response) => response.writeHead(307, { location: door.url }).end());
    try {
      assert.equal(uriOf(await createChild(hop.url).read(query(PARIS))), 'sip:paris@psap.example');
    } finally {
      await hop.close();
    }
  });

  test('a query that was here, or there, before is a loop, and is not sent on', async () => {
    const before = door.requests.length;
    const elsewhere = { latitude: 48.1, longitude: 2.1 };
    for (const name of ['child.example', 'parent.example']) {
      assert.equal(errorOf(await child.read(query(elsewhere, { more: via(name) }))), 'child.example loop');
    }
    const long = via(...Array.from({ length: 40 }, (_, index) => `s${index}.example`));
    assert.equal(errorOf(await child.read(query(elsewhere, { more: long }))), 'child.example loop');
    assert.equal(door.requests.length, before);
    // What we can answer ourselves is answered all the same: it may be an emergency.
    const own = await child.read(query({ latitude: 29.7604, longitude: -95.3698 }, { more: via('child.example') }));
    assert.equal(own.type, 'findServiceResponse');
  });

  test('its errors are passed on as its own', async () => {
    assert.equal(errorOf(await child.read(query({ latitude: -40, longitude: 70 }))), 'parent.example notFound');
  });

  test('lists services for us, unless told not to', async () => {
    const list = (attributes: string): string =>
      query(PARIS, { attributes }).replaceAll('findService', 'listServicesByLocation');
    const answer = await child.read(list(''));
    assert.ok(answer.type === 'listServicesByLocationResponse');
    assert.deepEqual(answer.path, ['child.example', 'parent.example']);
    assert.equal(answer.services.length, 9);
    assert.equal((await child.read(list('recursive="false"'))).type, 'redirect');
  });

  test('a mapping is asked for once while it is valid, whatever the id of the location', async () => {
    const fresh = createChild(door.url);
    const before = door.requests.length;
    const place = { latitude: 48.5, longitude: 2.5 };
    await fresh.read(query(place));
    const answer = await fresh.read(query(place, { id: 'other' }));
    assert.ok(answer.type === 'findServiceResponse');
    assert.equal(answer.locationUsed, 'other');
    assert.deepEqual(answer.path, ['child.example', 'parent.example']);
    assert.equal(door.requests.length, before + 1);
    await fresh.read(query(place, { service: 'urn:service:sos.fire' }));
    assert.equal(door.requests.length, before + 2);
    fresh.clock.advance(61_000);
    await fresh.read(query(place));
    assert.equal(door.requests.length, before + 3);
  });

  test('a mapping with its region is good for all of the region', async () => {
    const fresh = createChild(door.url);
    const before = door.requests.length;
    const attributes = 'recursive="true" serviceBoundary="value"';
    await fresh.read(query({ latitude: 48.2, longitude: 2.2 }, { attributes }));
    const answer = await fresh.read(query({ latitude: 48.9, longitude: 2.9 }, { attributes }));
    assert.equal(uriOf(answer), 'sip:paris@psap.example');
    assert.equal(door.requests.length, before + 1);
    await fresh.read(query({ latitude: 49.1, longitude: 2.9 }, { attributes }));
    assert.equal(door.requests.length, before + 2);
  });
});

describe('two servers that are each other’s parent', () => {
  for (const [what, parentName, noticedBy, requests] of [
    ['by the names they give themselves: before the query is sent back', undefined, 'b.example', 1],
    ['by other names: when the query comes back', '127.0.0.1', 'a.example', 2],
  ] as const) {
    test(`notice the loop, ${what}`, async () => {
      const servers = new Map<string, LostEndpoint>();
      const door = await serveXmlDoor(async ({ path, body }) => {
        const handle = servers.get(path);
        assert.ok(handle);
        return handle(body);
      });
      try {
        const create = (name: string, other: string): LostEndpoint => {
          const url = `${door.url}/${other}`;
          const handle = createLostEndpoint({
            snapshot: () => childSnapshot,
            clock: createManualClock(START_MS),
            logger: createLogger('silent'),
            serverName: `${name}.example`,
            mappingLifetimeMs: 1,
            parent: { name: parentName ?? `${other}.example`, url, post: (sent) => postLost(url, sent, 5_000) },
          });
          servers.set(`/${name}`, handle);
          return handle;
        };
        const first = create('a', 'b');
        create('b', 'a');
        const { body } = await first(Buffer.from(query(PARIS)));
        assertValid('lost', body);
        assert.equal(errorOf(decodeLostAnswer(body)), `${noticedBy} loop`);
        assert.equal(door.requests.length, requests);
      } finally {
        await door.close();
      }
    });
  }
});

async function serveHttp(handle: Parameters<typeof createServer>[1]): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(handle as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('a parent that does not answer as it should', () => {
  const found = (mapping: string): DoorAnswer => ({
    status: 200,
    contentType: TYPE,
    body: `<findServiceResponse xmlns="${LOST}">${mapping}</findServiceResponse>`,
  });
  const sloppy =
    '<mapping expires="2027-01-01T00:00:00.5+01:00" lastUpdated="yesterday" source="not a name" sourceId=" a  b ">' +
    '<displayName xml:lang="english?"> Far   away </displayName><service>urn:service:sos</service>' +
    '<serviceBoundaryReference source="x" key=""/><uri>sip:far@psap.example</uri><serviceNumber>nine</serviceNumber></mapping>';

  const broken: readonly [string, DoorAnswer, string][] = [
    ['garbage', { status: 200, contentType: TYPE, body: 'garbage' }, 'serverError'],
    ['nothing', { status: 200, contentType: TYPE, body: '' }, 'serverError'],
    ['HTML', { status: 200, contentType: 'text/html', body: '<html><body>It works!</body></html>' }, 'serverError'],
    ['an answer without mapping', found(''), 'serverError'],
    [
      'an answer to another query',
      { status: 200, contentType: TYPE, body: `<listServicesResponse xmlns="${LOST}"/>` },
      'serverError',
    ],
    [
      'errors without any',
      { status: 200, contentType: TYPE, body: `<errors xmlns="${LOST}" source="p.example"/>` },
      'serverError',
    ],
    [
      'a redirect to nowhere',
      { status: 200, contentType: TYPE, body: `<redirect xmlns="${LOST}" target="" source="p.example"/>` },
      'serverError',
    ],
    [
      'a billion laughs',
      { status: 200, contentType: TYPE, body: `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>` },
      'serverError',
    ],
    ['HTTP 500', { status: 500, contentType: 'text/plain', body: 'no' }, 'serverError'],
    ['HTTP 301', { status: 301, contentType: 'text/plain', body: '' }, 'serverError'],
    ['HTTP 403', { status: 403, contentType: 'text/plain', body: '' }, 'forbidden'],
    ['HTTP 401', { status: 401, contentType: 'text/plain', body: '' }, 'forbidden'],
  ];
  for (const [what, answer, type] of broken) {
    test(`${what}: ${type}`, async () => {
      const door = await serveXmlDoor(() => answer);
      try {
        assert.equal(errorOf(await createChild(door.url).read(query(PARIS))), `child.example ${type}`);
      } finally {
        await door.close();
      }
    });
  }

  test('silence: serverTimeout', async () => {
    const door = await serveHttp(() => undefined);
    try {
      assert.equal(errorOf(await createChild(door.url, {}, 50).read(query(PARIS))), 'child.example serverTimeout');
    } finally {
      await door.close();
    }
  });

  test('an answer that drips: serverTimeout', async () => {
    const door = await serveHttp((_, response) => {
      response.writeHead(200, { 'content-type': TYPE }).write('<findServiceResponse ');
    });
    try {
      assert.equal(errorOf(await createChild(door.url, {}, 100).read(query(PARIS))), 'child.example serverTimeout');
    } finally {
      await door.close();
    }
  });

  test('ten gigabytes: serverError, and no more read than fits', async () => {
    let sent = 0;
    const piece = Buffer.alloc(1024 * 1024, ' ');
    const door = await serveHttp((_, response) => {
      response.writeHead(200, { 'content-type': TYPE, 'content-length': String(10 * 1024 ** 3) });
      const more = (): void => {
        while (!response.destroyed) {
          sent += piece.length;
          if (!response.write(piece)) return;
        }
      };
      response.on('drain', more);
      response.on('error', () => undefined);
      more();
    });
    try {
      assert.equal(errorOf(await createChild(door.url).read(query(PARIS))), 'child.example serverError');
      assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes sent`);
    } finally {
      await door.close();
    }
  });

  test('nobody there: serverTimeout; after five in a row it is left alone for ten seconds', async () => {
    let asked = 0;
    const door = await serveHttp((request) => {
      asked += 1;
      request.socket.destroy();
    });
    try {
      const outcomes: string[] = [];
      const child = createChild(door.url, { onParentOutcome: (outcome) => outcomes.push(outcome) });
      for (let i = 0; i < 8; i += 1) {
        assert.equal(errorOf(await child.read(query({ latitude: 48, longitude: i }))), 'child.example serverTimeout');
      }
      assert.equal(asked, 5);
      child.clock.advance(10_001);
      await child.read(query({ latitude: 48, longitude: 1 }));
      await child.read(query({ latitude: 48, longitude: 2 }));
      assert.equal(asked, 6);
      const [failed, spared] = [Array(5).fill('failed'), Array(3).fill('spared')];
      assert.deepEqual(outcomes, [...failed, ...spared, 'failed', 'spared']);
    } finally {
      await door.close();
    }
  });

  test('more queries at once than it may get: the rest is not kept waiting', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const door = await serveXmlDoor(async () => {
      await released;
      return found(sloppy);
    });
    try {
      const child = createChild(door.url, {}, 20_000);
      const answers = Array.from({ length: 80 }, (_, i) => child.read(query({ latitude: 48 + i / 100, longitude: 2 })));
      const refused = await Promise.all(answers.slice(64));
      assert.deepEqual([...new Set(refused.map(errorOf))], ['child.example serverTimeout']);
      // The others got through, and are answered when the parent answers.
      release();
      const asked = await Promise.all(answers.slice(0, 64));
      assert.ok(asked.every(({ type }) => type === 'findServiceResponse'));
    } finally {
      await door.close();
    }
  });

  test('a sloppy answer is passed on in good form', async () => {
    const door = await serveXmlDoor(() => found(sloppy));
    try {
      const answer = await createChild(door.url).read(query(PARIS));
      assert.ok(answer.type === 'findServiceResponse');
      const [mapping] = answer.mappings;
      assert.deepEqual(mapping?.displayNames, [{ text: 'Far away', language: 'en' }]);
      assert.equal(mapping?.source, 'parent.example');
      assert.equal(mapping?.serviceNumber, undefined);
      assert.equal(mapping?.serviceBoundaryReference, undefined);
      assert.deepEqual(answer.path, ['child.example', 'parent.example']);
      assert.equal(answer.locationUsed, 'l1');
    } finally {
      await door.close();
    }
  });

  test('while it is away, and when it fails, an expired answer of its is better than none', async () => {
    let next: DoorAnswer | undefined = found(sloppy.replace('2027-01-01T00:00:00.5+01:00', '2026-06-01T12:10:00Z'));
    let asked = 0;
    const door = await serveHttp((request, response) => {
      asked += 1;
      if (next === undefined) request.socket.destroy();
      else response.writeHead(next.status, { 'content-type': next.contentType }).end(next.body);
    });
    try {
      const child = createChild(door.url);
      await child.read(query(PARIS));
      next = undefined;
      // Still valid: nobody is asked.
      assert.equal(uriOf(await child.read(query(PARIS))), 'sip:far@psap.example');
      assert.equal(asked, 1);
      child.clock.advance(3_600_000);
      // Expired: asked again each time, and given as it was, so that the client sees that it has expired.
      const answer = await child.read(query(PARIS));
      assert.ok(answer.type === 'findServiceResponse');
      assert.deepEqual(answer.mappings[0]?.expires, new Date('2026-06-01T12:10:00Z'));
      assert.equal(asked, 2);
      next = {
        status: 200,
        contentType: TYPE,
        body: `<errors xmlns="${LOST}" source="p.example"><internalError/></errors>`,
      };
      assert.equal(uriOf(await child.read(query(PARIS))), 'sip:far@psap.example');
      // That there is no such place any more is an answer.
      next = {
        status: 200,
        contentType: TYPE,
        body: `<errors xmlns="${LOST}" source="p.example"><notFound/></errors>`,
      };
      assert.equal(errorOf(await child.read(query(PARIS))), 'p.example notFound');
    } finally {
      await door.close();
    }
  });

  test('what must not be kept is not kept', async () => {
    const door = await serveXmlDoor(() => found(sloppy.replace('2027-01-01T00:00:00.5+01:00', 'NO-CACHE')));
    try {
      const child = createChild(door.url);
      await child.read(query(PARIS));
      await child.read(query(PARIS));
      assert.equal(door.requests.length, 2);
    } finally {
      await door.close();
    }
  });
});
