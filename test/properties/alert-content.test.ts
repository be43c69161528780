/** Whatever a caller calls itself, and whatever stands in an address: the message keeps its form, and what counts most stays in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlertEndpoint } from '../../src/alerts/alert-endpoint.ts';
import type { MessageContent } from '../../src/alerts/alert-message.ts';
import { composeMessage } from '../../src/alerts/content/compose-message.ts';
import { smsSegments } from '../../src/alerts/content/gsm-text.ts';
import { sampleContext } from '../../src/alerts/content/sample-occasion.ts';
import { compileTemplate } from '../../src/alerts/content/templates/compile-template.ts';
import { previewTemplate } from '../../src/alerts/content/templates/preview-template.ts';
import type { TemplateChannel, TemplateText } from '../../src/alerts/content/templates/template.ts';
import { ALERT_LANGUAGES } from '../../src/domain/alert-trigger.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import { exampleAlertContext, exampleOccasion, exampleTold } from '../support/alert-occasion-fixture.ts';
import { exampleCallRecord } from '../support/call-record-fixture.ts';
import { HOSTILE_TEXTS } from '../support/hostile-call.ts';

const ENDPOINTS: Readonly<Record<MessageContent['channel'], AlertEndpoint>> = {
  email: { channel: 'email', address: 'desk@example.com' },
  sms: { channel: 'sms', number: '+12145550100', connectionId: 'gateway' },
  chat: { channel: 'chat', connectionId: 'room' },
  push: { channel: 'push', subscriptionId: 'browser' },
  webhook: { channel: 'webhook', connectionId: 'program' },
};

const ID = '00000000-0000-4000-8000-000000000911';

/** What others choose, in the place of which `choose` puts something. */
function callOf(choose: (what: string) => string): CallRecord {
  const call = exampleCallRecord({ id: ID, flags: ['failover'] });
  return {
    ...call,
    dialed: choose('dialed'),
    caller: { ...call.caller, displayName: choose('name') },
    callback: { ...call.callback, rule: choose('rule') },
    location: call.location && {
      ...call.location,
      civic: {
        country: 'US',
        A1: 'TX',
        A3: choose('city'),
        RD: choose('street'),
        NAM: choose('building'),
        FLR: choose('floor'),
        ROOM: choose('room'),
      },
      text: choose('text'),
      indoorText: choose('inside'),
      rule: choose('found'),
      method: choose('method'),
    },
    destination: { ...call.destination, name: choose('psap'), reason: choose('reason') },
    attempts: [{ uri: 'sip:a@psap.example', name: choose('attempt'), outcome: 'silent', status: null, durationMs: 1 }],
  };
}

// Never empty: what says nothing has no line of its own.
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }), fc.string()), {
    maxLength: 4,
  })
  .map((parts) => `a${parts.join('')}`);
const choice = fc.dictionary(
  fc.constantFrom(
    'dialed',
    'name',
    'rule',
    'city',
    'street',
    'building',
    'floor',
    'room',
    'text',
    'inside',
    'found',
    'method',
    'psap',
    'reason',
    'attempt',
  ),
  hostile,
);
const language = fc.constantFrom(...ALERT_LANGUAGES);

type Wanted = { call: CallRecord; language: 'en' | 'fr'; template?: { channel: TemplateChannel; text: TemplateText } };

function contentOf<Channel extends MessageContent['channel']>(
  channel: Channel,
  { call, language: spoken, template }: Wanted,
): Extract<MessageContent, { channel: Channel }> {
  const { content } = composeMessage(
    exampleOccasion({ subjectId: ID, at: call.startedAt }, call),
    exampleTold({ endpoint: ENDPOINTS[channel], language: spoken }),
    exampleAlertContext({
      acknowledgeUrl: () => 'https://waymark.example/acknowledge/0123456789',
      templates: template
        ? { find: () => compileTemplate(template.channel, template.text), onFault: (_key, fault) => assert.fail(fault) }
        : null,
    }),
  );
  return content as Extract<MessageContent, { channel: Channel }>;
}

const plain = (): CallRecord => callOf(() => 'b');
// The layout keeps numbers in order within what is written from right to left.
const skeleton = (html: string): string =>
  (html.match(/<[^>]*>/g) ?? []).filter((tag) => !/^<span dir="(?:ltr|auto)">$|^<\/span>$/.test(tag)).join('\n');
const names = (text: string): string[] =>
  text.split('\n').map((line) => /^ *[^:]*: ?/.exec(line)?.[0] ?? line.replace(/\S.*/, ''));

test('mail: the same elements, links and lines for every caller; a subject on one line', () => {
  fc.assert(
    fc.property(choice, language, (chosen, spoken) => {
      const mail = contentOf('email', { call: callOf((what) => chosen[what] ?? 'b'), language: spoken });
      const like = contentOf('email', { call: plain(), language: spoken });
      assert.equal(skeleton(mail.html ?? ''), skeleton(like.html ?? ''));
      assert.equal(mail.text.split('\n').length, like.text.split('\n').length);
      assert.doesNotMatch(mail.subject, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      assert.ok(mail.subject.length <= 1_000 && mail.subject.isWellFormed() && mail.text.isWellFormed());
      assert.doesNotMatch(mail.text, /\p{Bidi_Control}|[^\P{Cc}\n]/u);
    }),
    { numRuns: 150 },
  );
});

test('mail: names of lines are ours alone', () => {
  fc.assert(
    fc.property(choice, language, (chosen, spoken) => {
      const mail = contentOf('email', { call: callOf((what) => chosen[what] ?? 'b'), language: spoken });
      const like = contentOf('email', { call: plain(), language: spoken });
      const said = names(mail.text);
      for (const [index, name] of names(like.text).entries()) {
        if (name.trim() !== '') assert.ok(said[index]?.startsWith(name.slice(0, 8)), `${said[index]} is no ${name}`);
      }
    }),
    { numRuns: 100 },
  );
});

test('text messages: two segments, callback number, floor and room, whatever else is long', () => {
  const short = fc
    .string({ unit: fc.constantFrom(...Array.from('ABC123-/ ')), minLength: 1, maxLength: 8 })
    .map((text) => `F${text}`);
  fc.assert(
    fc.property(choice, short, short, language, (chosen, floor, room, spoken) => {
      const inside = `Floor ${floor.trim()}, Room ${room.trim()}`;
      const own: Record<string, string> = { ...chosen, floor: floor.trim(), room: room.trim(), inside };
      const { text } = contentOf('sms', { call: callOf((what) => own[what] ?? 'b'), language: spoken });
      assert.ok(smsSegments(text) <= 2, text);
      assert.ok(text.includes('+12145550123'), text);
      assert.ok(text.includes(floor.trim()) && text.includes(room.trim()), text);
      assert.match(text, /911/);
      assert.doesNotMatch(text, /[\p{Cc}\p{Bidi_Control}]/u);
    }),
    { numRuns: 300 },
  );
});

test('rooms and push messages: names are ours, everything within its limits', () => {
  fc.assert(
    fc.property(choice, language, (chosen, spoken) => {
      const call = callOf((what) => chosen[what] ?? 'b');
      const room = contentOf('chat', { call, language: spoken });
      const like = contentOf('chat', { call: plain(), language: spoken });
      const known = like.lines.map(({ name }) => name);
      assert.ok(room.lines.every(({ name }) => known.includes(name)));
      assert.deepEqual(
        room.lines.slice(0, 4).map(({ name }) => name),
        known.slice(0, 4),
      );
      assert.deepEqual(room.links, like.links);
      assert.ok(JSON.stringify(room).length < 30_000);
      const push = contentOf('push', { call, language: spoken });
      assert.ok(push.title.length <= 100 && push.body.length <= 300);
      assert.ok(push.body.includes('+12145550123'));
    }),
    { numRuns: 150 },
  );
});

const OWN_MAIL: TemplateText = {
  title: 'Help {{ caller.name }}',
  body: 'Go to {{ place.text }}.\nCall {{ callback.number }}.',
  html: '<h2>{{ caller.name }}</h2><p>{{ place.text }} <a href="tel:{{ callback.number }}">{{ callback.number }}</a></p><ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul><p>{{ place.floor }} {{ place.room | upcase | append: caller.name }}</p>',
};
const OWN_ROOM: TemplateText = {
  title: '911 {{ caller.name }}',
  body: '{{ caller.name }}\nWhere: {{ place.text }}\n{% if place.floor %}Floor: {{ place.floor }}{% endif %}\nBack: {{ callback.number }}',
  html: null,
};

test('templates of organizations: values change neither elements nor lines', () => {
  fc.assert(
    fc.property(choice, language, (chosen, spoken) => {
      const call = callOf((what) => chosen[what] ?? 'b');
      const mailTemplate = { channel: 'email', text: OWN_MAIL } as const;
      const mail = contentOf('email', { call, language: spoken, template: mailTemplate });
      const like = contentOf('email', { call: plain(), language: spoken, template: mailTemplate });
      assert.equal(skeleton(mail.html ?? ''), skeleton(like.html ?? ''));
      assert.equal(mail.text.split('\n').length, like.text.split('\n').length);
      assert.doesNotMatch(mail.subject, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      const room = contentOf('chat', { call, language: spoken, template: { channel: 'chat', text: OWN_ROOM } });
      assert.deepEqual(
        room.lines.map(({ name }) => name),
        ['', 'Where', 'Floor', 'Back'],
      );
    }),
    { numRuns: 150 },
  );
});

test('whatever somebody writes as a template, the answer is a preview or faults that say where', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{{ caller.name }}',
      '{{ caller.',
      '{% if isDrill %}',
      '{% endif %}',
      '{% for n in notes %}',
      '{% endfor %}',
      '{{ n }}',
      '{% assign x = 1 %}',
      '{{ x | append: x }}',
      '{% raw %}',
      '{% endraw %}',
      '{% comment %}',
      '{% endcomment %}',
      '<p>',
      '</p>',
      '<a href="',
      '">',
      '{{-',
      '-}}',
      '|',
      '\n',
      '%}',
      '}}',
      '{% case severity %}{% when "info" %}',
      '{% endcase %}',
      '{% liquid',
      '{% include "x" %}',
    ),
    fc.string({ maxLength: 8 }),
  );
  const context = sampleContext('https://waymark.example', 0);
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.constantFrom('email', 'chat', 'sms', 'push'),
      (source, channel) => {
        const text = { title: null, body: source, html: channel === 'email' ? source : null };
        const { faults, content } = previewTemplate({ trigger: 'call-placed', channel, language: 'en' }, text, context);
        assert.equal(content === null, faults.length > 0);
        assert.ok(faults.every(({ path, message }) => path !== '' && message !== ''));
      },
    ),
    { numRuns: 500 },
  );
});
