import type { MemberKind, NumberEntry } from '../members/members.ts';
import { nextPage, type RestRoute } from '../transport/rest-route.ts';
import type { PhoneNumber, PhoneNumberState } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { type LocationNames, readLocationNames } from './location-names.ts';
import { memberField } from './member-parameters.ts';
import { numberQuery } from './number-query.ts';
import { type PageQuery, readPage } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 500, mostMax: 2_000 };

type NumberQuery = PageQuery & {
  locationId?: string;
  phoneNumber?: string;
  available?: boolean;
  ownerType?: string;
  ownerId?: string;
  numberType?: 'NUMBER' | 'EXTENSION';
  state?: PhoneNumberState;
};

function numberAnswer(entry: NumberEntry, locationOf: LocationNames): PhoneNumber {
  const { owner } = entry;
  return {
    ...(entry.number !== null && { phoneNumber: entry.number }),
    ...(owner?.extension && { extension: owner.extension }),
    state: entry.active ? 'ACTIVE' : 'INACTIVE',
    ...(owner && entry.number !== null && { phoneNumberType: entry.isPrimary ? 'PRIMARY' : 'ALTERNATE' }),
    mainNumber: entry.isMain,
    tollFreeNumber: entry.isTollFree,
    location: locationOf(entry.locationId),
    ...(owner && {
      owner: {
        id: encodeResourceId(owner.kind, owner.id),
        type: owner.kind,
        firstName: owner.firstName,
        ...(owner.lastName !== '' && { lastName: owner.lastName }),
      },
      elinEnabled: owner.elinEnabled,
    }),
    isServiceNumber: entry.isServiceNumber,
  };
}

const OWNER_KINDS: ReadonlySet<string> = new Set<MemberKind>(['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP']);

function isOwnerKind(type: string): type is MemberKind {
  return OWNER_KINDS.has(type);
}

/** Contract section 8, GET telephony/config/numbers: telephone numbers and extensions with their location and owner. */
export function listNumbers(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, NumberQuery>('GET /telephony/config/numbers', {
    async handle({ scope, query, absoluteUrl }) {
      const page = readPage(query, LIMITS);
      const { state } = query;
      const ownerKind = query.ownerType || undefined;
      const filter = {
        locationId: locationQuery(query.locationId, 'locationId'),
        number: numberQuery(query.phoneNumber),
        available: query.available,
        ownerId: memberField(query.ownerId, 'ownerId'),
        numberType: query.numberType,
        active: state && state === 'ACTIVE',
      };
      // Call queues, paging groups and others that own numbers elsewhere have none here.
      if (ownerKind !== undefined && !isOwnerKind(ownerKind)) return { status: 200, body: { phoneNumbers: [] } };
      // One more than asked for tells whether there is another page.
      const found = await deps.members.listNumbers(scope, {
        ...filter,
        ownerKind,
        start: page.start,
        max: page.max + 1,
      });
      const shown = found.slice(0, page.max);
      const locationOf = await readLocationNames(
        deps,
        scope,
        shown.map(({ locationId }) => locationId),
      );
      return {
        status: 200,
        body: { phoneNumbers: shown.map((entry) => numberAnswer(entry, locationOf)) },
        ...nextPage(absoluteUrl, page, found.length <= page.max),
      };
    },
  });
}
