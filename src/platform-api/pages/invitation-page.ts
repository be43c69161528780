import { escapeHtml, renderPage } from './html.ts';

/** The page behind the one-time link of an invitation; `message` tells how the last attempt ended. */
export function renderInvitationPage(options: {
  token: string;
  minLength: number;
  message?: string;
  done?: boolean;
}): string {
  const note = options.message === undefined ? '' : `<p role="alert">${escapeHtml(options.message)}</p>`;
  const form = options.done
    ? ''
    : `<form method="post" action="/invitations/${encodeURIComponent(options.token)}">
<p><label for="password">New password, at least ${options.minLength} characters</label><br>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${options.minLength}" required></p><p><button>Set password</button></p></form>`;
  return renderPage('Set your password', `<h1>Waymark</h1><h2>Set your password</h2>${note}${form}`);
}
