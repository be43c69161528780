import { Type } from 'typebox';
import { readE164 } from '../domain/phone-number.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { NumberWithOwner } from '../members/members.ts';
import { defineRoute, nextPage, type RestRoute } from '../transport/rest-route.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { access } from './access.ts';
import { BASE_PATH } from './contract-route.ts';
import { readPage } from './page-query.ts';
import { locationQuery, namedLocation } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 500, mostMax: 900 };

const NumberListQuery = Type.Object({
  locationId: Type.Optional(Type.String()),
  phoneNumber: Type.Optional(Type.String()),
  start: Type.Optional(Type.Integer()),
  max: Type.Optional(Type.Integer()),
  orgId: Type.Optional(Type.String()),
});
type NumberListQuery = Type.Static<typeof NumberListQuery>;

const NumberListAnswer = Type.Object({
  phoneNumbers: Type.Array(
    Type.Object({
      phoneNumber: Type.String(),
      extension: Type.Optional(Type.String()),
      state: Type.Union([Type.Literal('ACTIVE'), Type.Literal('INACTIVE')]),
      mainNumber: Type.Boolean(),
      tollFreeNumber: Type.Boolean(),
      location: Type.Object({ id: Type.String(), name: Type.String() }),
      owner: Type.Optional(
        Type.Object({
          id: Type.String(),
          type: Type.String(),
          firstName: Type.String(),
          lastName: Type.Optional(Type.String()),
        }),
      ),
    }),
  ),
});

// The toll-free codes of the North American Numbering Plan.
const TOLL_FREE = /^\+18(?:00|33|44|55|66|77|88)\d{7}$/;

function numberAnswer(number: NumberWithOwner, location: { id: string; name: string }) {
  const { owner } = number;
  return {
    phoneNumber: number.number,
    ...(owner?.extension && { extension: owner.extension }),
    state: number.active ? 'ACTIVE' : 'INACTIVE',
    mainNumber: number.isMain,
    tollFreeNumber: TOLL_FREE.test(number.number),
    location: namedLocation(location),
    ...(owner && {
      owner: {
        id: encodeResourceId(owner.kind, owner.id),
        type: owner.kind,
        firstName: owner.firstName,
        ...(owner.lastName !== '' && { lastName: owner.lastName }),
      },
    }),
  };
}

function readNumber(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  // An unescaped `+` in a query is a space.
  const number = readE164(text.trim());
  if (number === null) {
    throw new ProblemError('invalid', 'phoneNumber is not a phone number', {
      fields: [{ path: 'phoneNumber', message: 'expected E.164, e.g. +12145550123' }],
    });
  }
  return number;
}

/** Contract section 8, GET telephony/config/numbers: telephone numbers with their location and owner. */
export function listNumbers(deps: WebexApiDeps): RestRoute {
  async function locationsOf(
    scope: Scope,
    ids: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, { id: string; name: string }>> {
    const known = new Map<string, { id: string; name: string }>();
    for (const id of ids) {
      // A location of this very moment may not be in memory yet.
      known.set(id, deps.places.location(scope.organizationId, id) ?? (await deps.places.getLocation(scope, id)));
    }
    return known;
  }

  return defineRoute<undefined, NumberListQuery>({
    operationId: 'Get Phone Numbers for an Organization with Given Criterias',
    method: 'GET',
    path: `${BASE_PATH}/telephony/config/numbers`,
    summary: 'Get Phone Numbers for an Organization with Given Criterias',
    tags: ['Numbers'],
    access: access.RLwithoutUser,
    query: NumberListQuery,
    responses: { 200: NumberListAnswer },
    async handle({ scope, query, absoluteUrl }) {
      const page = readPage(query, LIMITS);
      // One more than asked for tells whether there is another page.
      const found = await deps.members.listNumbers(scope, {
        start: page.start,
        max: page.max + 1,
        locationId: locationQuery(query.locationId, 'locationId'),
        number: readNumber(query.phoneNumber),
      });
      const shown = found.slice(0, page.max);
      const locations = await locationsOf(scope, new Set(shown.map((number) => number.locationId)));
      const phoneNumbers = shown.flatMap((number) => {
        const location = locations.get(number.locationId);
        return location ? [numberAnswer(number, location)] : [];
      });
      return { status: 200, body: { phoneNumbers }, ...nextPage(absoluteUrl, page, found.length <= page.max) };
    },
  });
}
