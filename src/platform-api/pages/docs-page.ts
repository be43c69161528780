import type { RestRoute } from '../../transport/rest-route.ts';
import { escapeHtml, INDEPENDENCE_NOTICE, renderPage } from './html.ts';

function describe(route: RestRoute): string {
  const access = `roles ${route.access.roles.join(', ')}; one of the scopes ${route.access.anyScope.join(', ')}`;
  const shapes = [
    route.query && `<p>Query</p><pre>${escapeHtml(JSON.stringify(route.query, null, 2))}</pre>`,
    route.body && `<p>Body</p><pre>${escapeHtml(JSON.stringify(route.body, null, 2))}</pre>`,
    ...Object.entries(route.responses).map(([status, schema]) =>
      schema === null
        ? `<p>${status}, no body</p>`
        : `<p>${status}</p><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`,
    ),
  ];
  return `<details><summary><span class="method">${route.method}</span><code>${escapeHtml(route.path)}</code> <span class="muted">${escapeHtml(route.summary)}</span></summary>
<p>${escapeHtml(route.description ?? route.summary)}</p><p class="muted">${escapeHtml(access)}</p>${shapes.filter(Boolean).join('')}</details>`;
}

/** Both REST APIs on one page that needs no script and no network. */
export function renderDocsPage(routes: readonly RestRoute[]): string {
  const tags = [...new Set(routes.map((route) => route.tags[0] ?? 'Other'))];
  const sections = tags.map(
    (tag) =>
      `<h2>${escapeHtml(tag)}</h2>${routes
        .filter((route) => (route.tags[0] ?? 'Other') === tag)
        .map(describe)
        .join('')}`,
  );
  return renderPage(
    'Waymark API',
    `<h1>Waymark API</h1><p class="notice">${INDEPENDENCE_NOTICE}</p>
<p>Machine-readable: <a href="/openapi.json">/openapi.json</a>. HELD: POST <code>/held</code>, <code>/held/c/&lt;companyId&gt;</code>; location URIs under <code>/held/l/</code>. LoST: POST <code>/LoST</code>.</p>
${sections.join('')}`,
  );
}
