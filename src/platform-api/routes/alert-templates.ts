import { Type } from 'typebox';
import type { AlertContent, TemplateChannel, TemplateKey, TemplateText } from '../../alerts/content/content.ts';
import { ALERT_LANGUAGES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listOf } from '../schemas.ts';
import {
  TEMPLATE_FACT,
  TEMPLATE_ITEM,
  TEMPLATE_PREVIEW,
  TEMPLATE_VERSION,
  TEMPLATE_VIEW,
} from './alert-delivery-schemas.ts';

const TAGS = ['Alerts'];
const MAX_TEXT = 20_000;
const PATH = '/api/alert-templates/{trigger}/{channel}/{language}';

/** A webhook has none: it carries facts. */
const CHANNELS = ['email', 'sms', 'chat', 'push'] as const satisfies readonly TemplateChannel[];

const TEXT = {
  title: Type.Optional(
    Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()], {
      description: "A mail's subject, the first line of chat and push; null: that of ours. Text messages have none",
    }),
  ),
  body: Type.String({
    maxLength: MAX_TEXT,
    description: 'Liquid. `GET /api/alert-templates/facts` tells what it can name',
  }),
  html: Type.Optional(
    Type.Union([Type.String({ maxLength: MAX_TEXT }), Type.Null()], {
      description: "A mail's HTML: plain elements alone; null: the body is laid out",
    }),
  ),
};
const TRIGGER = Type.Union(ALERT_TRIGGERS.map((trigger) => Type.Literal(trigger)));
const CHANNEL = Type.Union(CHANNELS.map((channel) => Type.Literal(channel)));
const LANGUAGE = Type.Union(ALERT_LANGUAGES.map((language) => Type.Literal(language)));

type TextBody = { title?: string | null; body: string; html?: string | null };

/** Windows ends lines with two characters; a template has one. */
function textOf({ title, body, html }: TextBody): TemplateText {
  const lines = (text: string): string => text.replaceAll('\r\n', '\n');
  return { title: title ?? null, body: lines(body), html: html === undefined || html === null ? null : lines(html) };
}

function keyOf(params: Readonly<Record<string, string | undefined>>): TemplateKey {
  const trigger = ALERT_TRIGGERS.find((one) => one === params.trigger);
  const channel = CHANNELS.find((one) => one === params.channel);
  const language = ALERT_LANGUAGES.find((one) => one === params.language);
  if (!trigger || !channel || !language) {
    throw new ProblemError('not-found', 'there is no such template; GET /api/alert-templates lists them');
  }
  return { trigger, channel, language };
}

/** What alerts say, in the words of the organization. */
export function alertTemplateRoutes(deps: {
  content: AlertContent;
  calls: { getCall(scope: Scope, id: string): Promise<CallRecord> };
}): RestRoute[] {
  const { content, calls } = deps;
  return [
    defineRoute<undefined, { isDefault?: boolean }>({
      operationId: 'alertTemplates.list',
      method: 'GET',
      path: '/api/alert-templates',
      summary: 'Every template of alerts, by trigger, channel and language',
      description:
        'Webhooks have none: they carry facts under fixed names. `lastFault`: why the words of ours went out instead.',
      tags: TAGS,
      query: Type.Object({
        isDefault: Type.Optional(Type.Boolean({ description: 'false: those that the organization changed' })),
      }),
      responses: { 200: listOf(TEMPLATE_ITEM) },
      async handle({ scope, query }) {
        const items = await content.list(scope);
        const { isDefault } = query;
        return {
          status: 200,
          body: { items: isDefault === undefined ? items : items.filter((item) => item.isDefault === isDefault) },
        };
      },
    }),
    defineRoute({
      operationId: 'alertTemplates.facts',
      method: 'GET',
      path: '/api/alert-templates/facts',
      summary: 'What templates of alerts can name',
      tags: TAGS,
      responses: { 200: listOf(TEMPLATE_FACT) },
      handle: () => Promise.resolve({ status: 200, body: { items: content.facts() } }),
    }),
    defineRoute<TextBody & TemplateKey & { callId?: string }>({
      operationId: 'alertTemplates.preview',
      method: 'POST',
      path: '/api/alert-templates/preview',
      summary: 'What a template would say of a sample, or of a call',
      description:
        '`faults` name field, line and column; a template that has any cannot be saved. `warnings` are allowed. ' +
        '`content` is what would be sent; a mail of `trigger` about `callId` where that is given.',
      tags: TAGS,
      body: Type.Object({
        trigger: TRIGGER,
        channel: CHANNEL,
        language: LANGUAGE,
        ...TEXT,
        callId: Type.Optional(Type.String({ maxLength: 64 })),
      }),
      responses: { 200: TEMPLATE_PREVIEW },
      async handle({ scope, body }) {
        const { trigger, channel, language, callId } = body;
        const call = callId === undefined ? null : await calls.getCall(scope, callId);
        if (call?.kind === 'callback') throw invalidField('callId', 'nobody is told of a callback');
        return {
          status: 200,
          body: content.preview(scope, { trigger, channel, language }, textOf(body), call),
        };
      },
    }),
    defineRoute({
      operationId: 'alertTemplates.get',
      method: 'GET',
      path: PATH,
      summary: 'A template, and what ours says in its place',
      tags: TAGS,
      responses: { 200: TEMPLATE_VIEW },
      async handle({ scope, params }) {
        return { status: 200, body: await content.read(scope, keyOf(params)) };
      },
    }),
    defineRoute<TextBody>({
      operationId: 'alertTemplates.save',
      method: 'PUT',
      path: PATH,
      summary: 'Say it in words of your own',
      description:
        'Checked before it is stored: syntax, names of facts, elements of HTML, length. What the law wants said of a call ' +
        '(47 CFR 9.16(b)(2)) is added to messages where the template leaves it out.',
      tags: TAGS,
      body: Type.Object(TEXT),
      responses: { 200: TEMPLATE_VIEW },
      async handle({ scope, params, body }) {
        return { status: 200, body: await content.save(scope, keyOf(params), textOf(body)) };
      },
    }),
    defineRoute({
      operationId: 'alertTemplates.reset',
      method: 'DELETE',
      path: PATH,
      summary: 'Back to the words of ours; the versions stay',
      tags: TAGS,
      responses: { 200: TEMPLATE_VIEW },
      async handle({ scope, params }) {
        return { status: 200, body: await content.reset(scope, keyOf(params)) };
      },
    }),
    defineRoute({
      operationId: 'alertTemplates.versions',
      method: 'GET',
      path: `${PATH}/versions`,
      summary: 'The last 50 versions of a template, newest first',
      description: '`text` null: from that version on the words of ours counted.',
      tags: TAGS,
      responses: { 200: listOf(TEMPLATE_VERSION) },
      async handle({ scope, params }) {
        return { status: 200, body: { items: await content.versions(scope, keyOf(params)) } };
      },
    }),
    defineRoute<{ version?: number }>({
      operationId: 'alertTemplates.undo',
      method: 'POST',
      path: `${PATH}/actions/undo/invoke`,
      summary: 'Back to an earlier version; without one, to what was said before the newest',
      tags: TAGS,
      body: Type.Object({ version: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })) }),
      responses: { 200: TEMPLATE_VIEW },
      async handle({ scope, params, body }) {
        return { status: 200, body: await content.undo(scope, keyOf(params), body.version) };
      },
    }),
  ];
}
