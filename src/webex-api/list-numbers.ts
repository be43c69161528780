import { readE164 } from '../domain/phone-number.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { NumberWithOwner } from '../members/members.ts';
import { nextPage, type RestRoute } from '../transport/rest-route.ts';
import type { PhoneNumber } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { access } from './access.ts';
import { contractRoute } from './contract-route.ts';
import { type PageQuery, readPage } from './page-query.ts';
import { locationQuery, namedLocation } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 500, mostMax: 900 };

// The toll-free codes of the North American Numbering Plan.
const TOLL_FREE = /^\+18(?:00|33|44|55|66|77|88)\d{7}$/;

function numberAnswer(number: NumberWithOwner, location: { id: string; name: string }): PhoneNumber {
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

  return contractRoute<undefined, PageQuery & { locationId?: string; phoneNumber?: string }>(
    'GET /telephony/config/numbers',
    {
      access: access.RLwithoutUser,
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
    },
  );
}
