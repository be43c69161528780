import { Type } from 'typebox';
import type { ListRemovedRequest, Removals, RemovedThing } from '../../removals/removals.ts';
import {
  RESTORABLE_DAYS,
  RESTORABLE_KINDS,
  type RemovalColumn,
  type RestorableKind,
} from '../../storage/kept-removals.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf, oneOf, text, textOrNull } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';

const REMOVED = answerSchema<RemovedThing>()(
  Type.Object({
    id: text('Of the thing itself; it has the same again when it is back'),
    kind: oneOf(...RESTORABLE_KINDS),
    name: text(),
    locationId: textOrNull('Where it was; null = nowhere in particular'),
    removedBy: text(),
    removedAt: text('ISO 8601'),
    restorableUntil: text('ISO 8601'),
  }),
);

type Query = Partial<ListRemovedRequest>;

/** What was removed of late, and the way back. */
export function removedRoutes({ removals }: { removals: Removals }): RestRoute[] {
  const tags = ['Removed things'];
  return [
    defineRoute<undefined, Query>({
      operationId: 'removed.list',
      method: 'GET',
      path: '/api/removed',
      summary: 'List what was removed and can be brought back',
      description: `For ${RESTORABLE_DAYS} days. Tokens that ended with a person stay ended.`,
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        kind: Type.Optional(Type.Enum([...RESTORABLE_KINDS] as RestorableKind[])),
        locationId: Type.Optional(Type.String({ maxLength: 128, description: 'Only what was there' })),
        text: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Part of the name' })),
        ...sortQuery<RemovalColumn>('-removedAt', 'name', 'kind', 'removedBy', 'removedAt'),
      }),
      responses: { 200: listOf(REMOVED) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => removals.listRemoved(scope, wanted)),
    }),
    defineRoute({
      operationId: 'removed.restore',
      method: 'POST',
      path: '/api/removed/{id}/restore',
      summary: 'Bring a removed thing back as it was, with what went with it',
      description:
        'By the id of the thing, which it has again. Where something stands in the way (a name, number or ELIN that others have by now, ' +
        'a parent that is gone) the answer is 409 and says what; then nothing has changed.',
      tags,
      responses: { 200: REMOVED },
      async handle({ scope, params }) {
        return { status: 200, body: await removals.restoreRemoved(scope, params.id ?? '') };
      },
    }),
  ];
}
