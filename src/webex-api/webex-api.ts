import type { RestRoute } from '../transport/rest-route.ts';
import { activateNumbers } from './activate-numbers.ts';
import { addEmergencyAddress } from './add-emergency-address.ts';
import { addNumbers } from './add-numbers.ts';
import { createBuilding } from './create-building.ts';
import { createHuntGroup } from './create-hunt-group.ts';
import { createLocation } from './create-location.ts';
import { createPerson } from './create-person.ts';
import { createRedSkyAccount } from './create-redsky-account.ts';
import { createVirtualLine } from './create-virtual-line.ts';
import { createWorkspace } from './create-workspace.ts';
import { deleteHuntGroup } from './delete-hunt-group.ts';
import { deleteLocation } from './delete-location.ts';
import { deletePerson } from './delete-person.ts';
import { deleteVirtualLine } from './delete-virtual-line.ts';
import { deleteWorkspace } from './delete-workspace.ts';
import { disableCalling } from './disable-calling.ts';
import { enableCalling } from './enable-calling.ts';
import { listHuntGroups } from './list-hunt-groups.ts';
import { listLocationStatus } from './list-location-status.ts';
import { listLocations } from './list-locations.ts';
import { listNumbers } from './list-numbers.ts';
import { listPeople } from './list-people.ts';
import { listTelephonyLocations } from './list-telephony-locations.ts';
import { listVirtualLines } from './list-virtual-lines.ts';
import { listWorkspaces } from './list-workspaces.ts';
import { loginRedSkyAdmin } from './login-redsky-admin.ts';
import { lookUpEmergencyAddress } from './look-up-emergency-address.ts';
import { readHuntGroup } from './read-hunt-group.ts';
import { readHuntGroupCallbackDependencies } from './read-hunt-group-callback-dependencies.ts';
import { readLocation } from './read-location.ts';
import { readLocationCallback } from './read-location-callback.ts';
import { readLocationNotification } from './read-location-notification.ts';
import { readLocationParameters } from './read-location-parameters.ts';
import { readLocationStatus } from './read-location-status.ts';
import { readOrganizationNotification } from './read-organization-notification.ts';
import { readOrganizationStatus } from './read-organization-status.ts';
import { readOwnPerson } from './read-own-person.ts';
import { readPerson } from './read-person.ts';
import { readPersonCallback } from './read-person-callback.ts';
import { readPersonCallbackDependencies } from './read-person-callback-dependencies.ts';
import { readRedSkyAccount } from './read-redsky-account.ts';
import { readTelephonyLocation } from './read-telephony-location.ts';
import { readVirtualLine } from './read-virtual-line.ts';
import { readVirtualLineCallback } from './read-virtual-line-callback.ts';
import { readVirtualLineCallbackDependencies } from './read-virtual-line-callback-dependencies.ts';
import { readWorkspace } from './read-workspace.ts';
import { readWorkspaceCallback } from './read-workspace-callback.ts';
import { readWorkspaceCallbackDependencies } from './read-workspace-callback-dependencies.ts';
import { removeNumbers } from './remove-numbers.ts';
import { updateBuilding } from './update-building.ts';
import { updateEmergencyAddress } from './update-emergency-address.ts';
import { updateHuntGroup } from './update-hunt-group.ts';
import { updateLocation } from './update-location.ts';
import { updateLocationCallback } from './update-location-callback.ts';
import { updateLocationNotification } from './update-location-notification.ts';
import { updateLocationStatus } from './update-location-status.ts';
import { updateNumberEmergencyAddress } from './update-number-emergency-address.ts';
import { updateOrganizationNotification } from './update-organization-notification.ts';
import { updateOrganizationStatus } from './update-organization-status.ts';
import { updatePerson } from './update-person.ts';
import { updatePersonCallback } from './update-person-callback.ts';
import { updateRedSkyServiceSettings } from './update-redsky-service-settings.ts';
import { updateTelephonyLocation } from './update-telephony-location.ts';
import { updateVirtualLine } from './update-virtual-line.ts';
import { updateVirtualLineCallback } from './update-virtual-line-callback.ts';
import { updateWorkspace } from './update-workspace.ts';
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
  updateLocation,
  deleteLocation,
  listTelephonyLocations,
  enableCalling,
  readTelephonyLocation,
  updateTelephonyLocation,
  disableCalling,
  listNumbers,
  addNumbers,
  activateNumbers,
  removeNumbers,
  readOwnPerson,
  listPeople,
  createPerson,
  readPerson,
  updatePerson,
  deletePerson,
  listWorkspaces,
  createWorkspace,
  readWorkspace,
  updateWorkspace,
  deleteWorkspace,
  listVirtualLines,
  createVirtualLine,
  readVirtualLine,
  updateVirtualLine,
  deleteVirtualLine,
  listHuntGroups,
  createHuntGroup,
  readHuntGroup,
  updateHuntGroup,
  deleteHuntGroup,
  addEmergencyAddress,
  lookUpEmergencyAddress,
  updateEmergencyAddress,
  updateNumberEmergencyAddress,
];

/** Every operation of the Webex-compatible door, below `/v1`. */
export function webexRoutes(deps: WebexApiDeps): RestRoute[] {
  return ROUTES.map((route) => route(deps));
}
