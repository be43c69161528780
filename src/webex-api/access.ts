import type { OAuthScope, Role } from '../domain/scope.ts';
import type { Access } from '../transport/rest-route.ts';

// Partners and the operator act as full administrators of the organization they name.
const FULL: readonly Role[] = ['fullAdmin', 'partnerAdmin', 'operator'];
const READ: readonly OAuthScope[] = ['spark-admin:telephony_config_read'];
const WRITE: readonly OAuthScope[] = ['spark-admin:telephony_config_write'];

/** Who may call what, by the codes of contract section 1; a token needs both the role and a scope. */
export const access = {
  R: { roles: [...FULL, 'userAdmin', 'readOnlyAdmin'], anyScope: READ },
  RL: { roles: [...FULL, 'userAdmin', 'readOnlyAdmin', 'locationAdmin'], anyScope: READ },
  /** RL without user administrators: numbers. */
  RLwithoutUser: { roles: [...FULL, 'readOnlyAdmin', 'locationAdmin'], anyScope: READ },
  W: { roles: FULL, anyScope: WRITE },
  WU: { roles: [...FULL, 'userAdmin'], anyScope: WRITE },
  WUL: { roles: [...FULL, 'userAdmin', 'locationAdmin'], anyScope: WRITE },
  /** Locations (section 8): any of three scopes reads. */
  readLocations: {
    roles: [...FULL, 'userAdmin', 'readOnlyAdmin', 'locationAdmin'],
    anyScope: ['spark-admin:locations_read', 'spark-admin:people_read', 'spark-admin:devices_read'],
  },
  writeLocations: { roles: FULL, anyScope: ['spark-admin:locations_write'] },
} as const satisfies Record<string, Access>;
