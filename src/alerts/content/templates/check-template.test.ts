import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { composeMessage } from '../compose-message.ts';
import { smsSegments } from '../gsm-text.ts';
import { sampleContext, sampleOccasion, sampleTold } from '../sample-occasion.ts';
import { defaultTemplate } from './default-template.ts';
import { previewTemplate } from './preview-template.ts';
import { TEMPLATE_KEYS, type TemplateKey, type TemplateText } from './template.ts';

const CONTEXT = sampleContext('https://waymark.example', Date.parse('2026-03-05T18:30:16.000Z'));
const MAIL: TemplateKey = { trigger: 'call-placed', channel: 'email', language: 'en' };

function faultsOf(text: Partial<TemplateText>, key = MAIL): string[] {
  const whole = { title: null, body: 'Something.', html: null, ...text };
  return previewTemplate(key, whole, CONTEXT).faults.map(({ path, message }) => `${path}: ${message}`);
}

test('what ours says as a template has no faults, and says all that the law wants', () => {
  for (const key of TEMPLATE_KEYS) {
    const { faults, warnings } = previewTemplate(key, defaultTemplate(key), CONTEXT);
    assert.deepEqual({ key, faults, warnings }, { key, faults: [], warnings: [] });
  }
});

test('what ours says as a template comes out as ours says it', () => {
  for (const key of TEMPLATE_KEYS) {
    // Mails and rooms are told more than a template can lay out.
    if (key.channel !== 'sms' && key.channel !== 'push') continue;
    const own = previewTemplate(key, defaultTemplate(key), CONTEXT).content;
    const ours = previewTemplate(key, { title: null, body: '{{ nothing', html: null }, CONTEXT);
    assert.equal(ours.content, null);
    const builtIn = previewDefault(key);
    assert.deepEqual(own, builtIn, `${key.trigger} ${key.channel} ${key.language}`);
  }
});

test('faults tell field, line and column', () => {
  assert.deepEqual(faultsOf({ body: 'Hello\n{{ caler.name }}' }), [
    'body: line 2, column 4: there is no fact caler.name',
  ]);
  assert.deepEqual(faultsOf({ title: '{{ caller }}' }), ['title: line 1, column 4: there is no fact caller']);
  assert.deepEqual(faultsOf({ body: '{% if caller.name %}x' }), [
    'body: line 1, column 1: tag {% if caller.name %} not closed',
  ]);
  assert.match(
    faultsOf({ body: 'a\nb {{ caller.name | shout }}' })[0] ?? '',
    /^body: line 2, column \d+: undefined filter: shout$/,
  );
  assert.match(faultsOf({ body: '{% include "x" %}' })[0] ?? '', /tag "include" not found/);
  assert.match(faultsOf({ body: '{% render "x" %}' })[0] ?? '', /tag "render" not found/);
  assert.match(faultsOf({ body: '{% layout "/etc/passwd" %}' })[0] ?? '', /tag "layout" not found/);
  assert.match(faultsOf({ html: '<p>{{ caller.name | raw }}</p>' })[0] ?? '', /undefined filter: raw/);
});

test('no way to objects behind the facts', () => {
  for (const body of [
    '{{ caller.constructor }}',
    '{{ caller.__proto__ }}',
    '{{ notes.constructor }}',
    '{{ constructor }}',
    '{{ caller["name"].length }}',
    '{{ caller[recipient] }}',
    '{{ caller.name.constructor.constructor }}',
    '{{ process.env }}',
  ]) {
    assert.match(faultsOf({ body }).join(), /there is no fact/, body);
  }
});

test('what is within lists is found when it is tried', () => {
  const key: TemplateKey = { trigger: 'undefined-element', channel: 'email', language: 'en' };
  assert.deepEqual(
    faultsOf({ body: '{% for line in news.lines %}{{ line.name }}: {{ line.value }}{% endfor %}' }, key),
    [],
  );
  assert.match(
    faultsOf({ body: '{% for line in news.lines %}{{ line.nam }}{% endfor %}' }, key)[0] ?? '',
    /undefined variable: line\.nam/,
  );
});

test('limits: loops, length, memory', () => {
  for (const body of [
    '{% for i in (1..1000000) %}x{% endfor %}',
    '{% assign all = (1..3000) %}{% for i in all %}x{% endfor %}',
    '{{ (1..300) | join }}',
    '{% if (1..300) %}x{% endif %}',
  ]) {
    assert.match(faultsOf({ body })[0] ?? '', /not over ranges/, body);
  }
  assert.deepEqual(faultsOf({ body: '{{ caller.name | append: " .." }}' }), []);
  const deep = '{% for a in notes %}{% for b in notes %}{% for c in notes %}x{% endfor %}{% endfor %}{% endfor %}';
  assert.match(faultsOf({ body: deep })[0] ?? '', /at most 2 deep/);
  assert.match(faultsOf({ body: 'x'.repeat(20_001) })[0] ?? '', /at most 20000 characters/);
  const doubling = `{% assign x = "0123456789" %}${'{% assign x = x | append: x %}'.repeat(40)}{{ x }}`;
  assert.match(faultsOf({ body: doubling })[0] ?? '', /memory alloc limit exceeded/);
  assert.match(faultsOf({ body: '' })[0] ?? '', /says nothing/);
  assert.match(faultsOf({ title: 'one\ntwo' })[0] ?? '', /one line/);
  assert.match(faultsOf({ body: 'a\u202Eb' })[0] ?? '', /nobody sees/);
  assert.match(faultsOf({ title: 'x' }, { ...MAIL, channel: 'sms' })[0] ?? '', /no title/);
  assert.match(faultsOf({ html: '<p>x</p>' }, { ...MAIL, channel: 'chat' })[0] ?? '', /only mails/);
});

test('HTML: plain elements, links where links stand, text everywhere else', () => {
  const good = [
    '<h2>{{ headline }}</h2><p>{{ place.text }}<br>{{ caller.name }}</p>',
    '<p><a href="{{ links.trace }}">trace</a> <a href="tel:{{ callback.number }}">{{ callback.number }}</a></p>',
    '<ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>',
    '<a href="https://intranet.example/plan">plan</a> 1 &lt; 2',
  ];
  for (const html of good) assert.deepEqual(faultsOf({ html }), [], html);
  const bad = [
    '<script>alert(1)</script>',
    '<p onclick="x">x</p>',
    '<p style="position:fixed">x</p>',
    '<img src="https://example.com/x.png">',
    '<a href="{{ caller.name }}">x</a>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href={{ links.trace }}>x</a>',
    '<a href="https://example.com/{{ caller.name }}">x</a>',
    '<{{ caller.name }}>',
    '<p {{ caller.name }}>x</p>',
    '<{% if isDrill %}p{% endif %}>',
    '<p>x</div>',
    '</td></tr></table>',
    '<p>not closed',
    '<!-- hidden -->',
    '<a href="{{ links.trace }}" target="_blank">x</a>',
    '1 < 2',
    '<style>p{}</style>',
  ];
  for (const html of bad) assert.notDeepEqual(faultsOf({ html }), [], html);
});

test('what the law wants said is warned of where a template leaves it out, and told all the same', () => {
  const { warnings, content } = previewTemplate(
    { trigger: 'call-placed', channel: 'sms', language: 'en' },
    { title: null, body: 'Something happened.', html: null },
    CONTEXT,
  );
  assert.equal(warnings.length, 3);
  assert.ok(content?.channel === 'sms');
  assert.match(
    content.text,
    /^Something happened\. A 911 call was made\. \+15145550123\. Tower A, 1200 Example St, Floor 3, Room 312/,
  );
});

test('however much a template says, and however late: what the law wants said is not cut off', () => {
  const late = '{{ opening }}, {{ place.text }}, {{ callback.number }}';
  const bodies = ['x'.repeat(20_000), `${'x '.repeat(4_000)}${late}`, `${'line\n'.repeat(60)}${late}`];
  for (const channel of ['sms', 'push', 'chat'] as const) {
    for (const body of bodies) {
      const key: TemplateKey = { trigger: 'call-placed', channel, language: 'en' };
      const { content } = previewTemplate(key, { title: channel === 'sms' ? null : 'Look', body, html: null }, CONTEXT);
      const said = JSON.stringify(content);
      for (const wanted of [/\b911\b/, /\+15145550123/, /Floor 3, Room 312/]) {
        assert.match(said, wanted, `${channel}: ${body.slice(0, 10)}`);
      }
      if (content?.channel === 'sms') assert.ok(smsSegments(content.text) <= 2);
    }
  }
});

test('blanks are read once, however many there are', { timeout: 60_000 }, async () => {
  for (let nth = 0; nth < 60; nth += 1) {
    assert.deepEqual(faultsOf({ body: `${' '.repeat(19_990)}x` }), []);
    await nextTurn();
  }
});

test('a call that is no emergency any more, or none, need not say it', () => {
  const text = { title: null, body: 'Over.', html: null };
  assert.deepEqual(
    previewTemplate({ trigger: 'call-ended', channel: 'sms', language: 'en' }, text, CONTEXT).warnings,
    [],
  );
  assert.deepEqual(previewTemplate({ trigger: 'drill', channel: 'sms', language: 'en' }, text, CONTEXT).warnings, []);
});

/** What goes out where an organization wrote nothing. */
function previewDefault(key: TemplateKey) {
  const { content } = composeMessage(sampleOccasion(key.trigger, ''), sampleTold(key), CONTEXT);
  return content;
}
