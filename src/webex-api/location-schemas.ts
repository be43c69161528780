import { Type } from 'typebox';

const Address = Type.Object({
  address1: Type.String(),
  address2: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  city: Type.String(),
  state: Type.String(),
  postalCode: Type.String(),
  country: Type.String({ description: 'ISO 3166-1 alpha-2' }),
});

const Coordinate = Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Null()]));

/** Contract section 8, body of POST locations. */
export const NewLocationBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256 }),
  timeZone: Type.String({ description: 'IANA name' }),
  preferredLanguage: Type.String(),
  announcementLanguage: Type.String(),
  address: Address,
  latitude: Coordinate,
  longitude: Coordinate,
  notes: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
export type NewLocationBody = Type.Static<typeof NewLocationBody>;

/** Contract section 8, Location. */
export const LocationAnswer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  orgId: Type.String(),
  timeZone: Type.String(),
  preferredLanguage: Type.String(),
  address: Address,
  latitude: Type.Optional(Type.String()),
  longitude: Type.Optional(Type.String()),
  notes: Type.Optional(Type.String()),
});
export type LocationAnswer = Type.Static<typeof LocationAnswer>;

/** The answer of one location, which says its country once more. */
export const LocationDetailAnswer = Type.Intersect([LocationAnswer, Type.Object({ countryCode: Type.String() })]);

export const CreatedLocationAnswer = Type.Object({ id: Type.String() });

export const LocationListAnswer = Type.Object({ items: Type.Array(LocationAnswer) });

export const LocationListQuery = Type.Object({
  name: Type.Optional(Type.String({ description: 'Part of the name, in any case' })),
  id: Type.Optional(Type.String()),
  start: Type.Optional(Type.Integer()),
  max: Type.Optional(Type.Integer()),
  orgId: Type.Optional(Type.String()),
});
export type LocationListQuery = Type.Static<typeof LocationListQuery>;

export const OrganizationQuery = Type.Object({ orgId: Type.Optional(Type.String()) });
