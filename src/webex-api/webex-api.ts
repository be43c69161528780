import type { RestRoute } from '../transport/rest-route.ts';
import { createBuilding } from './create-building.ts';
import { createLocation } from './create-location.ts';
import { createRedSkyAccount } from './create-redsky-account.ts';
import { listLocationStatus } from './list-location-status.ts';
import { listLocations } from './list-locations.ts';
import { listNumbers } from './list-numbers.ts';
import { loginRedSkyAdmin } from './login-redsky-admin.ts';
import { readHuntGroupCallbackDependencies } from './read-hunt-group-callback-dependencies.ts';
import { readLocation } from './read-location.ts';
import { readLocationCallback } from './read-location-callback.ts';
import { readLocationNotification } from './read-location-notification.ts';
import { readLocationParameters } from './read-location-parameters.ts';
import { readLocationStatus } from './read-location-status.ts';
import { readOrganizationNotification } from './read-organization-notification.ts';
import { readOrganizationStatus } from './read-organization-status.ts';
import { readPersonCallback } from './read-person-callback.ts';
import { readPersonCallbackDependencies } from './read-person-callback-dependencies.ts';
import { readRedSkyAccount } from './read-redsky-account.ts';
import { readVirtualLineCallback } from './read-virtual-line-callback.ts';
import { readVirtualLineCallbackDependencies } from './read-virtual-line-callback-dependencies.ts';
import { readWorkspaceCallback } from './read-workspace-callback.ts';
import { readWorkspaceCallbackDependencies } from './read-workspace-callback-dependencies.ts';
import { updateBuilding } from './update-building.ts';
import { updateLocationCallback } from './update-location-callback.ts';
import { updateLocationNotification } from './update-location-notification.ts';
import { updateLocationStatus } from './update-location-status.ts';
import { updateOrganizationNotification } from './update-organization-notification.ts';
import { updateOrganizationStatus } from './update-organization-status.ts';
import { updatePersonCallback } from './update-person-callback.ts';
import { updateRedSkyServiceSettings } from './update-redsky-service-settings.ts';
import { updateVirtualLineCallback } from './update-virtual-line-callback.ts';
import { updateWorkspaceCallback } from './update-workspace-callback.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

export type { WebexApiDeps } from './webex-api-deps.ts';
export { type WebexErrorBody, webexProblem } from './webex-problems.ts';

const ROUTES: readonly ((deps: WebexApiDeps) => RestRoute)[] = [
  readRedSkyAccount,
  createRedSkyAccount,
  loginRedSkyAdmin,
  updateRedSkyServiceSettings,
  readOrganizationStatus,
  updateOrganizationStatus,
  listLocationStatus,
  readLocationParameters,
  readLocationStatus,
  updateLocationStatus,
  createBuilding,
  updateBuilding,
  readOrganizationNotification,
  updateOrganizationNotification,
  readLocationNotification,
  updateLocationNotification,
  readPersonCallback,
  updatePersonCallback,
  readPersonCallbackDependencies,
  readWorkspaceCallback,
  updateWorkspaceCallback,
  readWorkspaceCallbackDependencies,
  readVirtualLineCallback,
  updateVirtualLineCallback,
  readVirtualLineCallbackDependencies,
  readHuntGroupCallbackDependencies,
  readLocationCallback,
  updateLocationCallback,
  listLocations,
  createLocation,
  readLocation,
  listNumbers,
];

/** Every operation of the Webex-compatible door, below `/v1`. */
export function webexRoutes(deps: WebexApiDeps): RestRoute[] {
  return ROUTES.map((route) => route(deps));
}
