import type { Access } from '../transport/rest-route.ts';

/** Reading what an organization has. */
export const READ: Access = {
  roles: ['fullAdmin', 'readOnlyAdmin', 'partnerAdmin', 'operator'],
  anyScope: ['waymark:read'],
};

/** Changing what an organization has. */
export const WRITE: Access = { roles: ['fullAdmin', 'partnerAdmin', 'operator'], anyScope: ['waymark:write'] };

/** What belongs to the platform and not to one organization: PSAPs, boundaries, organizations. */
export const PLATFORM: Access = { roles: ['operator'], anyScope: ['waymark:platform'] };
