import { readFileSync } from 'node:fs';
import { INDEPENDENCE_NOTICE, renderPage } from './html.ts';

export const HOME_SCRIPT = readFileSync(new URL('./home-page-script.js', import.meta.url), 'utf8');

/** The plain page that shows stages, calls and captured mail; under `/calls/<id>` that call with its decision trace first. */
export function renderHomePage(options: { mailLeavesMachine: boolean }): string {
  const mail = options.mailLeavesMachine
    ? 'Mail is sent through the configured mail server.'
    : 'No mail server is configured: mail is captured here and nothing leaves the machine.';
  return renderPage(
    'Waymark',
    `<h1>Waymark</h1><p class="notice">${INDEPENDENCE_NOTICE}</p>
<form id="enter"><label for="token">Access token </label><input id="token" type="password" size="50" autocomplete="off"> <button>Show</button>
<span class="muted">from <code>first-run.json</code> in the data folder</span></form><p id="problem" class="error" role="alert"></p>
<section id="call" hidden><h2>Call</h2><p id="call-facts"></p><h3>Decision trace</h3><div id="trace"></div>
<h3>Who was told</h3><div id="receipts"></div></section>
<h2>Stages</h2><p id="organization"></p><div id="stages"></div>
<h2>Calls</h2><div id="calls"></div>
<h2>Mail</h2><p class="muted">${mail}</p><div id="mail"></div>
<p class="muted"><a href="/docs">API</a> · <a href="/health/ready">health</a> · <a href="/metrics">metrics</a></p>
<script>${HOME_SCRIPT}</script>`,
  );
}
