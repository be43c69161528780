import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { DEFAULT_MAX, PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

type CapturedMail = { file: string; to: string; subject: string; date: string; messageId: string };

/** Mail kept instead of sent; undefined where a mail server is configured. */
export type CapturedMailbox = {
  list(max: number): Promise<CapturedMail[]>;
  read(file: string): Promise<string | undefined>;
};

/** How many of the newest captured mails are looked through for those of one organization. */
const SEARCHED = 1_000;

/** The mail that was captured because no mail server is configured. */
export function mailRoutes(deps: { alerts: Alerts; mailbox: CapturedMailbox | undefined }): RestRoute[] {
  const { alerts, mailbox } = deps;
  const tags = ['Alerts'];
  return [
    defineRoute<undefined, { max?: number }>({
      operationId: 'mail.list',
      method: 'GET',
      path: '/api/mail',
      summary: 'Captured mail, newest first',
      description: 'Empty where a mail server is configured. The operator sees the mail of every organization.',
      tags,
      query: Type.Object({ max: PAGE_QUERY.max }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query }) {
        const mails = (await mailbox?.list(SEARCHED)) ?? [];
        const own =
          scope.role === 'operator'
            ? undefined
            : await alerts.ownMessageIds(
                scope,
                mails.map((mail) => mail.messageId),
              );
        const items = mails
          .filter((mail) => own === undefined || own.has(mail.messageId))
          .reverse()
          .slice(0, query.max ?? DEFAULT_MAX)
          .map((mail) => ({ ...mail, at: mail.date }));
        return { status: 200, body: { items } };
      },
    }),
    defineRoute({
      operationId: 'mail.read',
      method: 'GET',
      path: '/api/mail/{file}',
      summary: 'One captured mail as it would have left',
      description: 'Invitations carry a one-time link: the operator only.',
      tags,
      responses: { 200: ANY },
      async handle({ params }) {
        const text = await mailbox?.read(params.file ?? '');
        if (text === undefined) throw new ProblemError('not-found', 'there is no such captured mail');
        return { status: 200, headers: { 'content-type': 'message/rfc822' }, body: text };
      },
    }),
  ];
}
