const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 20%, Canvas); --soft: color-mix(in srgb, CanvasText 6%, Canvas); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { background: var(--soft); padding: .75rem; overflow: auto; border-radius: 6px; }
input, button, select { font: inherit; padding: .35rem .6rem; } .notice { background: var(--soft); border-left: 4px solid #c80; padding: .5rem .75rem; }
.muted { opacity: .7; } .error { color: #c00; } details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
.method { display: inline-block; min-width: 4rem; font-weight: 600; }
`;

/** A whole page; `body` is HTML already. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

export const INDEPENDENCE_NOTICE =
  'Waymark is independent of Cisco, Webex and RedSky. It is no certified emergency service and reaches no live PSAP by itself: ' +
  'the default data is county level and its destinations are simulated.';
