import { invalidField } from '../domain/problem.ts';
import type { MemberChanges } from '../members/members.ts';
import type { PersonUpdate } from '../wire/webex/operations.generated.ts';
import type { Nullable } from './nullable-fields.ts';
import { locationQuery } from './resource-parameters.ts';

/** How the room's fields are called in bodies of people. */
export const PERSON_FIELDS = { email: 'emails', phoneNumber: 'phoneNumbers' } as const;

/**
 * The number for calls to the office among the numbers of a person, which are of many types. An empty list takes it away;
 * one without such a number says nothing of it (decision 35).
 */
function workNumber(phoneNumbers: Nullable<PersonUpdate>['phoneNumbers']): string | null | undefined {
  if (!phoneNumbers) return undefined;
  if (phoneNumbers.length === 0) return null;
  const work = phoneNumbers.filter(({ type }) => type === 'work');
  if (new Set(work.map(({ value }) => value)).size > 1) {
    throw invalidField('phoneNumbers', 'holds more than one number of the type work');
  }
  return work[0]?.value;
}

/** What a body says of a person; absent and null = stays. */
export function personChanges(body: Nullable<PersonUpdate>): MemberChanges {
  return {
    email: body.emails?.[0],
    firstName: body.firstName,
    lastName: body.lastName,
    displayName: body.displayName,
    locationId: locationQuery(body.locationId ?? undefined, 'locationId'),
    extension: body.extension ?? undefined,
    phoneNumber: workNumber(body.phoneNumbers),
    roles: body.roles,
  };
}
