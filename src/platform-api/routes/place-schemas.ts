import { Type } from 'typebox';
import type { AddressCheck, AddressValidation } from '../../addresses/addresses.ts';
import type { Standing } from '../../compliance/compliance.ts';
import type { PostalAddress } from '../../domain/postal-address.ts';
import type {
  Elin,
  EmergencyAddress,
  Floor,
  LocationAddresses,
  LocationOverview,
  MergedResponseLocations,
  MovedBuilding,
  MovedResponseLocation,
  PlaceBuilding,
  PlaceLocation,
  RenamedFloor,
  ResponseLocation,
} from '../../places/places.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, POSITION, SHAPE, text } from '../schemas.ts';
import { ELIN_BINDING, type ElinBindingView } from './trunk-schemas.ts';

const CIVIC = Type.Record(Type.String(), Type.String(), { description: 'RFC 5139 and RFC 6848 elements' });
const STAGE = oneOf('LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED');
const MOMENTS = { createdAt: text('ISO 8601'), updatedAt: text('ISO 8601') };

const POSTAL_ADDRESS = answerSchema<PostalAddress>()(
  Type.Object({
    address1: text(),
    address2: Type.Optional(text()),
    city: text(),
    state: text('Code or name, as entered; empty where a country has none'),
    postalCode: text('Empty where a country has none'),
    country: text('ISO 3166-1 alpha-2'),
  }),
);

const FIELD = oneOf('address1', 'address2', 'city', 'state', 'postalCode', 'country');
const LEVEL = orNull(
  oneOf('syntax', 'postal', 'street', 'point'),
  'The deepest level at which nothing is wrong; null: not even complete',
);
const CORRECTION = Type.Object({
  field: FIELD,
  from: text(),
  to: text(),
  kind: oneOf('form', 'content'),
  reason: text('Why, as a sentence'),
});
const FAULT = Type.Object({
  kind: text(),
  code: text(),
  title: text(),
  field: FIELD,
  detail: text('What was given and what is wrong with it, as a sentence'),
});

const ADDRESS_CHECK = answerSchema<AddressCheck>()(
  Type.Object({
    level: LEVEL,
    isDispatchable: Type.Boolean({ description: 'false: nobody can be sent there' }),
    corrections: Type.Array(CORRECTION),
    errors: Type.Array(FAULT),
    source: text('What it was checked against, with its date'),
    checkedAt: text('ISO 8601'),
  }),
);
const CHECK_OR_NULL = orNull(ADDRESS_CHECK, 'null: not checked since it was stored');

/** As JSON carries it: what is undefined is not there. */
type MaybeFound = 'geocode' | 'names' | 'override';
type FoundValidation = Omit<AddressValidation, MaybeFound> & {
  [Name in MaybeFound]?: NonNullable<AddressValidation[Name]>;
};

/** What a check of an address finds: `POST /api/addresses/validate`. */
export const ADDRESS_VALIDATION = answerSchema<FoundValidation>()(
  Type.Object({
    level: LEVEL,
    isDispatchable: Type.Boolean({ description: 'false: nobody can be sent there' }),
    address: POSTAL_ADDRESS,
    civic: CIVIC,
    corrections: Type.Array(CORRECTION, { description: 'What was changed in `address`' }),
    errors: Type.Array(FAULT),
    geocode: Type.Optional(
      Type.Object({
        position: POSITION,
        precision: oneOf('point', 'interpolated', 'street', 'postal', 'city'),
        uncertaintyMeters: Type.Number(),
      }),
    ),
    names: Type.Optional(
      Type.Object({
        A2: Type.Optional(text()),
        A3: Type.Optional(text()),
        PCN: Type.Optional(text()),
        MSAG: Type.Optional(text()),
        ESN: Type.Optional(text()),
      }),
    ),
    isCovered: Type.Boolean({ description: 'Whether address layers cover the place' }),
    unchecked: Type.Array(Type.String(), { description: 'Elements that no data could say anything about' }),
    score: Type.Number({ description: '0 to 100, to sort by' }),
    override: Type.Optional(Type.Object({ madeBy: text(), madeAt: text(), reason: text() })),
    findings: Type.Array(Type.String(), { description: 'What was compared with what, as sentences' }),
    candidates: Type.Array(Type.Object({ address: POSTAL_ADDRESS, reason: text() }), {
      description: 'Other addresses that may have been meant',
    }),
    source: text(),
  }),
);

const LOCATION_ENTRY = {
  id: text(),
  organizationId: text(),
  name: text(),
  timeZone: text('IANA name'),
  preferredLanguage: text(),
  announcementLanguage: text(),
  postalAddress: POSTAL_ADDRESS,
  country: text('ISO 3166-1 alpha-2, as entered'),
  position: Type.Optional(POSITION),
  notes: Type.Optional(text()),
  callingEnabled: Type.Boolean(),
  routingPrefix: Type.Optional(text()),
  callingLineName: Type.Optional(text()),
  ...MOMENTS,
  addressCheck: CHECK_OR_NULL,
};

const LOCATION = answerSchema<PlaceLocation>()(Type.Object({ ...LOCATION_ENTRY, address: CIVIC }));

/** A location with what is in it and how far it has come: `GET /api/locations`. */
export const LOCATION_ITEM = answerSchema<LocationOverview & { standing: Standing }>()(
  Type.Object({
    ...LOCATION_ENTRY,
    building: orNull(Type.Object({ id: text(), alertingEmail: text() })),
    responseLocations: Type.Integer({ description: 'How many are in its building' }),
    standing: Type.Object({
      accountEnabled: Type.Boolean(),
      organizationCompleted: orNull(STAGE),
      locationCompleted: orNull(STAGE),
      optedOut: Type.Boolean({ description: 'The location itself or its whole organization left the service' }),
      exempt: Type.Boolean({ description: 'Outside the United States, their territories and Canada' }),
      testCallsEnabled: Type.Boolean(),
      routingEnabled: Type.Boolean(),
      missing: Type.Array(STAGE, { description: 'Stages that are not completed yet, in order' }),
    }),
  }),
);

export const BUILDING = answerSchema<PlaceBuilding>()(
  Type.Object({
    id: text(),
    organizationId: text(),
    locationId: text(),
    postalAddress: POSTAL_ADDRESS,
    hasOwnAddress: Type.Boolean({ description: 'false: it has that of its location' }),
    address: CIVIC,
    position: Type.Optional(POSITION),
    addressCheck: CHECK_OR_NULL,
    alertingEmail: text(),
    ...MOMENTS,
  }),
);

export const FLOOR = answerSchema<Floor>()(Type.Object({ floor: text(), responseLocations: Type.Integer() }));

export const RESPONSE_LOCATION = answerSchema<ResponseLocation>()(
  Type.Object({
    id: text(),
    organizationId: text(),
    name: text(),
    buildingId: text(),
    locationId: text(),
    detail: CIVIC,
    civic: CIVIC,
    shape: Type.Optional(SHAPE),
    alertEmails: Type.Array(Type.String()),
    elins: Type.Array(Type.String()),
    mergedIds: Type.Array(Type.String(), { description: 'Response locations that were merged into this one' }),
    ...MOMENTS,
  }),
);

const REFERENCES = { wireMapElements: Type.Integer(), deviceOverrides: Type.Integer() };

export const MOVED_RESPONSE_LOCATION = answerSchema<MovedResponseLocation>()(
  Type.Object({
    dryRun: Type.Boolean(),
    before: RESPONSE_LOCATION,
    after: RESPONSE_LOCATION,
    references: Type.Object(REFERENCES, { description: 'What names it, and follows' }),
  }),
);

export const MOVED_BUILDING = answerSchema<MovedBuilding>()(
  Type.Object({
    dryRun: Type.Boolean(),
    before: BUILDING,
    after: BUILDING,
    moved: Type.Object({ ...REFERENCES, responseLocations: Type.Integer() }, { description: 'What goes with it' }),
    notes: Type.Array(Type.String(), { description: 'What else becomes different, in words' }),
  }),
);

export const RENAMED_FLOOR = answerSchema<RenamedFloor>()(
  Type.Object({
    dryRun: Type.Boolean(),
    from: text(),
    to: text(),
    responseLocations: Type.Array(Type.String(), { description: 'Ids of those that are on `to` from now on' }),
    alreadyThere: Type.Integer({ description: 'How many were on `to` already: the floors become one' }),
  }),
);

export const MERGED_RESPONSE_LOCATIONS = answerSchema<MergedResponseLocations>()(
  Type.Object({
    dryRun: Type.Boolean(),
    merged: RESPONSE_LOCATION,
    survivor: RESPONSE_LOCATION,
    moved: Type.Object({
      ...REFERENCES,
      elins: Type.Array(Type.String()),
      alertEmails: Type.Array(Type.String()),
      mergedIds: Type.Array(Type.String()),
    }),
  }),
);

/** `binding`: who is reached on it now. */
export type HeldElin = Elin & { binding: ElinBindingView | null };

export const ELIN = answerSchema<HeldElin>()(
  Type.Object({
    number: text('E.164'),
    responseLocationId: text(),
    responseLocationName: text(),
    locationId: text(),
    createdAt: text('ISO 8601'),
    binding: orNull(ELIN_BINDING, 'Who is reached on it now; null: nobody in particular'),
  }),
);

const EMERGENCY_ADDRESS = answerSchema<EmergencyAddress>()(
  Type.Object({
    id: text(),
    organizationId: text(),
    locationId: text(),
    postalAddress: POSTAL_ADDRESS,
    address: CIVIC,
    addressCheck: ADDRESS_CHECK,
    position: Type.Optional(POSITION),
    ...MOMENTS,
  }),
);

/** The addresses of a location, as they are and as they were: `GET /api/locations/{locationId}/addresses`. */
export const LOCATION_ADDRESSES = answerSchema<LocationAddresses>()(
  Type.Object({
    emergencyAddress: orNull(EMERGENCY_ADDRESS),
    building: orNull(BUILDING),
    location: LOCATION,
    history: Type.Array(
      Type.Object({
        postalAddress: POSTAL_ADDRESS,
        addressCheck: ADDRESS_CHECK,
        validFrom: text('ISO 8601'),
        validTo: text(),
      }),
      { description: 'Former emergency addresses, the newest first, at most 100' },
    ),
  }),
);
