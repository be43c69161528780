import { Type } from 'typebox';
import type { Audit } from '../../audit/audit.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { READ } from '../access.ts';
import { DEFAULT_MAX, PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';

const ENTRY = Type.Object({
  sequence: Type.String(),
  at: Type.String(),
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  detail: Type.Unknown(),
  trackingId: Type.Union([Type.String(), Type.Null()]),
});

/** The append-only trail of an organization. */
export function auditRoutes(deps: { audit: Audit }): RestRoute[] {
  return [
    defineRoute<undefined, { max?: number; before?: string }>({
      operationId: 'audit.list',
      method: 'GET',
      path: '/api/audit',
      summary: 'List what was changed, by whom and when, newest first',
      tags: ['Audit'],
      access: READ,
      query: Type.Object({ max: PAGE_QUERY.max, before: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$' })) }),
      responses: { 200: listOf(ENTRY) },
      async handle({ scope, query, absoluteUrl }) {
        const max = query.max ?? DEFAULT_MAX;
        const items = await deps.audit.list(scope.organizationId, { max, beforeSequence: query.before });
        const last = items.at(-1);
        if (items.length < max || !last) return { status: 200, body: { items } };
        const next = new URL(absoluteUrl);
        next.searchParams.set('before', last.sequence);
        return { status: 200, body: { items }, nextUrl: next.href };
      },
    }),
  ];
}
