import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RawAnswer, RawRequest, RawRoute } from '../../transport/raw-doors.ts';
import { INDEPENDENCE_NOTICE, renderPage } from './html.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Nothing from outside; styles of the components and of maps stand in attributes. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Pages of the console: the browser's address bar may hold any of them, and each answers with the same document. */
const CONSOLE_PATHS = [
  '/',
  '/sign-in',
  '/onboarding',
  '/places',
  '/places/:id',
  '/wire-map',
  '/wire-map/:part',
  '/routing',
  '/routing/:part',
  '/calls',
  '/calls/:id',
  '/alerts',
  '/alerts/:part',
  '/alerts/incidents/:id',
  '/alerts/rules/:id',
  '/alerts/recipients/:id',
  '/alerts/groups/:id',
  '/alerts/templates/:id',
  '/alerts/drills/:id',
  '/members',
  '/members/:part',
  '/trunks',
  '/settings',
  '/settings/:part',
  '/try',
  '/about',
] as const;

type StoredFile = { contentType: string; plain: Buffer; packed: readonly { encoding: string; body: Buffer }[] };

/** `.br` and `.gz` beside a file are the same file, packed when the console was built. */
const PACKED = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const;

function readStored(path: string): StoredFile {
  return {
    contentType: TYPES[extname(path)] ?? 'application/octet-stream',
    plain: readFileSync(path),
    packed: PACKED.filter(({ ending }) => existsSync(path + ending)).map(({ encoding, ending }) => ({
      encoding,
      body: readFileSync(path + ending),
    })),
  };
}

function answerWith(file: StoredFile, request: RawRequest, cacheControl: string): RawAnswer {
  const accepted = request.headers['accept-encoding'] ?? '';
  const packed = file.packed.find(({ encoding }) =>
    new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(accepted),
  );
  return {
    status: 200,
    contentType: file.contentType,
    headers: {
      ...HEADERS,
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(packed && { 'content-encoding': packed.encoding }),
    },
    body: packed?.body ?? file.plain,
  };
}

/**
 * The console from memory, as it was built: its document under every path of a page, and the files that it loads, whose names
 * change with what is in them.
 */
export function consoleRoutes(folder: string, get: (path: string, handle: RawRoute['handle']) => RawRoute): RawRoute[] {
  const document = join(folder, 'index.html');
  if (!existsSync(document)) {
    const body = renderPage(
      'Waymark',
      `<h1>Waymark</h1><p class="notice">${INDEPENDENCE_NOTICE}</p><p>The console is not built. <code>npm run build</code> builds it; <code>npm start</code> does so by itself.</p>`,
    );
    const html = 'text/html; charset=utf-8';
    return CONSOLE_PATHS.map((path) =>
      get(path, () => ({ status: 503, contentType: html, headers: { ...HEADERS, 'cache-control': 'no-store' }, body })),
    );
  }
  const start = readStored(document);
  const assets = new Map(
    readdirSync(join(folder, 'assets'))
      .filter((name) => !PACKED.some(({ ending }) => name.endsWith(ending)))
      .map((name) => [name, readStored(join(folder, 'assets', name))]),
  );
  return [
    ...CONSOLE_PATHS.map((path) => get(path, (request) => answerWith(start, request, 'no-cache'))),
    get('/assets/:name', (request) => {
      const file = assets.get(request.params['name'] ?? '');
      return file
        ? answerWith(file, request, 'public, max-age=31536000, immutable')
        : { status: 404, contentType: 'text/plain; charset=utf-8', headers: HEADERS, body: 'There is no such file.\n' };
    }),
  ];
}
