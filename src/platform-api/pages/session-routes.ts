import type { Sessions, SignIn } from '../../accounts/sessions/sessions.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import { newId } from '../../support/ids.ts';
import type { RawAnswer, RawRequest, RawRoute } from '../../transport/raw-doors.ts';
import { requireOwnPage, SESSION_COOKIE } from '../../wire/http/session-cookie.ts';

const SMALL_BODY = 16 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';

const MAX_ACCESS_TOKEN = 8_192;
const MAX_TEXT = 1_024;

function textOf(body: Readonly<Record<string, unknown>>, name: string, maxLength = MAX_TEXT): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value;
  throw invalidField(name, `expected 1 to ${maxLength} characters`);
}

/** Throws `invalid`. */
function toSignIn(parsed: unknown): SignIn {
  if (typeof parsed !== 'object' || parsed === null) throw new ProblemError('invalid', 'The body must be an object.');
  const body = parsed as Readonly<Record<string, unknown>>;
  if (body['accessToken'] !== undefined) return { accessToken: textOf(body, 'accessToken', MAX_ACCESS_TOKEN) };
  return {
    email: textOf(body, 'email'),
    password: textOf(body, 'password'),
    ...(body['redskyOrgId'] !== undefined && { redskyOrgId: textOf(body, 'redskyOrgId') }),
  };
}

/** Signing in and out, for browsers: the cookie is all they keep, and no script of theirs sees it. */
export function sessionPageRoutes(deps: {
  sessions: Pick<Sessions, 'begin' | 'end'>;
  publicUrl(): string;
}): RawRoute[] {
  function readBody({ headers, body }: RawRequest): SignIn {
    // Another site's form can send no JSON without being asked about first.
    if (!headers['content-type']?.toLowerCase().startsWith('application/json')) {
      throw new ProblemError('unsupported-media-type', 'The body must be application/json.');
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.toString('utf8'));
    } catch (error) {
      throw new ProblemError('malformed', 'The body is no JSON.', { cause: error });
    }
    return toSignIn(parsed);
  }

  const answer = (status: number, body: object | null, cookie?: string): RawAnswer => ({
    status,
    contentType: JSON_TYPE,
    headers: { 'cache-control': 'no-store', ...(cookie !== undefined && { 'set-cookie': cookie }) },
    body: body === null ? '' : JSON.stringify(body),
  });

  return [
    {
      methods: ['POST'],
      path: '/session',
      bodyLimit: SMALL_BODY,
      async handle(request) {
        requireOwnPage('POST', request.headers);
        const from = { remoteAddress: request.sourceAddress, trackingId: `WAYMARK_${newId()}` };
        const { secret, endsAt } = await deps.sessions.begin(readBody(request), from);
        return answer(201, { endsAt: endsAt.toISOString() }, SESSION_COOKIE.write(secret, deps.publicUrl()));
      },
    },
    {
      methods: ['POST'],
      path: '/session/end',
      bodyLimit: SMALL_BODY,
      async handle(request) {
        requireOwnPage('POST', request.headers);
        const secret = SESSION_COOKIE.read(request.headers, deps.publicUrl());
        const from = { remoteAddress: request.sourceAddress, trackingId: `WAYMARK_${newId()}` };
        if (secret !== undefined) await deps.sessions.end(secret, from);
        return answer(200, {}, SESSION_COOKIE.end(deps.publicUrl()));
      },
    },
  ];
}
