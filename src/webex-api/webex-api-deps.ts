import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Compliance } from '../compliance/compliance.ts';
import type { Members } from '../members/members.ts';
import type { Places } from '../places/places.ts';

/** The rooms whose use cases this door offers. */
export type WebexApiDeps = {
  accounts: Pick<E911Accounts, 'createAccount' | 'readAccount' | 'loginAdmin' | 'updateServiceSettings'>;
  places: Pick<
    Places,
    | 'location'
    | 'createLocation'
    | 'listLocations'
    | 'getLocation'
    | 'updateLocation'
    | 'removeLocation'
    | 'enableCalling'
    | 'disableCalling'
    | 'getCallingLocation'
    | 'updateCalling'
    | 'createBuilding'
    | 'updateBuilding'
    | 'setEmergencyAddress'
    | 'updateEmergencyAddress'
    | 'lookUpEmergencyAddress'
  >;
  compliance: Pick<
    Compliance,
    | 'readOrganizationStatus'
    | 'updateOrganizationStatus'
    | 'listLocationStatus'
    | 'readLocationStatus'
    | 'updateLocationStatus'
    | 'readStanding'
    | 'standing'
    | 'anyLocationEnabled'
  >;
  members: Pick<
    Members,
    | 'createMember'
    | 'listMembers'
    | 'readMember'
    | 'readOwnPerson'
    | 'updateMember'
    | 'removeMember'
    | 'addNumbers'
    | 'listNumbers'
    | 'activateNumbers'
    | 'removeNumbers'
    | 'readMemberCallbacks'
    | 'updateMemberCallback'
    | 'readCallbackDependencies'
    | 'readLocationCallbacks'
    | 'updateLocationCallback'
    | 'setNumberAddress'
    | 'mainNumber'
    | 'setMainNumber'
  >;
  alerts: Pick<
    Alerts,
    'readOrganizationSettings' | 'updateOrganizationSettings' | 'readLocationSettings' | 'updateLocationSettings'
  >;
};
