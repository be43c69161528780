import { Type } from 'typebox';
import type {
  MemberChanges,
  MemberColumn,
  MemberKind,
  Members,
  NewMember,
  NumberColumn,
} from '../../members/members.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { MEMBER_KIND as KIND, MEMBER, MEMBER_DETAIL, NEW_MEMBER_ANSWER, NUMBER } from './member-schemas.ts';

const NEW_MEMBER = Type.Object({
  kind: KIND,
  locationId: Type.String(),
  firstName: Type.String({ minLength: 1, maxLength: 128 }),
  lastName: Type.Optional(Type.String({ maxLength: 128 })),
  displayName: Type.Optional(Type.String({ maxLength: 128 })),
  email: Type.Optional(Type.String({ maxLength: 254 })),
  phoneNumber: Type.Optional(Type.String({ maxLength: 32 })),
  extension: Type.Optional(Type.String({ pattern: '^[0-9]{2,10}$' })),
});

const MAYBE_TEXT = (maxLength: number) => Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]));
const MEMBER_CHANGES = Type.Object({
  locationId: Type.Optional(Type.String()),
  firstName: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  lastName: MAYBE_TEXT(128),
  displayName: MAYBE_TEXT(257),
  email: MAYBE_TEXT(254),
  phoneNumber: MAYBE_TEXT(32),
  extension: MAYBE_TEXT(10),
});

type Page = { start?: number; max?: number };
type Filter = Page & { locationId?: string; kind?: MemberKind; text?: string; sort?: SortWord<MemberColumn> };
type NumberFilter = Page & {
  locationId?: string;
  text?: string;
  available?: boolean;
  active?: boolean;
  sort?: SortWord<NumberColumn>;
};
const TEXT = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));

type NumbersBody = { locationId: string; phoneNumbers: string[]; mainNumber?: string; active?: boolean };

/** People, workspaces, lines, hunt groups and numbers. */
export function memberRoutes(deps: { members: Members }): RestRoute[] {
  const { members } = deps;
  const tags = ['Members'];
  return [
    defineRoute<undefined, Filter>({
      operationId: 'members.list',
      method: 'GET',
      path: '/api/members',
      summary: 'List people, workspaces, virtual lines and hunt groups with their numbers',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        locationId: Type.Optional(Type.String()),
        kind: Type.Optional(KIND),
        text: TEXT('Part of the name, the e-mail address or a number, in any case; or an extension'),
        ...sortQuery<MemberColumn>('displayName', 'displayName', 'kind', 'extension', 'location'),
      }),
      responses: { 200: listOf(MEMBER) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => members.listMembers(scope, wanted)),
    }),
    defineRoute<NewMember>({
      operationId: 'members.create',
      method: 'POST',
      path: '/api/members',
      summary: 'Add a person, workspace, virtual line or hunt group',
      tags,
      body: NEW_MEMBER,
      responses: { 201: NEW_MEMBER_ANSWER },
      async handle({ scope, body }) {
        return { status: 201, body: await members.createMember(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'members.read',
      method: 'GET',
      path: '/api/members/{memberId}',
      summary: 'One member with its numbers, and its agents where it is a hunt group',
      tags,
      responses: { 200: MEMBER_DETAIL },
      async handle({ scope, params }) {
        return { status: 200, body: await members.readMember(scope, params['memberId'] ?? '') };
      },
    }),
    defineRoute<MemberChanges>({
      operationId: 'members.update',
      method: 'PATCH',
      path: '/api/members/{memberId}',
      summary: 'Change a member',
      description:
        'What is left out stays; null takes a number, an extension or an e-mail address away. Refused (409) where others ' +
        'would be called back elsewhere.',
      tags,
      body: MEMBER_CHANGES,
      responses: { 200: MEMBER_DETAIL },
      async handle({ scope, params, body }) {
        const id = params['memberId'] ?? '';
        await members.updateMember(scope, id, body);
        return { status: 200, body: await members.readMember(scope, id) };
      },
    }),
    defineRoute({
      operationId: 'members.remove',
      method: 'DELETE',
      path: '/api/members/{memberId}',
      summary: 'Remove a member; its numbers stay at the location',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await members.removeMember(scope, params['memberId'] ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<undefined, NumberFilter>({
      operationId: 'numbers.list',
      method: 'GET',
      path: '/api/numbers',
      summary: 'List phone numbers',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        locationId: Type.Optional(Type.String()),
        text: TEXT('Part of a number, or of the name of its owner in any case'),
        available: Type.Optional(Type.Boolean({ description: 'Only those without an owner, or only those with one' })),
        active: Type.Optional(Type.Boolean({ description: 'Only those in service, or only those that are not' })),
        ...sortQuery<NumberColumn>('number', 'number', 'owner', 'location', 'active'),
      }),
      responses: { 200: listOf(NUMBER) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => members.listNumbers(scope, { ...wanted, numberType: 'NUMBER' })),
    }),
    defineRoute<NumbersBody>({
      operationId: 'numbers.add',
      method: 'POST',
      path: '/api/numbers',
      summary: 'Add numbers to a location, one of them as its main number',
      tags,
      body: Type.Object({
        locationId: Type.String(),
        phoneNumbers: Type.Array(Type.String({ maxLength: 32 }), { minItems: 1, maxItems: 500 }),
        mainNumber: Type.Optional(Type.String({ maxLength: 32 })),
        active: Type.Optional(Type.Boolean()),
      }),
      responses: { 201: Type.Object({ added: Type.Array(Type.String()) }) },
      async handle({ scope, body }) {
        return { status: 201, body: await members.addNumbers(scope, body) };
      },
    }),
  ];
}
