import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SAMPLE_PAGES } from '../../../test/browser/sample-mail-pages.ts';
import { ALERT_SEVERITIES } from '../../domain/alert-trigger.ts';
import { layoutMail, MAP_SLOT, type MailPage, mapFigure } from './mail-layout.ts';

const tagsOf = (html: string): string[] => [...html.matchAll(/<(\/?[a-z][a-z0-9]*)/gi)].map(([, tag]) => tag ?? '');

/** The words of a page as a reader sees them. */
const wordsOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<\/?(?:span|a)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, ' ');

test('both forms of a mail say the same', () => {
  for (const [name, page] of Object.entries(SAMPLE_PAGES)) {
    const { html, text } = layoutMail(page);
    const said = [
      page.badge,
      page.headline,
      page.summary,
      ...page.notices,
      ...page.footer,
      ...page.actions.map((action) => action.text),
      ...(page.notes === null ? [] : [page.notes.title, ...page.notes.lines]),
      ...[page.highlights, ...page.sections.map(({ lines }) => lines)]
        .flat()
        .flatMap((line) => [line.name, line.value]),
    ].map((words) => words.replace(/\s+/g, ' ').trim());
    for (const words of said) {
      assert.ok(wordsOf(html).includes(words), `${name}: ${words} in HTML`);
      assert.ok(text.replace(/\s+/g, ' ').includes(words), `${name}: ${words} in text`);
    }
    for (const { url } of page.actions) {
      assert.ok(text.includes(url));
      assert.ok(html.includes(`href="${url}"`));
    }
    assert.ok(!text.includes('<script') || page.highlights.some(({ value }) => value.includes('<script')));
  }
});

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '</td></tr></table><h1>x</h1>',
    '<script>alert(1)</script>',
    '" onclick="alert(1)" x="',
    "' style='display:none",
    '<!--map-->',
    '--><b>',
    '<![endif]-->',
    '{{ caller.name }}',
    '&lt;b&gt;',
    '\r\n\r\nWhere: elsewhere',
    '\u202Eright to left',
    'x'.repeat(5_000),
    '🚨'.repeat(2_000),
  ),
);
const href = fc.oneof(
  value,
  fc.constantFrom('javascript:alert(1)', 'data:text/html,x', 'https://x.example/"onclick="y', 'tel:+1"'),
);

const PLAIN = SAMPLE_PAGES.french;
assert.ok(PLAIN);
const plain: MailPage = PLAIN;

test('whatever names and addresses hold, the mail keeps its structure', () => {
  const line = { name: 'Name', value: 'value' };
  const base = (words: string, url: string | null): MailPage => ({
    ...plain,
    subject: words,
    badge: words,
    headline: words,
    summary: `at ${words}`,
    notices: [words],
    highlights: [{ name: words, value: words, href: url }],
    actions: [{ text: words, url: 'https://waymark.example/x' }],
    sections: [{ title: words, lines: [line, { name: words, value: words, href: url }] }],
    notes: { title: words, lines: [words] },
    footer: [words],
  });
  const expectedTags = tagsOf(layoutMail(base('words', null)).html);
  const expectedLines = layoutMail(base('words', null)).text.split('\n').length;
  fc.assert(
    fc.property(value, href, (words, url) => {
      const isLink = /^(?:https?:\/\/|tel:)[^\s"'<>]+$/i.test(url);
      const { html, text } = layoutMail(base(`a${words}`, isLink ? null : url));
      // A number beside a name from right to left stands in a direction of its own.
      const tags = tagsOf(html.replace(/<span dir="ltr">(.*?)<\/span>/g, '$1'));
      assert.deepEqual(tags, expectedTags);
      assert.equal(html.split(MAP_SLOT).length, 2);
      assert.equal(text.split('\n').length, expectedLines);
      assert.ok(!/[\p{Bidi_Control}]/u.test(text));
    }),
    { numRuns: 300, seed: 9 },
  );
});

test('links are links to pages and numbers only', () => {
  fc.assert(
    fc.property(href, (url) => {
      const { html } = layoutMail({
        ...plain,
        actions: [],
        sections: [],
        highlights: [{ name: 'n', value: 'v', href: url }],
      });
      for (const [, target] of html.matchAll(/href="([^"]*)"/g))
        assert.match(target ?? '', /^(?:https?:\/\/|tel:)[^"<>\s]+$/i);
    }),
  );
});

test('a picture says what it shows, and whose data it is', () => {
  const figure = mapFigure('map.1@x.example', 'Map: "Elm" <St>', 'Data: A & B');
  assert.match(figure, /src="cid:map\.1@x\.example"/);
  assert.match(figure, /alt="Map: &#34;Elm&#34; &#60;St&#62;"/);
  assert.match(figure, /Data: A &#38; B/);
});

test('every severity has a band of its own, and a mail without anything to press or show has no empty parts', () => {
  const bands = ALERT_SEVERITIES.map(
    (severity) => /class="head" bgcolor="(#\w+)"/.exec(layoutMail({ ...plain, severity }).html)?.[1],
  );
  assert.equal(new Set(bands).size, ALERT_SEVERITIES.length);
  const { html, text } = layoutMail({
    ...plain,
    summary: '',
    notices: [],
    highlights: [],
    actions: [],
    sections: [],
    notes: { title: 'Note', lines: [] },
    footer: [],
  });
  assert.ok(!/<h2|<ul|<a /.test(html));
  assert.equal(text, `${plain.badge}\u00A0: ${plain.headline}\n`);
});
