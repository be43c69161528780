import type { OAuthScope, Role } from './scope.ts';

/** Who may do something: the role must be listed and the token must hold one of the scopes. */
export type Right = { readonly roles: readonly Role[]; readonly anyScope: readonly OAuthScope[] };

// A partner acts as full administrator of its customers, the operator of every organization (decision 38).
const FULL = ['fullAdmin', 'partnerAdmin', 'operator'] as const satisfies readonly Role[];
const ADMINISTRATORS: readonly Role[] = [...FULL, 'userAdmin', 'readOnlyAdmin', 'locationAdmin'];
const READ: readonly OAuthScope[] = ['spark-admin:telephony_config_read'];
const WRITE: readonly OAuthScope[] = ['spark-admin:telephony_config_write'];

/** The codes of contract section 1 under their names there; then what section 8 and Waymark's own door need. */
export const RIGHT_CODES = {
  R: { roles: [...FULL, 'userAdmin', 'readOnlyAdmin'], anyScope: READ },
  RL: { roles: ADMINISTRATORS, anyScope: READ },
  R2: { roles: [...FULL, 'readOnlyAdmin'], anyScope: READ },
  /** "RL without user". */
  R2L: { roles: [...FULL, 'readOnlyAdmin', 'locationAdmin'], anyScope: READ },
  W: { roles: FULL, anyScope: WRITE },
  WU: { roles: [...FULL, 'userAdmin'], anyScope: WRITE },
  WL: { roles: [...FULL, 'locationAdmin'], anyScope: WRITE },
  WUL: { roles: [...FULL, 'userAdmin', 'locationAdmin'], anyScope: WRITE },
  /** Read-only administrators too, as the published text of two updates says: there the write scope decides. */
  WX: { roles: ADMINISTRATORS, anyScope: WRITE },
  PR: { roles: FULL, anyScope: ['spark-admin:telephony_pstn_read'] },
  PW: { roles: FULL, anyScope: ['spark-admin:telephony_pstn_write'] },
  'locations-read': {
    roles: ADMINISTRATORS,
    anyScope: ['spark-admin:locations_read', 'spark-admin:people_read', 'spark-admin:devices_read'],
  },
  'locations-write': { roles: FULL, anyScope: ['spark-admin:locations_write'] },
  'people-me': { roles: ADMINISTRATORS, anyScope: ['spark:people_read'] },
  'people-read': { roles: ADMINISTRATORS, anyScope: ['spark-admin:people_read'] },
  'people-write': { roles: [...FULL, 'userAdmin'], anyScope: ['spark-admin:people_write'] },
  'workspaces-read': { roles: ADMINISTRATORS, anyScope: ['spark-admin:workspaces_read'] },
  'workspaces-write': { roles: FULL, anyScope: ['spark-admin:workspaces_write'] },
  /** What an organization has and the contract lacks. */
  'own-read': { roles: [...FULL, 'readOnlyAdmin'], anyScope: ['waymark:read'] },
  'own-write': { roles: FULL, anyScope: ['waymark:write'] },
  /** What a partner has beside its customers' organizations. */
  'partner-read': { roles: ['partnerAdmin', 'operator'], anyScope: ['waymark:read'] },
  'partner-write': { roles: ['partnerAdmin', 'operator'], anyScope: ['waymark:write'] },
  /** What belongs to the platform and not to one organization: PSAPs, boundaries, organizations. */
  platform: { roles: ['operator'], anyScope: ['waymark:platform'] },
} as const satisfies Record<string, Right>;

export type RightCode = keyof typeof RIGHT_CODES;

/** Every REST operation and the code of who may use it. Sections are those of the contract. */
export const RIGHTS: Readonly<Record<string, RightCode>> = {
  // 2. RedSky account
  'GET /v1/telephony/config/redSky': 'RL',
  'POST /v1/telephony/config/redSky': 'W',
  'POST /v1/telephony/config/redSky/actions/login/invoke': 'W',
  'PUT /v1/telephony/config/redSky/serviceSettings': 'W',

  // 3. Compliance status
  'GET /v1/telephony/config/redSky/status': 'R',
  'PUT /v1/telephony/config/redSky/status': 'W',
  'GET /v1/telephony/config/redSky/complianceStatus': 'R',
  'GET /v1/telephony/config/locations/{locationId}/redSky': 'R',
  'GET /v1/telephony/config/locations/{locationId}/redSky/status': 'R',
  'PUT /v1/telephony/config/locations/{locationId}/redSky/status': 'W',

  // 4. Building
  'POST /v1/telephony/config/locations/{locationId}/redSky/building': 'W',
  'PUT /v1/telephony/config/locations/{locationId}/redSky/building': 'W',

  // 5. Emergency call notification
  'GET /v1/telephony/config/emergencyCallNotification': 'R',
  'PUT /v1/telephony/config/emergencyCallNotification': 'WU',
  'GET /v1/telephony/config/locations/{locationId}/emergencyCallNotification': 'RL',
  'PUT /v1/telephony/config/locations/{locationId}/emergencyCallNotification': 'WUL',

  // 6. Emergency callback number
  'GET /v1/telephony/config/people/{personId}/emergencyCallbackNumber': 'RL',
  'PUT /v1/telephony/config/people/{personId}/emergencyCallbackNumber': 'WX',
  'GET /v1/telephony/config/people/{personId}/emergencyCallbackNumber/dependencies': 'RL',
  'GET /v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber': 'RL',
  'PUT /v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber': 'WX',
  'GET /v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber/dependencies': 'RL',
  'GET /v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber': 'R2',
  'PUT /v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber': 'WU',
  'GET /v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber/dependencies': 'R2',
  'GET /v1/telephony/config/huntGroups/{huntGroupId}/emergencyCallbackNumber/dependencies': 'RL',
  'GET /v1/telephony/config/locations/{locationId}/features/emergencyCallbackNumber': 'RL',
  'PUT /v1/telephony/config/locations/{locationId}/features/emergencyCallbackNumber': 'WL',

  // 7. Emergency addresses
  'POST /v1/telephony/pstn/locations/{locationId}/emergencyAddress': 'PW',
  'POST /v1/telephony/pstn/locations/{locationId}/emergencyAddress/lookup': 'PR',
  'PUT /v1/telephony/pstn/locations/{locationId}/emergencyAddresses/{addressId}': 'PW',
  'PUT /v1/telephony/pstn/numbers/{phoneNumber}/emergencyAddress': 'PW',

  // 8. Supporting resources
  'GET /v1/people/me': 'people-me',
  'GET /v1/people': 'people-read',
  'POST /v1/people': 'people-write',
  'GET /v1/people/{personId}': 'people-read',
  'PUT /v1/people/{personId}': 'people-write',
  'DELETE /v1/people/{personId}': 'people-write',
  'GET /v1/locations': 'locations-read',
  'POST /v1/locations': 'locations-write',
  'GET /v1/locations/{locationId}': 'locations-read',
  'PUT /v1/locations/{locationId}': 'locations-write',
  'DELETE /v1/locations/{locationId}': 'locations-write',
  'GET /v1/telephony/config/locations': 'RL',
  'POST /v1/telephony/config/locations': 'W',
  'GET /v1/telephony/config/locations/{locationId}': 'RL',
  'PUT /v1/telephony/config/locations/{locationId}': 'W',
  'DELETE /v1/telephony/config/locations/{locationId}': 'W',
  'GET /v1/telephony/config/numbers': 'R2L',
  'POST /v1/telephony/config/locations/{locationId}/numbers': 'W',
  'PUT /v1/telephony/config/locations/{locationId}/numbers': 'W',
  'DELETE /v1/telephony/config/locations/{locationId}/numbers': 'W',
  'GET /v1/workspaces': 'workspaces-read',
  'POST /v1/workspaces': 'workspaces-write',
  'GET /v1/workspaces/{workspaceId}': 'workspaces-read',
  'PUT /v1/workspaces/{workspaceId}': 'workspaces-write',
  'DELETE /v1/workspaces/{workspaceId}': 'workspaces-write',
  'GET /v1/telephony/config/virtualLines': 'R2',
  'POST /v1/telephony/config/virtualLines': 'WU',
  'GET /v1/telephony/config/virtualLines/{virtualLineId}': 'R2',
  'PUT /v1/telephony/config/virtualLines/{virtualLineId}': 'WU',
  'DELETE /v1/telephony/config/virtualLines/{virtualLineId}': 'WU',
  'GET /v1/telephony/config/huntGroups': 'R2L',
  'POST /v1/telephony/config/locations/{locationId}/huntGroups': 'WL',
  'GET /v1/telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': 'R2L',
  'PUT /v1/telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': 'WL',
  'DELETE /v1/telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': 'WL',

  // Waymark's own door
  'GET /api/compliance': 'own-read',
  'GET /api/e911-account': 'own-read',
  'GET /api/e911-account/phone-profile': 'own-read',
  'PATCH /api/e911-account': 'own-write',
  'POST /api/e911-account/secret': 'own-write',
  'DELETE /api/e911-account/previous-credentials': 'own-write',
  'GET /api/e911-account/certificates': 'own-read',
  'POST /api/e911-account/certificates': 'own-write',
  'DELETE /api/e911-account/certificates/{id}': 'own-write',
  'GET /api/detached-accounts': 'partner-read',
  'POST /api/detached-accounts': 'partner-write',
  'GET /api/buildings': 'own-read',
  'POST /api/buildings': 'own-write',
  'GET /api/buildings/{id}': 'own-read',
  'PATCH /api/buildings/{id}': 'own-write',
  'DELETE /api/buildings/{id}': 'own-write',
  'POST /api/buildings/{id}/move': 'own-write',
  'POST /api/buildings/{id}/merge': 'own-write',
  'GET /api/buildings/{id}/floors': 'own-read',
  'POST /api/buildings/{id}/floors/rename': 'own-write',
  'POST /api/addresses/validate': 'own-read',
  'GET /api/locations/{locationId}/addresses': 'own-read',
  'GET /api/numbers/{phoneNumber}/addresses': 'own-read',
  'GET /api/response-locations': 'own-read',
  'POST /api/response-locations': 'own-write',
  'GET /api/response-locations/{id}': 'own-read',
  'PATCH /api/response-locations/{id}': 'own-write',
  'DELETE /api/response-locations/{id}': 'own-write',
  'POST /api/response-locations/{id}/move': 'own-write',
  'POST /api/response-locations/{id}/merge': 'own-write',
  'POST /api/response-locations/import': 'own-write',
  'GET /api/response-locations/export': 'own-read',
  'GET /api/elins': 'own-read',
  'GET /api/wire-map': 'own-read',
  'POST /api/wire-map': 'own-write',
  'PATCH /api/wire-map/{id}': 'own-write',
  'DELETE /api/wire-map/{id}': 'own-write',
  'POST /api/wire-map/import': 'own-write',
  'GET /api/wire-map/export': 'own-read',
  'POST /api/wire-map/imports': 'own-write',
  'GET /api/wire-map/imports': 'own-read',
  'GET /api/wire-map/imports/{id}': 'own-read',
  'POST /api/wire-map/imports/{id}/apply': 'own-write',
  'GET /api/wire-map/lint': 'own-read',
  'GET /api/wire-map/versions': 'own-read',
  'POST /api/wire-map/undo': 'own-write',
  'GET /api/wire-map/{id}': 'own-read',
  'GET /api/wire-map/unmapped': 'own-read',
  'GET /api/wire-map/unmapped/export': 'own-read',
  'POST /api/wire-map/unmapped/{id}/map': 'own-write',
  'DELETE /api/wire-map/unmapped/{id}': 'own-write',
  'GET /api/address-ranges': 'own-read',
  'POST /api/address-ranges': 'own-write',
  'DELETE /api/address-ranges/{id}': 'own-write',
  'POST /api/location-uris/revoke': 'own-write',
  'POST /api/location-uris/describe': 'own-read',
  'GET /api/devices': 'own-read',
  'GET /api/devices/{deviceId}': 'own-read',
  'DELETE /api/devices/{deviceId}': 'own-write',
  'PUT /api/devices/{deviceId}/address': 'own-write',
  'GET /api/devices/{deviceId}/address': 'own-read',
  'DELETE /api/devices/{deviceId}/address': 'own-write',
  'PUT /api/devices/{deviceId}/override': 'own-write',
  'DELETE /api/devices/{deviceId}/override': 'own-write',
  'GET /api/members': 'own-read',
  'POST /api/members': 'own-write',
  'GET /api/members/{memberId}': 'own-read',
  'PATCH /api/members/{memberId}': 'own-write',
  'DELETE /api/members/{memberId}': 'own-write',
  'GET /api/numbers': 'own-read',
  'POST /api/numbers': 'own-write',
  'GET /api/calls': 'own-read',
  'GET /api/calls/{id}': 'own-read',
  'GET /api/trunks': 'own-read',
  'POST /api/trunks': 'own-write',
  'DELETE /api/trunks/{id}': 'own-write',
  'GET /api/alerts/troubled': 'own-read',
  'GET /api/mail': 'own-read',
  'GET /api/mail/{file}': 'platform',
  'GET /api/explain/route': 'own-read',
  'GET /api/explain/call': 'own-read',
  'POST /api/explain/location': 'own-read',
  'GET /api/psaps': 'own-read',
  'POST /api/psaps': 'platform',
  'PUT /api/psaps/{id}': 'platform',
  'DELETE /api/psaps/{id}': 'platform',
  'GET /api/boundaries': 'own-read',
  'POST /api/boundaries/import': 'platform',
  'DELETE /api/boundaries/{layer}': 'platform',
  'GET /api/tokens': 'own-read',
  'POST /api/tokens': 'own-write',
  'PATCH /api/tokens/{tokenId}': 'own-write',
  'POST /api/tokens/{tokenId}/rotate': 'own-write',
  'DELETE /api/tokens/{tokenId}': 'own-write',
  'GET /api/audit': 'own-read',
  'GET /api/audit/export': 'own-read',
  'GET /api/organizations': 'platform',
  'POST /api/organizations': 'platform',
  'POST /api/organizations/{organizationId}/tokens': 'platform',
  'GET /api/partners': 'platform',
  'POST /api/partners': 'platform',
  'POST /api/backup': 'platform',
};

/** For an operation that the table does not name: nobody, whatever the token. */
const NOBODY: Right = { roles: [], anyScope: [] };

/** Who may use an operation, by `METHOD /path` as routes write them. */
export function rightTo(operation: string): Right {
  const code = RIGHTS[operation];
  return code === undefined ? NOBODY : RIGHT_CODES[code];
}
