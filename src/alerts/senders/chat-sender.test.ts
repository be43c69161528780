import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { connectionOf, messageFor, openHttp, openReceiver } from '../../../test/support/connection-fixture.ts';
import { systemClock } from '../../support/clock.ts';
import { CHAT_FLAVOURS, type ChatFlavour } from '../connections/alert-connection.ts';
import { SendError } from './alert-sender.ts';
import { type ChatContent, composeChat } from './chat-payload.ts';
import { createChatSender } from './chat-sender.ts';

const CONTENT: ChatContent = {
  channel: 'chat',
  title: '911 CALL – Zoë',
  lines: [
    { name: 'Caller', value: 'Zoë O’Hara +1 512-555-0100' },
    { name: 'Place', value: '12½ Elm St, Room 3-12' },
  ],
  notices: ['Help is on the way.'],
  links: [{ text: 'Trace', url: 'https://waymark.example.com/calls/1?a=b&c=d' }],
};

async function sendTo(t: TestContext, flavour: ChatFlavour, handle?: RequestListener): Promise<unknown> {
  const receiver = await openReceiver(t, handle);
  const room = connectionOf('chat', { flavour, url: `${receiver.url}/services/T0/B0/abcdefgh?sig=0123456789abcdef` });
  const sender = createChatSender({ http: openHttp(t), find: () => room, clock: systemClock });
  const { response } = await sender.send(messageFor(room, CONTENT), new AbortController().signal);
  const [request] = receiver.seen;
  assert.ok(request);
  assert.equal(request.url, '/services/T0/B0/abcdefgh?sig=0123456789abcdef');
  assert.equal(request.headers['content-type'], 'application/json');
  assert.equal(response, 'HTTP 200 ok');
  return JSON.parse(request.body);
}

test('Webex takes Markdown', async (t) => {
  assert.deepEqual(await sendTo(t, 'webex'), {
    markdown: [
      '**911 CALL – Zoë**',
      '**Caller:** Zoë O’Hara +1 512-555-0100  \n**Place:** 12½ Elm St, Room 3-12',
      '_Help is on the way._',
      '[Trace](<https://waymark.example.com/calls/1?a=b&c=d>)',
    ].join('\n\n'),
  });
});

test('Teams takes an Adaptive Card in its envelope', async (t) => {
  const line = (name: string, value: string): object => ({
    type: 'RichTextBlock',
    inlines: [
      { type: 'TextRun', text: `${name}: `, weight: 'Bolder' },
      { type: 'TextRun', text: value },
    ],
  });
  assert.deepEqual(await sendTo(t, 'teams'), {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            {
              type: 'RichTextBlock',
              inlines: [{ type: 'TextRun', text: CONTENT.title, weight: 'Bolder', size: 'Large' }],
            },
            line('Caller', 'Zoë O’Hara +1 512-555-0100'),
            line('Place', '12½ Elm St, Room 3-12'),
            { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'Help is on the way.', italic: true }] },
          ],
          actions: [{ type: 'Action.OpenUrl', title: 'Trace', url: CONTENT.links[0]?.url }],
        },
      },
    ],
  });
});

test('Slack takes blocks of plain text', async (t) => {
  const text = (words: string): object => ({ type: 'plain_text', text: words, emoji: false });
  assert.deepEqual(await sendTo(t, 'slack'), {
    text: CONTENT.title,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: text(CONTENT.title) },
      {
        type: 'section',
        fields: [text('Caller:\nZoë O’Hara +1 512-555-0100'), text('Place:\n12½ Elm St, Room 3-12')],
      },
      { type: 'section', text: text('Help is on the way.') },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '<https://waymark.example.com/calls/1?a=b&c=d|Trace>',
          verbatim: true,
        },
      },
    ],
  });
});

test('what a platform answers is understood; the address of the room stays out of it', async (t) => {
  const failing = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429';
  const answers: [ChatFlavour, number, string, permanent: boolean, RegExp][] = [
    ['teams', 200, failing, false, /delivery failed/],
    ['slack', 404, 'no_service /services/T0/B0/abcdefgh', true, /^HTTP 404 no_service \[redacted\]$/],
    ['teams', 400, 'wrong: sig 0123456789abcdef', false, /^HTTP 400 wrong: sig \[redacted\]$/],
    ['slack', 410, 'channel_is_archived', true, /channel_is_archived/],
    ['slack', 403, 'action_prohibited', false, /action_prohibited/],
    ['webex', 500, '', false, /^HTTP 500$/],
    ['webex', 308, '', true, /redirects/],
  ];
  for (const [flavour, status, body, isPermanent, expected] of answers) {
    const sent = sendTo(t, flavour, (_request, response) => void response.writeHead(status).end(body));
    await assert.rejects(sent, (error) => {
      assert.ok(error instanceof SendError);
      assert.match(error.message, expected);
      assert.equal(error.isPermanent, isPermanent, body);
      return true;
    });
  }
  const busy = sendTo(t, 'slack', (_request, response) => void response.writeHead(429, { 'retry-after': '30' }).end());
  await assert.rejects(busy, { isPermanent: false, retryAfterSeconds: 30 });
});

const HOSTILE = [
  '<!channel>',
  '<@U123>',
  '<@all>',
  '<@personEmail:boss@example.com|Boss>',
  '@here @channel',
  '<https://evil.example|click>',
  '[click](https://evil.example)',
  '![x](https://evil.example/p.png)',
  'https://evil.example/x',
  'HTTP://evil.example',
  'www.evil.example',
  'evil.example',
  'boss@evil.example',
  'mailto:boss@evil.example',
  'tel:911',
  'sip:x@evil.example',
  '<at>Boss</at>',
  '<a href="https://evil.example">x</a>',
  '{{DATE(2026-01-01T00:00:00Z)}}',
  '# heading',
  '**bold** _it_ `code` ~~x~~',
  '&lt;!channel&gt;',
  '&#60;!channel&#62;',
  '\\<@all\\>',
  '</td>',
  '\u202eevil\u2066',
  '\r\n# heading\r\n',
  '\ud800',
  '👨‍👩‍👧‍👦'.repeat(200),
  'x'.repeat(5_000),
  '&'.repeat(5_000),
  '@'.repeat(5_000),
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 4 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 400 }),
);
const content: fc.Arbitrary<ChatContent> = fc.record({
  channel: fc.constant('chat' as const),
  title: hostile,
  lines: fc.array(fc.record({ name: hostile, value: hostile }), { maxLength: 60 }),
  notices: fc.array(hostile, { maxLength: 15 }),
  links: fc.constant([{ text: 'Trace', url: 'https://waymark.example.com/calls/1' }]),
});

/** Every text anywhere in a value, by the name it stands under. */
function textsIn(value: unknown, name = ''): [name: string, text: string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, Number.isNaN(Number(key)) ? key : name));
}

/** What clients make links, mentions or functions of. */
const LIVE = /:\/\/|[@#](?![\u2060…])|\{\{|\bwww\.(?!\u2060)|\b(?:mailto|tel|sip|sips):|\w\.\p{L}{2}/iu;
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

test('no name becomes a link, a mention or markup, and no limit is passed', () => {
  fc.assert(
    fc.property(content, fc.constantFrom(...CHAT_FLAVOURS), (given, flavour) => {
      const body = composeChat(flavour, given);
      assert.ok(body.isWellFormed());
      const payload = JSON.parse(body) as Record<string, unknown>;
      for (const [, text] of textsIn(payload)) {
        assert.ok(text !== '');
        assert.doesNotMatch(text, TURNING);
      }
      if (flavour === 'webex') {
        const markdown = String(payload['markdown']);
        assert.ok(Buffer.byteLength(markdown) <= 7_439, String(Buffer.byteLength(markdown)));
        const own = markdown.replace('[Trace](<https://waymark.example.com/calls/1>)', '');
        assert.notEqual(own, markdown, 'our link is there');
        assert.doesNotMatch(own, LIVE);
        assert.doesNotMatch(own, /[<>]|(?<!\\)(?:\\\\)*[`[\]|~]/);
        assert.doesNotMatch(own, /&(?!(?:amp|lt|gt);)/);
        assert.doesNotMatch(own, /^[#>-]/m);
      } else if (flavour === 'teams') {
        assert.ok(Buffer.byteLength(body) <= 28_000);
        const card = JSON.stringify(payload);
        assert.doesNotMatch(card, /TextBlock"(?<!RichTextBlock")|"entities"|"FactSet"/);
        for (const [name, text] of textsIn(payload)) if (name === 'text') assert.doesNotMatch(text, LIVE);
      } else {
        const blocks = payload['blocks'] as Record<string, unknown>[];
        assert.ok(blocks.length <= 50 && body.length <= 40_000);
        for (const block of blocks) {
          const header = (block['text'] as { text?: string } | undefined)?.text ?? '';
          assert.ok(header.length <= (block['type'] === 'header' ? 150 : 3_000));
          const fields = (block['fields'] ?? []) as { type: string; text: string }[];
          assert.ok(fields.length <= 10);
          for (const field of fields) assert.ok(field.type === 'plain_text' && field.text.length <= 2_000);
        }
        assert.doesNotMatch(String(payload['text']), /[<>]|&(?!(?:amp|lt|gt);)/);
        for (const [name, text] of textsIn({ ...payload, blocks: blocks.slice(0, -1) })) {
          if (name === 'text') assert.doesNotMatch(text, LIVE);
        }
      }
    }),
    { numRuns: 400, seed: 911 },
  );
});

test('links of ours stay in their place; what is none is left out', () => {
  const links = [
    { text: 'a|b>c](x)', url: 'https://waymark.example.com/a?b=<c>|d' },
    { text: 'script', url: 'javascript:alert(1)' },
    { text: 'nonsense', url: 'nonsense' },
    { text: 'long', url: `https://waymark.example.com/${'a'.repeat(600)}` },
  ];
  const made = (flavour: ChatFlavour): string => composeChat(flavour, { ...CONTENT, links });
  assert.match(made('slack'), /<https:\/\/waymark\.example\.com\/a\?b=%3Cc%3E%7Cd\|a\|b&gt;c\]\(x\)>/);
  assert.match(made('webex'), /\[a\\\\\|b&gt;c\\\\\]\(x\)\]\(<https:\/\/waymark\.example\.com\/a\?b=%3Cc%3E\|d>\)/);
  for (const flavour of CHAT_FLAVOURS) assert.doesNotMatch(made(flavour), /javascript|nonsense|aaaa/);
});
