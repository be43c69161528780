/** The console in a browser, as tests open it: signed in, and whatever it complains of is kept. */
import type { BrowserContext, Page } from 'playwright-core';

export const CONSOLE_WAIT_MS = 20_000;

export type Noted = {
  /** What pages asked of other hosts. */
  strays: string[];
  /** What the browser reported: failures of scripts, and what the content security policy kept from happening. */
  complaints: string[];
};

/** Opens a page of the console and notes what it should not do. */
export async function openConsole(context: BrowserContext, address: string, noted: Noted): Promise<Page> {
  context.setDefaultTimeout(CONSOLE_WAIT_MS);
  const page = await context.newPage();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(address).origin) noted.strays.push(request.url());
  });
  page.on('pageerror', (error) => noted.complaints.push(String(error)));
  page.on('console', (message) => {
    // What was refused or is not there, the browser reports by itself.
    if (message.type() === 'error' && !/ 4\d\d /.test(message.text())) noted.complaints.push(message.text());
  });
  await page.goto(address);
  return page;
}

/** Signs in with an access token where the page asks for it, by keyboard. */
export async function signInTo(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').last().fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor({ state: 'attached' });
}
