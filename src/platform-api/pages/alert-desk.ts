import { readFileSync } from 'node:fs';

/** A file of the desk as the browser asks for it. */
export type DeskFile = { path: string; contentType: string; body: string };

const read = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

/** What the desk consists of beside its page. The worker stands above `/desk`, for it serves what lies below itself (Service Workers §2.4). */
export const DESK_FILES: readonly DeskFile[] = [
  { path: '/desk/model.js', contentType: SCRIPT_TYPE, body: read('alert-desk-model.js') },
  { path: '/desk/sound.js', contentType: SCRIPT_TYPE, body: read('alert-desk-sound.js') },
  { path: '/desk/script.js', contentType: SCRIPT_TYPE, body: read('alert-desk-script.js') },
  { path: '/desk/style.css', contentType: 'text/css; charset=utf-8', body: read('alert-desk-style.css') },
  { path: '/desk/icon.svg', contentType: 'image/svg+xml', body: read('alert-desk-icon.svg') },
  { path: '/desk-worker.js', contentType: SCRIPT_TYPE, body: read('alert-desk-worker.js') },
];

/**
 * Everything comes from here; no text of others can become markup or script: `require-trusted-types-for` leaves no way but
 * `textContent` (Trusted Types §4), and the one policy names the worker alone.
 */
export const DESK_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self'; " +
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types desk-worker",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

/** The board of a security desk: what is open, who was told, and the sound that goes on until somebody takes it on. */
export function renderAlertDesk(): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Alert desk – Waymark</title><link rel="icon" href="/desk/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/desk/style.css">
<script type="module" src="/desk/script.js"></script></head>
<body data-state="entering">
<a class="skip" href="#incidents">To the incidents</a>
<header class="bar">
<h1>Alert desk <span id="organization" class="organization"></span></h1>
<p id="counts" class="counts"></p>
<div class="tools">
<p id="connection" class="pill" data-state="off" role="status">Not connected</p>
<button id="sound" type="button" class="tool" aria-pressed="false">Sound is off</button>
<button id="silence" type="button" class="tool" aria-keyshortcuts="S" hidden>Silence<kbd aria-hidden="true">S</kbd></button>
<details id="more" class="menu"><summary class="tool">Settings</summary><div class="sheet">
<button id="try-sound" type="button">Try the sound</button>
<button id="notify" type="button">Show desktop notifications</button>
<button id="push" type="button" hidden>Tell this browser also while the desk is closed</button>
<p id="push-note" class="note"></p>
<label>Colours <select id="theme"><option value="auto">as the computer</option><option value="light">light</option><option value="dark">dark</option></select></label>
<button id="fullscreen" type="button">Full screen<kbd aria-hidden="true">F</kbd></button>
<button id="leave" type="button">Sign out</button>
<dl class="keys"><dt>↑ ↓</dt><dd>from incident to incident</dd><dt>A</dt><dd>acknowledge the one that is chosen</dd><dt>R</dt><dd>resolve it</dd><dt>S</dt><dd>silence the sound</dd><dt>F</dt><dd>full screen</dd></dl>
</div></details>
<p class="clock"><time id="clock"></time></p>
</div>
</header>
<div id="warnings" class="warnings"></div>
<p id="announcer" class="hidden" role="alert" aria-live="assertive"></p>
<p id="murmur" class="hidden" role="status" aria-live="polite"></p>
<main id="incidents" tabindex="-1">
<section id="open" aria-label="Open incidents"></section>
<section id="taken" aria-label="Acknowledged incidents"></section>
<p id="empty" class="empty" hidden></p>
<section id="settled" aria-label="Resolved incidents"></section>
</main>
<form id="enter" class="enter">
<h2>Alert desk</h2>
<label for="token">Access token</label>
<input id="token" type="password" autocomplete="off" required>
<label class="choice"><input id="keep" type="checkbox"> Keep it on this computer, so that the desk comes back by itself</label>
<p id="problem" class="problem" role="alert"></p>
<button class="strong">Open the desk</button>
<p class="note">Opening it also lets it make a sound. Whoever is signed in to the <a href="/">console</a> needs no token here.</p>
</form>
<dialog id="ask"><form method="dialog"><h2 id="ask-title"></h2>
<label for="ask-note">Note (who went there, what was found)</label><textarea id="ask-note" rows="4" maxlength="1000"></textarea>
<div class="row"><button value="cancel" formnovalidate>Cancel</button><button value="ok" class="strong">Resolve</button></div></form></dialog>
<noscript><p class="empty">The alert desk needs JavaScript.</p></noscript>
</body></html>`;
}
