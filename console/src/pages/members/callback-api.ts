import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import type { Member } from './member-types.ts';

type PersonPath = '/v1/telephony/config/people/{personId}/emergencyCallbackNumber';

/** Where a member is called back, as the contract answers it; people have the most to say. */
export type MemberCallback = paths[PersonPath]['get']['responses']['200']['content']['application/json'];
export type MemberCallbackChange = paths[PersonPath]['put']['requestBody']['content']['application/json'];
export type CallbackKind = Exclude<Member['kind'], 'HUNT_GROUP'>;

type Answer = { data?: MemberCallback | undefined; response: Response };

/** The contract has one operation for each kind of members. */
export async function readCallback(kind: CallbackKind, id: string): Promise<Answer> {
  switch (kind) {
    case 'PEOPLE':
      return api.GET('/v1/telephony/config/people/{personId}/emergencyCallbackNumber', {
        params: { path: { personId: id } },
      });
    case 'PLACE':
      return api.GET('/v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber', {
        params: { path: { workspaceId: id } },
      });
    case 'VIRTUAL_LINE':
      return (await api.GET('/v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber', {
        params: { path: { virtualLineId: id } },
      })) as Answer;
  }
}

export async function writeCallback(kind: CallbackKind, id: string, body: MemberCallbackChange): Promise<void> {
  switch (kind) {
    case 'PEOPLE':
      await api.PUT('/v1/telephony/config/people/{personId}/emergencyCallbackNumber', {
        params: { path: { personId: id } },
        body,
      });
      return;
    case 'PLACE':
      await api.PUT('/v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber', {
        params: { path: { workspaceId: id } },
        body,
      });
      return;
    case 'VIRTUAL_LINE':
      await api.PUT('/v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber', {
        params: { path: { virtualLineId: id } },
        body: body as { selected: NonNullable<MemberCallbackChange['selected']> },
      });
  }
}

/** What one must be allowed to do to change it. */
export const CALLBACK_OPERATION: Readonly<Record<CallbackKind, string>> = {
  PEOPLE: 'PUT /v1/telephony/config/people/{personId}/emergencyCallbackNumber',
  PLACE: 'PUT /v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber',
  VIRTUAL_LINE: 'PUT /v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber',
};

/** Who relies on a member, for whoever is about to remove it. */
export async function readDependents(kind: Member['kind'], id: string) {
  switch (kind) {
    case 'PEOPLE':
      return (
        await api.GET('/v1/telephony/config/people/{personId}/emergencyCallbackNumber/dependencies', {
          params: { path: { personId: id } },
        })
      ).data;
    case 'PLACE':
      return (
        await api.GET('/v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber/dependencies', {
          params: { path: { workspaceId: id } },
        })
      ).data;
    case 'VIRTUAL_LINE':
      return (
        await api.GET('/v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber/dependencies', {
          params: { path: { virtualLineId: id } },
        })
      ).data;
    case 'HUNT_GROUP':
      return (
        await api.GET('/v1/telephony/config/huntGroups/{huntGroupId}/emergencyCallbackNumber/dependencies', {
          params: { path: { huntGroupId: id } },
        })
      ).data;
  }
}
