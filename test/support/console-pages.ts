/** Every page of the console, as its own lists name them: a new page is looked at without being named here. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openClient } from './platform-client.ts';

const CONSOLE = fileURLToPath(new URL('../../console/src', import.meta.url));

/** With `:id` where a page is about one thing. */
export function consolePagePaths(): string[] {
  const lists = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((name) => /pages\.tsx?$/.test(name));
  return lists.flatMap((name) =>
    [...readFileSync(join(CONSOLE, name), 'utf8').matchAll(/^ {4}path: '([^']+)'/gm)].map(([, path = '']) => path),
  );
}

/** Where a list of the API has something for a page that is about one thing, where the two are not called the same. */
const NAMED_BY: Readonly<Record<string, string>> = {
  '/alerts/incidents/:id': '/api/incidents',
  '/places/:id': '/api/compliance',
};

/** Entries of the navigation that mark a page which their address does not tell. */
const LISTED_UNDER: Readonly<Record<string, string>> = {
  '/alerts/incidents/:id': '/alerts',
  '/alerts/preview': '/alerts/rules',
  '/alerts/gaps': '/alerts/rules',
  '/alerts/groups': '/alerts/recipients',
  '/alerts/groups/:id': '/alerts/recipients',
  '/routing/boundaries': '/routing/layers',
  '/routing/import': '/routing/layers',
};

/** The only entry that the navigation marks on a page: its own, or the nearest above it. */
export function markedEntry(path: string, entries: readonly string[]): string | undefined {
  const named = LISTED_UNDER[path];
  if (named !== undefined) return named;
  return entries
    .filter((entry) => path === entry || path.startsWith(`${entry}/`))
    .toSorted((one, other) => other.length - one.length)[0];
}

const DRILL = '/alerts/drills/:id';

/** Pages that make something new under that name, or that need no list. */
const FIXED: Readonly<Record<string, string>> = {
  '/alerts/rules/:id': 'new',
  '/alerts/recipients/:id': 'new',
  '/alerts/groups/:id': 'new',
  '/alerts/templates/:id': 'call-placed.email.en',
};

/** The address of a page, about the first thing that the API lists for it. */
export async function consoleAddress(http: string, path: string, token: string): Promise<string> {
  if (!path.includes(':')) return new URL(path, http).href;
  const fixed = FIXED[path];
  if (fixed !== undefined) return new URL(path.replace(/:\w+/, fixed), http).href;
  const list = NAMED_BY[path] ?? `/api${path.slice(0, path.indexOf('/:'))}`;
  const client = openClient(http, token);
  // Nothing but a drill makes a drill: it goes to whoever would be told of a call, and says that it is one.
  if (path === DRILL) {
    const { locations = [] } = await client.must<{ locations?: { id: string }[] }>('GET', '/api/compliance');
    const wanted = { trigger: 'call-placed', locationId: locations[0]?.id, note: 'To be looked at' };
    const { id } = await client.must<{ id: string }>('POST', '/api/drills', wanted);
    return new URL(path.replace(/:\w+/, id), http).href;
  }
  const { items, locations } = await client.must<Record<string, { id: string }[] | undefined>>('GET', list);
  const id = (items ?? locations)?.[0]?.id;
  assert.ok(id, `${list} lists something`);
  return new URL(path.replace(/:\w+/, id), http).href;
}
