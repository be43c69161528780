/** What tells somebody who looks at a page of the console where that is. */
import type { Page } from 'playwright-core';
import { CONSOLE_WAIT_MS } from './console-page.ts';
import { markedEntry } from './console-pages.ts';
import { eventually } from './platform-client.ts';

/** Whether the navigation, the crumbs and the title of the window say where one is. */
export async function lookWhere(page: Page, path: string): Promise<string[]> {
  // What a page is about it knows a moment later.
  if (path.includes(':'))
    await eventually('a title that names it', CONSOLE_WAIT_MS, () =>
      page.evaluate<boolean>('document.title.split(" · ").length > 2'),
    );
  const { entries, marked, crumbs, title, heading } = await page.evaluate<{
    entries: string[];
    marked: { href: string; text: string }[];
    crumbs: string[];
    title: string;
    heading: string;
  }>(`(() => {
    const texts = (elements) => elements.map((element) => element.innerText.trim());
    const links = [...document.querySelectorAll('nav[aria-label="Navigation"] a[href]')];
    const current = links.filter((link) => link.getAttribute('aria-current') === 'page');
    return {
      entries: links.map((link) => link.getAttribute('href')),
      marked: current.map((link) => ({ href: link.getAttribute('href'), text: link.innerText.trim() })),
      crumbs: texts([...document.querySelectorAll('nav[aria-label="Where you are"] > ol:first-of-type > li')]).filter((text) => text !== '...'),
      title: document.title,
      heading: document.querySelector('h1').innerText.trim(),
    };
  })()`);
  const found: string[] = [];
  const [entry] = marked;
  const wanted = markedEntry(path, entries);
  if (marked.length !== 1 || entry?.href !== wanted) found.push(`marks ${JSON.stringify(marked)}, not ${wanted}`);
  // What the navigation lists needs no way back.
  if (entries.includes(path) !== (crumbs.length === 0)) found.push(`crumbs: ${crumbs.join(' > ')}`);
  if (crumbs.length === 1 || (crumbs.length > 1 && crumbs[0] !== entry?.text))
    found.push(`crumbs: ${crumbs.join(' > ')}`);
  const parts = title.split(' · ');
  if (parts.at(-1) !== 'Waymark' || !title.includes(entry?.text ?? '?')) found.push(`title: ${title}`);
  if (path.includes(':') && !title.startsWith(heading.split('\n')[0] ?? '?')) found.push(`${title} is not ${heading}`);
  return found;
}
