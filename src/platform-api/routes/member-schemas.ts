import { Type } from 'typebox';
import type {
  Member,
  MemberDetail,
  MemberExtras,
  MemberNumber,
  MemberResource,
  NumberEntry,
} from '../../members/members.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';

export const MEMBER_KIND = oneOf('PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP');

const HELD = answerSchema<MemberNumber>()(
  Type.Object({
    number: text('E.164'),
    locationId: text(),
    memberId: textOrNull('null: assigned to nobody'),
    isPrimary: Type.Boolean(),
    active: Type.Boolean(),
    isMain: Type.Boolean({ description: 'The main number of its location' }),
  }),
);

const MEMBER_FIELDS = {
  id: text(),
  kind: MEMBER_KIND,
  locationId: text(),
  firstName: text(),
  lastName: text(),
  displayName: text(),
  email: textOrNull(),
  extension: textOrNull(),
  ecbnSelected: oneOf('DIRECT_LINE', 'LOCATION_ECBN', 'LOCATION_MEMBER_NUMBER', 'NONE'),
  ecbnMemberId: textOrNull('Whose number is used with LOCATION_MEMBER_NUMBER'),
  elinEnabled: Type.Boolean(),
  elinForWebexAppEnabled: Type.Boolean(),
  roles: Type.Array(Type.String()),
  supportedDevices: orNull(oneOf('phones', 'collaborationDevices'), 'Of a workspace'),
  callingType: orNull(oneOf('webexCalling', 'none'), 'Of a workspace'),
  enabled: Type.Boolean({ description: 'Of a hunt group: whether it takes calls' }),
};

const CALL_POLICIES = { callPolicies: orNull(Type.Record(Type.String(), Type.Unknown()), 'Of a hunt group, as given') };

export const NEW_MEMBER_ANSWER = answerSchema<Member & MemberExtras>()(
  Type.Object({ ...MEMBER_FIELDS, ...CALL_POLICIES }),
);

const RESOURCE = { ...MEMBER_FIELDS, numbers: Type.Array(HELD, { description: 'The first number in front' }) };

export const MEMBER = answerSchema<MemberResource>()(Type.Object(RESOURCE));

export const MEMBER_DETAIL = answerSchema<MemberDetail>()(
  Type.Object({
    ...RESOURCE,
    ...CALL_POLICIES,
    agents: Type.Array(
      Type.Object({
        memberId: text(),
        weight: textOrNull('Percentage of calls, as given'),
        kind: MEMBER_KIND,
        firstName: text(),
        lastName: text(),
        extension: textOrNull(),
      }),
      { description: 'In the order in which they ring; empty for anything but a hunt group' },
    ),
  }),
);

export const NUMBER = answerSchema<NumberEntry>()(
  Type.Object({
    number: textOrNull('E.164; null: an extension alone'),
    locationId: text(),
    isPrimary: Type.Boolean(),
    active: Type.Boolean(),
    isMain: Type.Boolean({ description: 'The main number of its location' }),
    isTollFree: Type.Boolean(),
    isServiceNumber: Type.Boolean(),
    owner: orNull(
      Type.Object({
        id: text(),
        kind: MEMBER_KIND,
        firstName: text(),
        lastName: text(),
        displayName: text(),
        extension: textOrNull(),
        elinEnabled: Type.Boolean(),
      }),
      'null: assigned to nobody',
    ),
  }),
);
