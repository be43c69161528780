import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

/** Where tests leave pictures to look at; not in git. */
const ARTEFACTS = fileURLToPath(new URL('../artefacts', import.meta.url));

/** Debian's Chromium without a window; close it at the end. */
export function startBrowser(): Promise<Browser> {
  // The sandbox wants rights that a container does not give; what is shown here is our own.
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** The path of a picture that a test leaves, such as `mails/en-light.png`; its folder is made. */
export function artefactPath(name: string): string {
  const path = join(ARTEFACTS, name);
  mkdirSync(join(path, '..'), { recursive: true });
  return path;
}
