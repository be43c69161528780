import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { PLATFORM, READ } from '../access.ts';
import { DEFAULT_MAX, PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

type CapturedMail = { file: string; to: string; subject: string; date: string; messageId: string };

/** Mail kept instead of sent; undefined where a mail server is configured. */
export type CapturedMailbox = {
  list(max: number): Promise<CapturedMail[]>;
  read(file: string): Promise<string | undefined>;
};

/** Receipts of alerts, and the mail that was captured because no mail server is configured. */
export function mailRoutes(deps: { alerts: Alerts; mailbox: CapturedMailbox | undefined }): RestRoute[] {
  const { alerts, mailbox } = deps;
  const tags = ['Alerts'];
  return [
    defineRoute<undefined, { max?: number }>({
      operationId: 'alerts.listTroubled',
      method: 'GET',
      path: '/api/alerts/troubled',
      summary: 'Alerts that failed and are tried again, or were given up',
      tags,
      access: READ,
      query: Type.Object({ max: PAGE_QUERY.max }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query }) {
        return { status: 200, body: { items: await alerts.listTroubled(scope, query.max ?? DEFAULT_MAX) } };
      },
    }),
    defineRoute<undefined, { max?: number }>({
      operationId: 'mail.list',
      method: 'GET',
      path: '/api/mail',
      summary: 'Captured mail, newest first',
      description:
        'Empty where a mail server is configured. Captured mail of every organization lies in one folder: operator only.',
      tags,
      access: PLATFORM,
      query: Type.Object({ max: PAGE_QUERY.max }),
      responses: { 200: listOf(ANY) },
      async handle({ query }) {
        const mails = (await mailbox?.list(query.max ?? DEFAULT_MAX)) ?? [];
        const items = mails.reverse().map((mail) => ({ ...mail, at: mail.date }));
        return { status: 200, body: { items } };
      },
    }),
    defineRoute({
      operationId: 'mail.read',
      method: 'GET',
      path: '/api/mail/{file}',
      summary: 'One captured mail as it would have left',
      tags,
      access: PLATFORM,
      responses: { 200: ANY },
      async handle({ params }) {
        const text = await mailbox?.read(params.file ?? '');
        if (text === undefined) throw new ProblemError('not-found', 'there is no such captured mail');
        return { status: 200, headers: { 'content-type': 'message/rfc822' }, body: text };
      },
    }),
  ];
}
