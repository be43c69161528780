import { texts } from '../texts/texts.ts';

export const SIGN_IN_PATH = '/sign-in';

type Problem = keyof typeof texts.signIn.problems;

const isProblem = (text: string): text is Problem => Object.hasOwn(texts.signIn.problems, text);

/** Where one wanted to be before one had to sign in; never beyond this server. */
export function readWanted(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  const url = URL.parse(to, window.location.origin);
  if (!/^\/(?![/\\])/.test(to) || url?.origin !== window.location.origin || url.pathname === SIGN_IN_PATH) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}

/** Why the outside provider's page signed nobody in, as the server says in the address; undefined: nothing went wrong. */
export function readProblemNote(search: string): { text: string; trackingId: string | null } | undefined {
  const asked = new URLSearchParams(search);
  const problem = asked.get('problem') ?? '';
  const id = asked.get('id') ?? '';
  if (!isProblem(problem)) return undefined;
  return { text: texts.signIn.problems[problem], trackingId: /^WAYMARK_[\da-f-]{36}$/.test(id) ? id : null };
}
