import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { decodeSipMessage } from '../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../src/wire/sip/encode-message.ts';
import { canonicalHeaderName } from '../../src/wire/sip/header-names.ts';
import {
  appendHeader,
  headerValues,
  prependHeader,
  removeHeader,
  removeTopValue,
  replaceTopValue,
  type SipMessage,
  setHeader,
} from '../../src/wire/sip/message.ts';
import { formatNameAddr, readNameAddr } from '../../src/wire/sip/name-addr.ts';
import { createStreamFramer } from '../../src/wire/sip/stream-framer.ts';
import { equalUris, escapeUser, formatUri, readUri, unescapeUriText } from '../../src/wire/sip/uri.ts';
import { formatVia, readVia } from '../../src/wire/sip/via.ts';
import { plainMessage } from '../support/plain-headers.ts';

const RUNS = { numRuns: 500, seed: 3261 };
/** Objects as the decoder makes them. */
const PLAIN = { noNullPrototype: true } as const;

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,20}$/);
const label = fc.stringMatching(/^[a-z0-9]{1,10}$/);
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV6().filter((address) => address.includes('::') || address.split(':').length === 8),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
/** Text on one line, as a header carries it: no control characters, no space at the ends. */
const lineText = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.replace(/\p{Cc}/gu, '').trim())
  .filter((text) => text.isWellFormed());
const header = fc
  .record(
    {
      name: fc.oneof(fc.constantFrom('Via', 'Route', 'Geolocation', 'X-Unknown', 'Subject', 'To'), token),
      value: lineText,
    },
    PLAIN,
  )
  .map(({ name, value }) => ({ name: canonicalHeaderName(name), value }))
  .filter(({ name }) => name !== 'Content-Length');
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const headers = fc.array(header, { maxLength: 20 });
const message: fc.Arbitrary<SipMessage> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('request' as const),
      method: token.filter((text) => !/^sip\//i.test(text)),
      uri: fc.constantFrom('urn:service:sos', 'sip:911@[2001:db8::1]:5060;lr', 'tel:911'),
      headers,
      body,
    },
    PLAIN,
  ),
  fc.record(
    {
      kind: fc.constant('response' as const),
      status: fc.integer({ min: 100, max: 699 }),
      reason: lineText,
      headers,
      body,
    },
    PLAIN,
  ),
);

function withoutLength<M extends SipMessage>(decoded: M): M {
  return plainMessage(removeHeader(decoded, 'Content-Length'));
}

suite('SIP messages', () => {
  test('decode after encode is the identity, as datagram and as stream', () => {
    fc.assert(
      fc.property(message, fc.constantFrom('datagram', 'stream'), (original, framing) => {
        const bytes = encodeSipMessage(original);
        assert.deepEqual(withoutLength(decodeSipMessage(bytes, { framing })), original);
        assert.deepEqual(encodeSipMessage(decodeSipMessage(bytes, { framing })), bytes);
      }),
      RUNS,
    );
  });

  test('line ends, folding, compact names and case do not change what is read', () => {
    fc.assert(
      fc.property(message, (original) => {
        const [head = '', ...rest] = encodeSipMessage({ ...original, body: Buffer.alloc(0) })
          .toString('utf8')
          .split('\r\n');
        const sloppy = [
          head,
          ...rest.map((line) => line.replace(/^Via: /, 'v :\r\n  ').replace(/^To: /, 'tO:\t')),
        ].join('\n');
        assert.deepEqual(withoutLength(decodeSipMessage(Buffer.from(sloppy))).headers, original.headers);
      }),
      RUNS,
    );
  });

  test('a value never breaks out of its header line', () => {
    fc.assert(
      fc.property(message, fc.string(), (original, text) => {
        const decoded = decodeSipMessage(
          encodeSipMessage(appendHeader(original, 'X-Name', `a\r\nEvil: 1\r\n\r\n${text}b`)),
        );
        assert.equal(decoded.headers.length, original.headers.length + 2);
        assert.deepEqual(headerValues(decoded, 'Evil'), []);
      }),
      RUNS,
    );
  });

  test('a stream yields the same messages however it is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (originals, cuts) => {
        const encoded = originals.map((original) => encodeSipMessage(original));
        const stream = Buffer.concat(encoded.flatMap((bytes) => [bytes, Buffer.from('\r\n')]));
        const seen: Buffer[] = [];
        const framer = createStreamFramer({
          maxBytes: 65_535,
          onMessage: (bytes) => seen.push(Buffer.from(bytes)),
          onPing: () => undefined,
        });
        const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
        places.forEach((place, index) => framer.push(stream.subarray(place, places[index + 1] ?? place)));
        assert.deepEqual(seen, encoded);
        assert.equal(framer.isMidMessage, false);
      }),
      RUNS,
    );
  });
});

suite('Edits of SIP headers', () => {
  const element = fc.stringMatching(/^<sip:[a-z,;]{1,8}@h>(;x="[a-z,;]{0,4}")?$/);
  const lines = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 3 });

  test('lists are one sequence of values, whether on one line or on many', () => {
    fc.assert(
      fc.property(message, lines, element, (original, routes, added) => {
        let edited = removeHeader(original, 'Route');
        for (const values of routes) edited = appendHeader(edited, 'route', values.join(' , '));
        const flat = routes.flat();
        assert.deepEqual(headerValues(edited, 'Route'), flat);
        assert.deepEqual(headerValues(removeTopValue(edited, 'Route'), 'Route'), flat.slice(1));
        assert.deepEqual(headerValues(prependHeader(edited, 'Route', added), 'Route'), [added, ...flat]);
        assert.deepEqual(headerValues(setHeader(edited, 'Route', added), 'Route'), [added]);
        if (flat.length > 0) {
          assert.deepEqual(headerValues(replaceTopValue(edited, 'Route', added), 'Route'), [added, ...flat.slice(1)]);
        }
      }),
      RUNS,
    );
  });
});

suite('Parts of SIP headers', () => {
  const params = fc.array(
    fc.record({ name: token, value: fc.option(fc.stringMatching(/^[a-z0-9.]{1,8}$/), { nil: undefined }) }, PLAIN),
    { maxLength: 4 },
  );

  test('Via', () => {
    fc.assert(
      fc.property(fc.record({ transport: fc.constantFrom('UDP', 'TCP', 'TLS'), host, port, params }, PLAIN), (via) => {
        assert.deepEqual(readVia(formatVia(via)), via);
      }),
      RUNS,
    );
  });

  test('sip, tel and other URIs', () => {
    const user = fc.option(
      fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed()),
      { nil: undefined },
    );
    fc.assert(
      fc.property(user, host, port, params, (name, host, port, params) => {
        const uri = {
          kind: 'sip',
          scheme: 'sip',
          user: name === undefined ? undefined : escapeUser(name),
          password: undefined,
          host,
          port,
          params,
          headers: undefined,
        } as const;
        const read = readUri(formatUri(uri));
        assert.deepEqual(read, uri);
        assert.ok(read && equalUris(read, uri));
        if (name !== undefined) assert.equal(unescapeUriText(uri.user ?? ''), name);
      }),
      RUNS,
    );
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[0-9.()-]{1,15}$/), params, (number, params) => {
        const uri = { kind: 'tel', scheme: 'tel', number, params } as const;
        assert.deepEqual(readUri(formatUri(uri)), uri);
      }),
      RUNS,
    );
  });

  test('name-addr with any display name', () => {
    fc.assert(
      fc.property(
        fc.option(
          lineText.filter((text) => text !== ''),
          { nil: undefined },
        ),
        params,
        (displayName, params) => {
          const nameAddr = { displayName, uri: 'sip:a@b;lr', params };
          assert.deepEqual(readNameAddr(formatNameAddr(nameAddr)), nameAddr);
        },
      ),
      RUNS,
    );
  });
});
