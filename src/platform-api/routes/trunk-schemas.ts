import { Type } from 'typebox';
import type { ElinBindingItem, HopHealth, Trunk } from '../../calls/calls.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';

/** A trunk, and whether it answers; null for one that is not monitored. */
export type TrunkView = Trunk & { health: HopHealth | null };

/** With the name of the response location, as this node knows it. */
export type ElinBindingView = ElinBindingItem & { responseLocationName: string | null };

export const TRUNK = answerSchema<TrunkView>()(
  Type.Object({
    id: text(),
    organizationId: text(),
    name: text(),
    addresses: Type.Array(Type.String(), { description: 'Addresses or CIDR blocks from which its messages come' }),
    port: orNull(Type.Number(), 'Source port; null: any'),
    tlsNames: Type.Array(Type.String(), { description: 'Names of its client certificate' }),
    mode: oneOf('proxy', 'redirect', 'esrp'),
    identityHeaders: Type.Array(Type.String()),
    deviceHeader: textOrNull(),
    callbackHeaders: Type.Array(Type.String()),
    isMonitored: Type.Boolean(),
    contactUri: textOrNull(),
    health: orNull(
      Type.Object({
        state: oneOf('up', 'down', 'unknown'),
        since: textOrNull(),
        lastAnswerAt: textOrNull(),
        lastStatus: orNull(Type.Number(), 'SIP status of the last answer'),
        roundTripMs: orNull(Type.Number()),
        failures: Type.Number({ description: 'Questions and calls in a row that nobody answered' }),
        sparedUntil: textOrNull('Until when it asked to be spared'),
      }),
      'Whether it answers, as this node sees it; null: it is not monitored',
    ),
  }),
);

export const ELIN_BINDING = answerSchema<ElinBindingView>()(
  Type.Object({
    number: text('E.164'),
    organizationId: text(),
    responseLocationId: text(),
    responseLocationName: textOrNull(),
    caller: text('Number or extension by which the trunk reaches the caller'),
    memberId: textOrNull(),
    trunkId: textOrNull(),
    callId: text('Of the call’s record'),
    boundAt: text(),
    expiresAt: text(),
    isActive: Type.Boolean({ description: 'A call to the number reaches the caller' }),
  }),
);
