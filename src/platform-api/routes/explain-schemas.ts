import { Type } from 'typebox';
import type { CallExplanation } from '../../calls/calls.ts';
import { STAGES } from '../../domain/stage.ts';
import type { LocationExplanation } from '../../location/location.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';
import { CALL_LOCATION, CALLBACK, CALLER, TRACE_ENTRY } from './call-schemas.ts';

const TARGET = Type.Object({
  kind: oneOf('erl', 'building', 'location', 'number-address', 'location-address', 'device-address'),
  id: text(),
});
const RULE = oneOf(
  'device-override',
  'switch-port',
  'switch-chassis',
  'bssid',
  'bssid-mask',
  'mac',
  'ip-range',
  'device-address',
  'number',
  'site-default',
);
const WORTH = {
  trust: Type.Number({ description: '1 to 100' }),
  confidencePercent: Type.Number(),
  method: oneOf('Wiremap', 'Manual'),
};
const NOTES = Type.Array(Type.String(), { description: 'What was left out of account, and why' });

/** Where a device is, by which rule, and what lost. */
export const LOCATION_EXPLANATION = answerSchema<LocationExplanation>()(
  Type.Union([
    Type.Object({
      found: Type.Literal(true),
      value: Type.Object({
        civic: Type.Optional(Type.Record(Type.String(), Type.String())),
        shape: Type.Optional(Type.Unknown({ description: 'RFC 5491 shape' })),
        method: Type.Optional(text()),
        timestamp: Type.Optional(text()),
        confidencePercent: Type.Optional(Type.Number()),
      }),
      target: TARGET,
      places: Type.Object({ locationId: textOrNull(), buildingId: textOrNull(), erlId: textOrNull() }),
      rule: RULE,
      element: text('What matched, in words'),
      identity: Type.Optional(Type.Unknown({ description: 'The identity that the rule went by' })),
      ...WORTH,
      ageSeconds: Type.Number(),
      isNomadic: Type.Boolean({ description: 'An address that the device registered for itself' }),
      candidates: Type.Array(
        Type.Object({
          rule: RULE,
          element: text(),
          target: TARGET,
          contradicts: Type.Boolean({ description: 'It names a place at another location' }),
          ...WORTH,
        }),
        { description: 'They lost; the first would have won next' },
      ),
      notes: NOTES,
    }),
    Type.Object({
      found: Type.Literal(false),
      reason: text(),
      needsAddress: Type.Boolean({ description: 'The device has registered no address for the network it is in' }),
      notes: NOTES,
    }),
  ]),
);

const STAGE = oneOf(...STAGES);

/** What would happen to a call. */
export const CALL_EXPLANATION = answerSchema<CallExplanation>()(
  Type.Object({
    dialed: text(),
    caller: CALLER,
    callback: CALLBACK,
    location: orNull(CALL_LOCATION),
    standing: orNull(
      Type.Object({
        accountEnabled: Type.Boolean(),
        organizationCompleted: orNull(STAGE),
        locationCompleted: orNull(STAGE),
        optedOut: Type.Boolean(),
        exempt: Type.Boolean(),
        testCallsEnabled: Type.Boolean(),
        routingEnabled: Type.Boolean(),
        missing: Type.Array(STAGE),
      }),
    ),
    destinations: Type.Array(
      Type.Object({
        name: text(),
        uri: text(),
        kind: oneOf('psap', 'relay'),
        quality: textOrNull(),
        reason: text(),
      }),
      { description: 'In the order in which they would be tried' },
    ),
    flags: Type.Array(Type.String()),
    trace: Type.Array(TRACE_ENTRY),
  }),
);
