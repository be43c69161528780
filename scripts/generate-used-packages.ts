/** Writes which packages a running platform and its console are made of, from the lock file; `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises';

type Locked = { version?: string; license?: string; dev?: boolean; link?: boolean };

const { packages } = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>;
};

const PREFIX = 'node_modules/';
const found = new Map<string, { name: string; version: string; license: string }>();
for (const [path, { version, license, dev, link }] of Object.entries(packages)) {
  if (!path.includes(PREFIX) || dev === true || link === true) continue;
  const name = path.slice(path.lastIndexOf(PREFIX) + PREFIX.length);
  if (version === undefined || license === undefined) throw new Error(`${path} has no version or no licence`);
  found.set(`${name} ${version}`, { name, version, license });
}
const rows = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

const content = `/** Packages of which a running platform and its console are made, from package-lock.json by \`npm run generate\`; do not edit by hand. */
export const USED_PACKAGES: readonly { name: string; version: string; license: string }[] = ${JSON.stringify(rows, null, 2)};
`;

const path = new URL('../src/platform-api/used-packages.generated.ts', import.meta.url);
const current = await readFile(path, 'utf8').catch(() => '');
if (current !== content) {
  if (process.argv.includes('--check')) {
    process.stderr.write('src/platform-api/used-packages.generated.ts is stale: run npm run generate\n');
    process.exitCode = 1;
  } else {
    await writeFile(path, content);
  }
}
