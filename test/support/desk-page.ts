/** The alert desk in a browser, as a person at it sees and uses it. */
import type { Browser, Page } from 'playwright-core';

/** Listens to what the page asks of the browser's sound. Scripts of pages are texts: the types of browsers are not those of this project. */
const EARS = `{
  const heard = { tones: 0, contexts: [] };
  globalThis.heard = heard;
  const begin = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function start(when) {
    heard.tones += 1;
    return begin.call(this, when);
  };
  const Real = AudioContext;
  globalThis.AudioContext = class extends Real {
    constructor() {
      super();
      heard.contexts.push(this);
    }
  };
}`;
const WHAT_WAS_HEARD = `({
  tones: heard.tones,
  isRunning: heard.contexts.some(({ state, currentTime }) => state === 'running' && currentTime > 0),
})`;

export type DeskPage = {
  page: Page;
  /** Tones that were started so far, and whether the browser lets them out. */
  sound: () => Promise<{ tones: number; isRunning: boolean }>;
  /** Texts of the cards of a section, from top to bottom. */
  cards: (section: 'open' | 'taken' | 'settled') => Promise<string[]>;
  /** Everything that went wrong in the page: errors, refusals of its own policy. */
  readonly faults: readonly string[];
  close: () => Promise<void>;
};

export type DeskWish = {
  url: string;
  token: string;
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
};

const LIMIT_MS = 20_000;

export async function openDesk(browser: Browser, wish: DeskWish): Promise<DeskPage> {
  const { url, token, width = 1280, height = 800, colorScheme = 'light' } = wish;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    permissions: ['notifications'],
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A stream that is cut is the matter of tests, and no fault of the page; that nobody is signed in yet, the browser reports by itself.
    const isExpected = message.text().includes('net::ERR_') || message.location().url.endsWith('/api/session');
    if (message.type() === 'error' && !isExpected) faults.push(message.text());
  });
  await page.addInitScript({ content: EARS });
  await page.goto(`${url}/desk`);
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Open the desk' }).click();
  return {
    page,
    faults,
    sound: () => page.evaluate<{ tones: number; isRunning: boolean }>(WHAT_WAS_HEARD),
    cards: (section) => page.locator(`#${section} .card`).allInnerTexts(),
    close: () => context.close(),
  };
}
