/**
 * A console whose platform answers late, one thing at a time, and what was asked for last first: what stands below is known before what
 * stands above it, on any machine. Whatever jumps, or says something that it takes back, does so here.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { eventually } from './platform-client.ts';

const WAIT_MS = 20_000;

/** Runs in the page before anything of it. The next answer is let go once the page has drawn what the one before brought. */
const HOLD = `(() => {
  if (window !== top) return;
  const FRAMES = 2;
  const REST_FRAMES = 4;
  const ask = window.fetch.bind(window);
  const held = [];
  let underWay = 0;
  const asked = [];
  window.fetch = async (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, location.href);
    if (!/^\\/(api|v1|health)\\//.test(address.pathname)) return ask(input, init);
    asked.push(address.pathname);
    underWay += 1;
    try {
      const answer = await ask(input, init);
      // All of it: what is let go is there at once.
      await answer.clone().arrayBuffer();
      await new Promise((letGo) => held.push(letGo));
      return answer;
    } finally {
      underWay -= 1;
    }
  };

  const jumps = [];
  let shifted = 0;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, sources, value } of list.getEntries()) {
      if (hadRecentInput) continue;
      shifted += value;
      for (const { node } of sources) jumps.push((node?.textContent ?? '').slice(0, 60));
    }
  }).observe({ type: 'layout-shift', buffered: true });

  const headings = [];
  const said = new Set();
  const textsOf = (selector) =>
    [...document.querySelectorAll(selector)]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .map((element) => element.innerText.trim());
  // That nothing is there, and that something went wrong.
  const verdicts = () => textsOf('#content :is([class*="awsui_cell-merged"], [class*="awsui_type-error"], [class*="awsui_status-error"])');
  let isChanged = true;
  new MutationObserver(() => {
    isChanged = true;
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  const look = () => {
    if (!isChanged) return;
    isChanged = false;
    const heading = textsOf('h1').join(' | ');
    if (heading !== (headings.at(-1) ?? '')) headings.push(heading);
    for (const text of verdicts()) if (text !== 'Loading') said.add(text);
  };

  const frames = async (count) => {
    for (let left = count; left > 0; left -= 1) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
      look();
    }
  };
  let resting = 0;
  void (async () => {
    for (;;) {
      const before = asked.length;
      await frames(FRAMES);
      if (before !== asked.length || held.length < underWay) resting = 0;
      else if (held.length === 0) resting += FRAMES;
      else {
        resting = 0;
        held.pop()();
      }
    }
  })();
  window.lateAnswers = {
    tell: () => ({
      isResting: resting >= REST_FRAMES && underWay === 0 && headings.length > 0,
      asked,
      headings,
      takenBack: [...said].filter((text) => !verdicts().includes(text)),
      shifted,
      jumps,
    }),
  };
})()`;

export type Seen = {
  /** Paths, in the order in which they were asked for. */
  asked: string[];
  /** What the heading of the page was, one after the other; empty: it was gone again. */
  headings: string[];
  /** That nothing is there, or that something went wrong, where it is not said any more. */
  takenBack: string[];
  /** How much of the page has moved since it began to load: the sum of layout shifts. */
  shifted: number;
  /** What moved, in words. */
  jumps: string[];
};

export async function answerLate(context: BrowserContext): Promise<void> {
  await context.addInitScript(HOLD);
}

/** Once everything that the page asked for has come, and is drawn. */
export function seenAtRest(page: Page): Promise<Seen> {
  return eventually(`rest at ${page.url()}`, WAIT_MS, async () => {
    const { isResting, ...seen } = await page.evaluate<Seen & { isResting: boolean }>('window.lateAnswers.tell()');
    return isResting && seen;
  });
}

/** As if somebody came back to the window: what is on the screen is read again. Returns what was asked for. */
export async function readAgain(page: Page): Promise<string[]> {
  const before = (await seenAtRest(page)).asked.length;
  await page.evaluate(`new Promise((asked) => {
    window.dispatchEvent(new Event('visibilitychange'));
    requestAnimationFrame(() => requestAnimationFrame(asked));
  })`);
  return (await seenAtRest(page)).asked.slice(before);
}
