import { Type } from 'typebox';
import type { Calls, NewTrunk, Trunk, TrunkChanges, TrunkColumn, TrunkListRequest } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { TRUNK, type TrunkView } from './trunk-schemas.ts';

type ListQuery = { start?: number; max?: number } & Pick<TrunkListRequest, 'mode' | 'text' | 'sort'>;

const NAME = Type.String({ minLength: 1, maxLength: 80 });
const MODE = Type.Union([Type.Literal('proxy'), Type.Literal('redirect'), Type.Literal('esrp')], {
  description: 'proxy: calls are forwarded through here; redirect: 302 with ordered contacts; esrp: towards an ESInet',
});

const SETTINGS = {
  addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 64,
      description: 'IP addresses or CIDR blocks from which its messages come; each belongs to one trunk',
    }),
  ),
  port: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.Null()], {
      description: 'Source port; null or absent: any',
    }),
  ),
  tlsNames: Type.Optional(
    Type.Array(Type.String({ maxLength: 260 }), {
      maxItems: 64,
      description:
        'Names of its client certificate (RFC 5922): a TLS peer with one of them is this trunk, whatever its address',
    }),
  ),
  mode: Type.Optional(MODE),
  identityHeaders: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      minItems: 1,
      maxItems: 8,
      description:
        "Where the caller's number is looked for, best first: P-Asserted-Identity, P-Preferred-Identity, From, Remote-Party-ID or an X- header",
    }),
  ),
  deviceHeader: Type.Optional(
    Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description: 'An X- header that names the device: its MAC address, or the id of the device here',
    }),
  ),
  callbackHeaders: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      minItems: 1,
      maxItems: 3,
      description: 'Where the callback number is written: P-Asserted-Identity, From, P-Preferred-Identity',
    }),
  ),
  isMonitored: Type.Optional(Type.Boolean({ description: 'Probe it with OPTIONS at contactUri' })),
  contactUri: Type.Optional(
    Type.Union([Type.String({ maxLength: 255 }), Type.Null()], {
      description: 'SIP URI for calls towards it: to ELINs, callbacks of PSAPs',
    }),
  ),
};

/** The trunks that an organization's calls come over. */
export function trunkRoutes({ calls }: { calls: Calls }): RestRoute[] {
  const tags = ['Calls'];
  const viewOf = (trunk: Trunk): TrunkView => ({ ...trunk, health: calls.trunkHealth(trunk) });
  return [
    defineRoute<undefined, ListQuery>({
      operationId: 'trunks.list',
      method: 'GET',
      path: '/api/trunks',
      summary: 'List trunks: which peers mean this organization',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        mode: Type.Optional(MODE),
        text: Type.Optional(
          Type.String({ maxLength: 256, description: 'Part of the name, of an address or of a TLS name, in any case' }),
        ),
        ...sortQuery<TrunkColumn>('name', 'name', 'mode', 'contactUri'),
      }),
      responses: { 200: listOf(TRUNK) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, async (wanted) => (await calls.listTrunks(scope, wanted)).map(viewOf)),
    }),
    defineRoute<NewTrunk>({
      operationId: 'trunks.create',
      method: 'POST',
      path: '/api/trunks',
      summary: 'Add a trunk',
      description: 'It needs an address or a TLS name, by which its messages are told from those of strangers.',
      tags,
      body: Type.Object({ name: NAME, ...SETTINGS }),
      responses: { 201: TRUNK },
      async handle({ scope, body }) {
        return { status: 201, body: viewOf(await calls.createTrunk(scope, body)) };
      },
    }),
    defineRoute({
      operationId: 'trunks.get',
      method: 'GET',
      path: '/api/trunks/{id}',
      summary: 'Read a trunk',
      tags,
      responses: { 200: TRUNK },
      async handle({ scope, params }) {
        return { status: 200, body: viewOf(await calls.getTrunk(scope, params.id ?? '')) };
      },
    }),
    defineRoute<TrunkChanges>({
      operationId: 'trunks.update',
      method: 'PATCH',
      path: '/api/trunks/{id}',
      summary: 'Change a trunk; what is absent stays',
      tags,
      body: Type.Object({ name: Type.Optional(NAME), ...SETTINGS }),
      responses: { 200: TRUNK },
      async handle({ scope, params, body }) {
        return { status: 200, body: viewOf(await calls.updateTrunk(scope, params.id ?? '', body)) };
      },
    }),
    defineRoute({
      operationId: 'trunks.remove',
      method: 'DELETE',
      path: '/api/trunks/{id}',
      summary: 'Remove a trunk',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await calls.removeTrunk(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
