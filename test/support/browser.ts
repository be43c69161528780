import { type Browser, chromium } from 'playwright-core';

export { artefactPath } from './artefacts.ts';

/** Debian's Chromium without a window; close it at the end. */
export function startBrowser(): Promise<Browser> {
  // The sandbox wants rights that a container does not give; what is shown here is our own.
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
