import { Type } from 'typebox';
import type { Members, NewMember } from '../../members/members.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { READ, WRITE } from '../access.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

const KIND = Type.Enum(['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP']);
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

type Filter = { start?: number; max?: number; locationId?: string };
const FILTER = Type.Object({ ...PAGE_QUERY, locationId: Type.Optional(Type.String()) });

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
      access: READ,
      query: FILTER,
      responses: { 200: listOf(ANY) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => members.listMembers(scope, wanted)),
    }),
    defineRoute<NewMember>({
      operationId: 'members.create',
      method: 'POST',
      path: '/api/members',
      summary: 'Add a person, workspace, virtual line or hunt group',
      tags,
      access: WRITE,
      body: NEW_MEMBER,
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await members.createMember(scope, body) };
      },
    }),
    defineRoute<undefined, Filter>({
      operationId: 'numbers.list',
      method: 'GET',
      path: '/api/numbers',
      summary: 'List phone numbers',
      tags,
      access: READ,
      query: FILTER,
      responses: { 200: listOf(ANY) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => members.listNumbers(scope, wanted)),
    }),
    defineRoute<NumbersBody>({
      operationId: 'numbers.add',
      method: 'POST',
      path: '/api/numbers',
      summary: 'Add numbers to a location, one of them as its main number',
      tags,
      access: WRITE,
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
