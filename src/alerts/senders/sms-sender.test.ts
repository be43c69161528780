import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { XmlDocument } from 'libxml2-wasm';
import {
  connectionOf,
  messageFor,
  openHttp,
  openReceiver,
  type SeenRequest,
} from '../../../test/support/connection-fixture.ts';
import { systemClock } from '../../support/clock.ts';
import type { SmsContentType } from '../connections/alert-connection.ts';
import { fillBody, fillHeader, fillUrl, type PlaceholderValues } from '../connections/fill-template.ts';
import { findJsonValue, readJsonPath } from '../connections/find-json-value.ts';
import type { SettingsInput } from '../connections/read-connection.ts';
import { SendError } from './alert-sender.ts';
import { countSegments, toSmsText } from './sms-segments.ts';
import { createSmsSender } from './sms-sender.ts';

const never = new AbortController().signal;
const TEXT = '911 call: Zoë "Z" & <Co>, 12½ Elm St {number} 100%\n+1';

/** Sends one message; gives what the gateway saw, and what came of it. */
async function sendBy(
  t: TestContext,
  settings: SettingsInput,
  { text = TEXT, number = '+15125550100', handle }: { text?: string; number?: string; handle?: RequestListener } = {},
): Promise<{ seen: SeenRequest | undefined; response?: string; error?: SendError }> {
  const receiver = await openReceiver(t, handle);
  const gateway = connectionOf('sms-gateway', { ...settings, url: `${receiver.url}${settings.url ?? '/'}` });
  const sender = createSmsSender({ http: openHttp(t), find: () => gateway, clock: systemClock });
  try {
    const { response } = await sender.send(messageFor(gateway, { channel: 'sms', text }, { number }), never);
    return { seen: receiver.seen[0], response };
  } catch (error) {
    assert.ok(error instanceof SendError, String(error));
    return { seen: receiver.seen[0], error };
  }
}

test('JSON by POST, with a credential in a header', async (t) => {
  const { seen, response } = await sendBy(t, {
    headers: [
      { name: 'Authorization', value: 'Bearer {secret}' },
      { name: 'Idempotency-Key', value: '{key}' },
    ],
    body: '{"messages":[{"to":"{number}","from":"{from}","body":"{text}"}]}',
    from: 'Waymark "1"',
    credential: 'sesame-7f3a9c21',
  });
  assert.ok(seen);
  assert.deepEqual(JSON.parse(seen.body), {
    messages: [{ to: '+15125550100', from: 'Waymark "1"', body: TEXT }],
  });
  assert.equal(seen.headers.authorization, 'Bearer sesame-7f3a9c21');
  assert.equal(seen.headers['idempotency-key'], 'a'.repeat(40));
  assert.equal(seen.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(response, 'HTTP 200 ok');
});

test('a form, a query by GET, XML and plain text hold the text as it is', async (t) => {
  const form = await sendBy(t, {
    body: 'to={digits}&msg={text}&flag=%01',
    contentType: 'application/x-www-form-urlencoded',
  });
  const fields = new URLSearchParams(form.seen?.body);
  assert.deepEqual([fields.get('to'), fields.get('msg')], ['15125550100', TEXT]);

  const query = await sendBy(t, { method: 'GET', url: '/send/{digits}?text={text}&id={key}&n={number}' });
  const url = new URL(query.seen?.url ?? '', 'http://x');
  assert.deepEqual(
    [url.pathname, url.searchParams.get('text'), url.searchParams.get('n')],
    ['/send/15125550100', TEXT, '+15125550100'],
  );
  assert.deepEqual([query.seen?.method, query.seen?.body, query.seen?.headers['content-type']], ['GET', '', undefined]);

  const xml = await sendBy(t, {
    method: 'PUT',
    body: '<sms to="{number}"><text>{text}</text></sms>',
    contentType: 'application/xml',
  });
  const document = XmlDocument.fromString(xml.seen?.body ?? '');
  assert.equal(document.get('/sms/text')?.content, TEXT);
  document.dispose();

  const plain = await sendBy(t, { url: '/?to={number}', body: '{text}', contentType: 'text/plain' });
  assert.equal(plain.seen?.body, TEXT);
});

test('whether it was taken is what the rule says', async (t) => {
  const rule = { statuses: [200, 202], json: { path: 'messages[0].status', equals: ['0', 'queued'] } };
  const body = '{"to":"{number}","text":"{text}"}';
  const answers: [status: number, answer: string, settings: SettingsInput, taken: boolean, permanent: boolean][] = [
    [200, '{"messages":[{"status":"queued"}]}', { successRule: rule }, true, false],
    [202, '{"messages":[{"status":0}]}', { successRule: rule }, true, false],
    [201, '{"messages":[{"status":"queued"}]}', { successRule: rule }, false, false],
    [200, '{"messages":[{"status":"rejected"}]}', { successRule: rule }, false, false],
    [200, '{"messages":[]}', { successRule: rule }, false, false],
    [200, 'OK', { successRule: rule }, false, false],
    [200, '', { successRule: { bodyContains: 'OK' } }, false, false],
    [200, 'ID: 7 OK', { successRule: { bodyContains: 'OK' } }, true, false],
    [299, 'anything', {}, true, false],
    [400, 'bad number', {}, false, true],
    [401, 'who are you', {}, false, false],
    [422, 'bad number', {}, false, true],
    [500, 'oops', {}, false, false],
    [302, 'elsewhere', {}, false, true],
  ];
  for (const [status, answer, settings, taken, permanent] of answers) {
    const handle: RequestListener = (_request, response) => void response.writeHead(status).end(answer);
    const { error } = await sendBy(t, { body, ...settings }, { handle });
    assert.deepEqual([error === undefined, error?.isPermanent ?? false], [taken, permanent], `${status} ${answer}`);
  }
  const handle: RequestListener = (_request, response) => void response.writeHead(429, { 'retry-after': '9' }).end();
  assert.equal((await sendBy(t, { body }, { handle })).error?.retryAfterSeconds, 9);
});

test('a success that a long answer hides behind 64 KiB is none; numbers that are none are not sent', async (t) => {
  const handle: RequestListener = (_request, response) => void response.end(`${'x'.repeat(70_000)}OK`);
  const body = '{"to":"{number}","text":"{text}"}';
  const { error } = await sendBy(t, { body, successRule: { bodyContains: 'OK' } }, { handle });
  assert.equal(error?.isPermanent, false);
  for (const number of ['911', '+1 512 555 0100', '+1512555010"', '']) {
    const refused = await sendBy(t, { body }, { number });
    assert.deepEqual([refused.error?.isPermanent, refused.seen], [true, undefined], number);
  }
});

test('a gateway that echoes what opened it learns receipts no secret', async (t) => {
  const { response } = await sendBy(
    t,
    {
      url: '/?key=abcdefgh12345678',
      headers: [{ name: 'Authorization', value: 'Bearer 87654321hgfedcba' }],
      body: '{"to":"{number}","text":"{text}","p":"{secret}"}',
      credential: 'sesame-7f3a9c21',
    },
    {
      handle: (_request, answer) => {
        answer.end('key=abcdefgh12345678 bearer=87654321hgfedcba pass=sesame-7f3a9c21');
      },
    },
  );
  assert.equal(response, 'HTTP 200 key=[redacted] bearer=[redacted] pass=[redacted]');
  const credential = 'long-secret-'.repeat(25);
  const again = await sendBy(
    t,
    { body: '{"to":"{number}","text":"{text}","p":"{secret}"}', credential },
    { handle: (_request, answer) => void answer.end(`${credential} ${credential} ${credential}`) },
  );
  assert.equal(again.response, 'HTTP 200 [redacted] [redacted] [redacted]', 'also where what is shown is cut');
});

test('a gateway that refuses a number works; one that is shut or broken does not', async (t) => {
  const body = '{"to":"{number}","text":"{text}"}';
  for (const [status, isOfMessage] of [
    [200, true],
    [409, true],
    [401, false],
    [429, false],
    [502, false],
  ] as const) {
    const handle: RequestListener = (_request, response) => void response.writeHead(status).end('no');
    const { error } = await sendBy(t, { body, successRule: { bodyContains: 'OK' } }, { handle });
    assert.deepEqual([error?.isPermanent, error?.isOfMessage], [false, isOfMessage], String(status));
  }
});

test('texts are measured as networks do, and cut where they must be', () => {
  const gsm = (text: string): unknown => {
    const { alphabet, segments, isCut } = toSmsText(text, 2);
    return [alphabet, segments, isCut];
  };
  assert.deepEqual(gsm('a'.repeat(160)), ['gsm', 1, false]);
  assert.deepEqual(gsm('a'.repeat(161)), ['gsm', 2, false]);
  assert.deepEqual(gsm('a'.repeat(306)), ['gsm', 2, false]);
  assert.deepEqual(gsm('a'.repeat(307)), ['gsm', 2, true]);
  assert.deepEqual(gsm('€'.repeat(80)), ['gsm', 1, false]);
  assert.deepEqual(gsm('€'.repeat(81)), ['gsm', 2, false]);
  assert.deepEqual(gsm('ê'.repeat(70)), ['ucs2', 1, false]);
  assert.deepEqual(gsm('ê'.repeat(71)), ['ucs2', 2, false]);
  assert.deepEqual(gsm('ê'.repeat(135)), ['ucs2', 2, true]);
  // 76 of two septets and a free one in each part.
  assert.equal(countSegments('€'.repeat(152), 'gsm'), 2);
  assert.equal(countSegments('€'.repeat(153), 'gsm'), 3);
  assert.equal(toSmsText(`Elm “St” – 12’…\u00a0x\r\ny\0\u202e`, 1).text, 'Elm "St" - 12\'... x\ny');
  assert.equal(toSmsText(`${'a'.repeat(155)}€€€`, 1).text, `${'a'.repeat(155)}€...`);
  const family = '👨‍👩‍👧‍👦';
  assert.equal(toSmsText(family.repeat(10), 1).text, `${family.repeat(6)}...`);
});

/** Names as callers have them, and those of people who mean harm. */
const hostile = fc.oneof(
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
  fc.constantFrom(
    '{secret}',
    '\r\nX-Evil: 1',
    '"},{"to":"+1',
    '&to=+1',
    '</text><x>',
    ']]>',
    '../..',
    '%2e%2e/',
    '$&',
    '\ud800',
    '👨‍👩‍👧‍👦'.repeat(50),
    'x'.repeat(5_000),
    '\u202eevil',
  ),
);

function valuesOf(text: string): PlaceholderValues {
  return { number: '+15125550100', digits: '15125550100', text, from: 'F', key: 'K', secret: 'S' };
}

test('no text leaves its place, whatever it is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const values = valuesOf(text);
      const wellFormed = text.toWellFormed();
      const json = JSON.parse(fillBody('{"a":"{text}","b":["{number}"]}', 'application/json', values)) as unknown;
      assert.deepEqual(json, { a: wellFormed, b: ['+15125550100'] });
      const form = new URLSearchParams(fillBody('a={text}&b={digits}', 'application/x-www-form-urlencoded', values));
      assert.deepEqual(
        [...form],
        [
          ['a', wellFormed],
          ['b', '15125550100'],
        ],
      );
      const url = new URL(fillUrl('https://sms.example.com/p/{key}?a={text}&b={number}', values));
      assert.equal(url.origin, 'https://sms.example.com');
      assert.equal(url.pathname, '/p/K');
      assert.equal(url.hash, '');
      assert.deepEqual(
        [...url.searchParams],
        [
          ['a', wellFormed],
          ['b', '+15125550100'],
        ],
      );
      assert.match(fillHeader('a {text}', values), /^a [\x20-\x7e]*$/);
      for (const type of ['application/xml', 'text/xml'] satisfies SmsContentType[]) {
        const document = XmlDocument.fromString(fillBody('<m a="{text}"><t>{text}</t></m>', type, values));
        const sayable = wellFormed.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
        try {
          assert.equal(document.get('/m/t')?.content, sayable);
          assert.equal(document.get('/m/@a')?.content, sayable);
          assert.equal(document.get('/m/t/*'), null);
        } finally {
          document.dispose();
        }
      }
    }),
    { numRuns: 300, seed: 911 },
  );
});

test('a text never takes more parts than it may, and is never cut within a character', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 10 }), (text, max) => {
      const made = toSmsText(text, max);
      assert.ok(made.segments <= max && made.segments === countSegments(made.text, made.alphabet));
      assert.ok(made.text.isWellFormed());
      assert.doesNotMatch(made.text, /[\0\r\u202e]/);
    }),
    { numRuns: 500, seed: 911 },
  );
});

test('paths into JSON are read as they are written, and find own values only', () => {
  assert.deepEqual(readJsonPath('messages[0].status'), ['messages', '0', 'status']);
  for (const path of ['', '.', 'a..b', '.a', 'a.', 'a[', 'a[x]', 'a]b', `a${'.b'.repeat(20)}`]) {
    assert.equal(readJsonPath(path), undefined, path);
  }
  const body = '{"a":[{"b":true}],"c":{},"d":null,"e":"x","1":"one"}';
  assert.deepEqual(
    ['a[0].b', 'a[1].b', 'c', 'd', 'e', '1', 'a.length', '__proto__.x', 'e.length', 'constructor.name'].map((path) =>
      findJsonValue(body, path),
    ),
    ['true', undefined, undefined, undefined, 'x', 'one', '1', undefined, undefined, undefined],
  );
});
