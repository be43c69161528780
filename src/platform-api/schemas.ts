import { type TSchema, Type } from 'typebox';
import { CIVIC_ELEMENTS } from '../domain/civic-address.ts';

/** `{items: […]}`, the shape of every list under /api. */
export function listOf(item: TSchema): TSchema {
  return Type.Object({ items: Type.Array(item) });
}

const described = (description: string | undefined): { description?: string } =>
  description === undefined ? {} : { description };

/** What it says, or null where there is nothing to say. */
export function orNull<Schema extends TSchema>(schema: Schema, description?: string) {
  return Type.Union([schema, Type.Null()], described(description));
}

export const text = (description?: string) => Type.String(described(description));
export const textOrNull = (description?: string) => orNull(Type.String(), description);
/** One of these words. */
export const oneOf = <const Words extends string[]>(...words: Words) => Type.Enum(words);

/** RFC 5139/6848 element names to text; other names are refused so that a typing error loses nothing. */
export const CIVIC_ADDRESS = Type.Object(
  Object.fromEntries(CIVIC_ELEMENTS.map((name) => [name, Type.Optional(Type.String({ maxLength: 256 }))])),
  { additionalProperties: false, description: 'Civic address elements (RFC 5139, RFC 6848)' },
);

export const POSITION = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { description: 'WGS 84, degrees' },
);

export const SHAPE = Type.Union(
  [
    Type.Object({
      type: Type.Literal('point'),
      position: POSITION,
      altitudeMeters: Type.Optional(Type.Number({ description: 'Above the ellipsoid of WGS 84' })),
    }),
    Type.Object({ type: Type.Literal('circle'), center: POSITION, radiusMeters: Type.Number({ minimum: 0 }) }),
    Type.Object({
      type: Type.Literal('ellipse'),
      center: POSITION,
      semiMajorMeters: Type.Number({ minimum: 0 }),
      semiMinorMeters: Type.Number({ minimum: 0 }),
      orientationDegrees: Type.Number(),
    }),
    Type.Object({
      type: Type.Literal('arc-band'),
      center: POSITION,
      innerRadiusMeters: Type.Number({ minimum: 0 }),
      outerRadiusMeters: Type.Number({ minimum: 0 }),
      startAngleDegrees: Type.Number(),
      openingAngleDegrees: Type.Number(),
    }),
    Type.Object({ type: Type.Literal('polygon'), exterior: Type.Array(POSITION, { minItems: 3, maxItems: 1_000 }) }),
  ],
  { description: 'Point, circle (its radius is the uncertainty), ellipse, arc band or polygon (RFC 5491)' },
);

export const DRY_RUN_QUERY = {
  dryRun: Type.Optional(Type.Boolean({ description: 'Only tell what would change; nothing is stored' })),
};

/** Of answers: an absent text is null. */
export const TEXT_OR_NULL = Type.Union([Type.String(), Type.Null()]);

/** Anything; used for answers whose shape the domain types define. */
export const ANY = Type.Unknown();
