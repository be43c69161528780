/**
 * `npm run build`: the console for browsers, from `console/` to `console/dist`, with every file packed for the wire beside it.
 * `--if-changed` does nothing where what was built is newer than what it is built from; `npm start` and `npm test` do that.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { readDefaultBoundaries } from '../src/routing/default-data.ts';
import { regionTiles } from './region-tiles.ts';

const CONSOLE = fileURLToPath(new URL('../console', import.meta.url));
const DIST = join(CONSOLE, 'dist');
const TILES = join(CONSOLE, 'map-tiles');
/** What it is built from besides its own sources. */
const OTHERS = [
  '../package-lock.json',
  './region-tiles.ts',
  '../src/routing/region-outlines.ts',
  '../src/routing/data/default-boundaries.json.gz',
].map((path) => fileURLToPath(new URL(path, import.meta.url)));
/** Small files are not worth a second one. */
const MIN_BYTES = 1_024;
const TEXT = /\.(?:bin|css|html|js|json|mjs|svg)$/;
const BROTLI_QUALITY = 9;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function newest(paths: readonly string[]): number {
  return paths.reduce((latest, path) => Math.max(latest, statSync(path).mtimeMs), 0);
}

function isUpToDate(): boolean {
  const document = join(DIST, 'index.html');
  if (!existsSync(document)) return false;
  const sources = filesIn(CONSOLE).filter(
    (path) => ![DIST, TILES].some((built) => path.startsWith(built)) && !path.includes('node_modules'),
  );
  return statSync(document).mtimeMs > newest([...sources, ...OTHERS]);
}

function pack(path: string): void {
  const bytes = readFileSync(path);
  if (!TEXT.test(path) || bytes.length < MIN_BYTES) return;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
}

/** What maps are drawn on, for the build to take as files of its own. */
function cutTiles(): void {
  rmSync(TILES, { recursive: true, force: true });
  mkdirSync(TILES);
  for (const [name, archive] of regionTiles(readDefaultBoundaries()))
    writeFileSync(join(TILES, `${name}.bin`), archive);
}

if (!process.argv.includes('--if-changed') || !isUpToDate()) {
  const startedMs = performance.now();
  cutTiles();
  await build({ root: CONSOLE, logLevel: 'warn' });
  for (const path of filesIn(DIST)) pack(path);
  process.stdout.write(`console built in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`);
}
