import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { composeMessage } from '../../src/alerts/content/compose-message.ts';
import { layoutMail, MAP_SLOT, mapFigure } from '../../src/alerts/content/mail-layout.ts';
import { sampleContext, sampleOccasion } from '../../src/alerts/content/sample-occasion.ts';
import { drawMap } from '../../src/alerts/map-picture/draw-map.ts';
import {
  ALERT_LANGUAGES,
  ALERT_TRIGGERS,
  type AlertLanguage,
  type AlertTrigger,
  TRIGGER_SEVERITY,
} from '../../src/domain/alert-trigger.ts';
import { exampleTold } from '../support/alert-occasion-fixture.ts';
import { artefactPath } from '../support/artefacts.ts';
import { startBrowser } from '../support/browser.ts';
import { skipWithout } from '../support/parts.ts';
import { SAMPLE_PAGES } from './sample-mail-pages.ts';

const skip = skipWithout('chromium');
const WIDTHS = [320, 800];
const WITHOUT_MAP = new Set(['no-location']);

const MAP = Buffer.from(
  drawMap({
    widthPixels: 552,
    heightPixels: 300,
    density: 2,
    latitude: 32.7804,
    longitude: -96.7998,
    metersPerPixel: 1.1,
    uncertaintyMeters: 30,
    outlines: [],
    streets: ['N Akard St', 'N Field St', 'N Ervay St', 'Main St', 'Elm St', 'Pacific Ave'].map((name, number) => ({
      name,
      line: Float64Array.from({ length: 14 }, (_, at) => {
        const [along, across] = [(at >> 1) - 3, (number % 3) - 1];
        const isLongitude = at % 2 === 0;
        if (number < 3) return isLongitude ? -96.7998 + across * 0.002 + along * 0.0002 : 32.7804 + along * 0.001;
        return isLongitude ? -96.7998 + along * 0.0018 : 32.7805 + across * 0.0012 - along * 0.0003;
      }),
    })),
    houses: [],
    sites: [],
    inset: null,
    maxBytes: 60_000,
  }),
);

/** The mail as its reader sees it: what is attached stands in it. */
function mailWithMap(name: string): string {
  const page = SAMPLE_PAGES[name];
  assert.ok(page);
  const { html } = layoutMail(page);
  if (WITHOUT_MAP.has(name)) return html;
  const figure = mapFigure('map', `Map: ${page.highlights[0]?.value ?? ''}`, 'Boundaries: US Census Bureau');
  return html.replace(MAP_SLOT, figure.replace('cid:map', `data:image/png;base64,${MAP.toString('base64')}`));
}

type Findings = { faults: string[]; seen: number; lang: string; title: string };

const INSPECT = readFileSync(new URL('./inspect-mail.js', import.meta.url), 'utf8');

let browser: Browser;
before(async () => {
  if (skip === false) browser = await startBrowser();
});
after(async () => {
  if (skip === false) await browser.close();
});

for (const name of Object.keys(SAMPLE_PAGES)) {
  test(`the mail "${name}" can be read light, dark and narrow`, { skip }, async () => {
    const html = mailWithMap(name);
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 800, height: 600 } });
      const page = await context.newPage();
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.setContent(html, { waitUntil: 'load' });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 600 });
        await page.screenshot({ path: artefactPath(`mails/${name}-${colorScheme}-${width}.png`), fullPage: true });
        const { faults, lang, seen, title } = await page.evaluate<Findings>(INSPECT);
        assert.deepEqual(faults, [], `${colorScheme}, ${width} wide`);
        assert.ok(seen > 5);
        assert.equal(lang, SAMPLE_PAGES[name]?.language);
        assert.ok(title.length > 0);
      }
      assert.deepEqual(dialogs, []);
      await context.close();
    }
  });
}

/** What is really sent, of every trigger. */
function composedMail(trigger: AlertTrigger, language: AlertLanguage): string {
  const endpoint = { channel: 'email', address: 'desk@example.com' } as const;
  const told = exampleTold({ endpoint, language, trigger, severity: TRIGGER_SEVERITY[trigger] });
  const context = sampleContext('https://waymark.example', Date.parse('2026-03-05T18:30:16.000Z'));
  const { content } = composeMessage(sampleOccasion(trigger, '00000000-0000-4000-8000-0000000000aa'), told, context);
  return content.channel === 'email' ? (content.html ?? '') : '';
}

for (const language of ALERT_LANGUAGES) {
  test(`the mail of every trigger can be read, in "${language}"`, { skip }, async () => {
    const page = await browser.newPage({ viewport: { width: 400, height: 600 } });
    for (const trigger of ALERT_TRIGGERS) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setContent(composedMail(trigger, language), { waitUntil: 'load' });
      await page.screenshot({ path: artefactPath(`mails/${trigger}-${language}.png`), fullPage: true });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { faults, lang, seen } = await page.evaluate<Findings>(INSPECT);
        assert.deepEqual(faults, [], `${trigger}, ${colorScheme}`);
        assert.ok(seen > 5);
        assert.equal(lang, language);
      }
    }
    await page.close();
  });
}

test('dark colours are taken where a program asks for them, and only there', { skip }, async () => {
  const cardOf = async (colorScheme: 'light' | 'dark'): Promise<string> => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.setContent(mailWithMap('english'));
    const color = await page.evaluate<string>(`getComputedStyle(document.querySelector('.card')).backgroundColor`);
    await context.close();
    return color;
  };
  assert.equal(await cardOf('light'), 'rgb(255, 255, 255)');
  assert.equal(await cardOf('dark'), 'rgb(22, 27, 34)');
});
