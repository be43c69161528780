/** Writes the types of the console's client from the description of our own REST operations; `--check` only compares. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeOpenApi } from '../src/platform-api/describe-openapi.ts';
import { platformRoutes } from '../src/platform-api/platform-api.ts';
import { webexRoutes } from '../src/webex-api/webex-api.ts';

const CONSOLE = new URL('../console/', import.meta.url);

/** Rooms that nobody asks anything: operations are described without being run. */
function noRooms<Deps extends object>(): Deps {
  const room: Deps = new Proxy(() => undefined, { get: () => room, apply: () => room }) as unknown as Deps;
  return room;
}

/** By the console's own generator, which needs another compiler than ours. */
async function writeTypes(description: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-api-'));
  try {
    const [from, to] = [join(folder, 'openapi.json'), join(folder, 'schema.ts')];
    // Words are for those who read /docs.
    const withoutWords = (name: string, value: unknown): unknown =>
      (name === 'description' || name === 'summary') && typeof value === 'string' ? undefined : value;
    await writeFile(from, JSON.stringify(description, withoutWords));
    const program = dirname(createRequire(new URL('package.json', CONSOLE)).resolve('openapi-typescript/package.json'));
    const { status, stderr } = spawnSync(process.execPath, [join(program, 'bin/cli.js'), from, '-o', to], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the types of the console's client could not be written: ${stderr}`);
    return await readFile(to, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

const routes = [...webexRoutes(noRooms()), ...platformRoutes(noRooms())];
const content = await writeTypes(describeOpenApi(routes, 'http://127.0.0.1', []));

const path = new URL('src/api/schema.generated.ts', CONSOLE);
const current = await readFile(path, 'utf8').catch(() => '');
if (current !== content) {
  if (process.argv.includes('--check')) {
    process.stderr.write('console/src/api/schema.generated.ts is stale: run npm run generate\n');
    process.exitCode = 1;
  } else {
    await writeFile(path, content);
  }
}
