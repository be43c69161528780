import { invalidField } from '../domain/problem.ts';
import type { MemberChanges } from '../members/members.ts';
import type { WorkspaceUpdate } from '../wire/webex/operations.generated.ts';
import type { Nullable } from './nullable-fields.ts';
import { locationQuery } from './resource-parameters.ts';

/** How the room's fields are called in bodies of workspaces. */
export const WORKSPACE_FIELDS = {
  firstName: 'displayName',
  phoneNumber: 'calling.webexCalling.phoneNumber',
  extension: 'calling.webexCalling.extension',
  callingType: 'calling.type',
} as const;

/** The location of a workspace and the location of its calling are one: help goes to where its phone stands. */
function oneLocation(own: string | undefined, ofCalling: string | undefined): string | undefined {
  if (own !== undefined && ofCalling !== undefined && own !== ofCalling) {
    throw invalidField('calling.webexCalling.locationId', 'is another location than locationId');
  }
  return own ?? ofCalling;
}

/** What a body says of a workspace; absent and null = stays. Without calling there is neither number nor extension. */
export function workspaceChanges(body: Nullable<WorkspaceUpdate>): MemberChanges {
  const { calling } = body;
  const webexCalling = calling?.webexCalling;
  const off = calling?.type === 'none';
  return {
    firstName: body.displayName,
    displayName: body.displayName,
    supportedDevices: body.supportedDevices,
    callingType: calling?.type,
    locationId: oneLocation(
      locationQuery(body.locationId ?? undefined, 'locationId'),
      off ? undefined : locationQuery(webexCalling?.locationId ?? undefined, 'calling.webexCalling.locationId'),
    ),
    phoneNumber: off ? null : (webexCalling?.phoneNumber ?? undefined),
    extension: off ? null : (webexCalling?.extension ?? undefined),
  };
}
