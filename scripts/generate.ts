/** `npm run generate`: writes every generated file; with `--check` only says which are stale. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const generators = [
  'generate-config-docs.ts',
  'generate-rights-docs.ts',
  'generate-webex.ts',
  'generate-used-packages.ts',
  'generate-console-api.ts',
];
const options = process.argv.slice(2);
for (const name of generators) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  if (!existsSync(script)) throw new Error(`${name} is missing`);
  const result = spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' });
  if (result.status !== 0) process.exitCode = 1;
}
