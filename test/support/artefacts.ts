import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where tests leave pictures to look at; not in git. */
const ARTEFACTS = fileURLToPath(new URL('../artefacts', import.meta.url));

/** The path of a picture that a test leaves, such as `mails/en-light.png`; its folder is made. */
export function artefactPath(name: string): string {
  const path = join(ARTEFACTS, name);
  mkdirSync(join(path, '..'), { recursive: true });
  return path;
}
