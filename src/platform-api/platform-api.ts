import type { Accounts } from '../accounts/accounts.ts';
import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { AddressData } from '../addresses/address-data.ts';
import type { Addresses } from '../addresses/addresses.ts';
import type { Alerts, MapPictures } from '../alerts/alerts.ts';
import type { AlertConnections } from '../alerts/connections/connections.ts';
import type { Push } from '../alerts/push/push.ts';
import type { Audit } from '../audit/audit.ts';
import type { CallItem, Calls } from '../calls/calls.ts';
import type { Compliance } from '../compliance/compliance.ts';
import type { CallRecord } from '../domain/call-record.ts';
import type { Location } from '../location/location.ts';
import type { Members } from '../members/members.ts';
import type { Places } from '../places/places.ts';
import type { Removals } from '../removals/removals.ts';
import type { Routing } from '../routing/routing.ts';
import type { Clock } from '../support/clock.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { SipListenAddress } from '../transport/sip-flow.ts';
import { createReadExplainedPlace } from './read-explained-place.ts';
import { aboutRoutes } from './routes/about.ts';
import { addressLayerRoutes } from './routes/address-layers.ts';
import { addressReviewRoutes } from './routes/address-reviews.ts';
import { addressRoutes } from './routes/addresses.ts';
import { alertConnectionRoutes } from './routes/alert-connections.ts';
import { alertRecipientRoutes } from './routes/alert-recipients.ts';
import { alertRuleRoutes } from './routes/alert-rules.ts';
import { alertSettingsRoutes } from './routes/alert-settings.ts';
import { alertTemplateRoutes } from './routes/alert-templates.ts';
import { alertRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { backupRoutes } from './routes/backup.ts';
import { boundaryRoutes } from './routes/boundaries.ts';
import { buildingRoutes } from './routes/buildings.ts';
import { callRoutes } from './routes/calls.ts';
import { complianceRoutes } from './routes/compliance.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { detachedAccountRoutes } from './routes/detached-accounts.ts';
import { deviceRoutes } from './routes/devices.ts';
import { drillRoutes } from './routes/drills.ts';
import { e911AccountRoutes } from './routes/e911-account.ts';
import { elinBindingRoutes } from './routes/elin-bindings.ts';
import { eventRoutes } from './routes/events.ts';
import { explainRoutes } from './routes/explain.ts';
import { explainLocationRoutes } from './routes/explain-location.ts';
import { incidentSituationRoutes } from './routes/incident-situation.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { locationRoutes } from './routes/locations.ts';
import { type CapturedMailbox, mailRoutes } from './routes/mail.ts';
import { mapPictureRoutes } from './routes/map-picture.ts';
import { mapRegionRoutes } from './routes/map-regions.ts';
import { memberRoutes } from './routes/members.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { phoneProfileRoutes } from './routes/phone-profile.ts';
import { psapRegistryRoutes } from './routes/psap-registry.ts';
import { pushSubscriptionRoutes } from './routes/push-subscriptions.ts';
import { removedRoutes } from './routes/removed.ts';
import { responseLocationRoutes } from './routes/response-locations.ts';
import { routeStandingRoutes } from './routes/route-standings.ts';
import { routingRoutes } from './routes/routing.ts';
import { sessionRoutes } from './routes/session.ts';
import { simulationRoutes } from './routes/simulations.ts';
import { testCallRoutes } from './routes/test-calls.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { trunkRoutes } from './routes/trunks.ts';
import { unmappedRoutes } from './routes/unmapped.ts';
import { wireMapRoutes } from './routes/wire-map.ts';
import { takeContractIds } from './take-contract-ids.ts';

export type PlatformApiDeps = {
  audit: Audit;
  accounts: Accounts;
  e911Accounts: E911Accounts;
  addresses: Addresses;
  addressData: AddressData;
  places: Places;
  compliance: Compliance;
  members: Members;
  routing: Routing;
  location: Location;
  alerts: Alerts;
  maps: MapPictures;
  alertConnections: AlertConnections;
  push: Push;
  calls: Calls;
  removals: Removals;
  toCallItem: (record: CallRecord) => CallItem;
  mailbox: CapturedMailbox | undefined;
  dump: (() => Promise<Uint8Array>) | undefined;
  clock: Clock;
  publicUrl(): string;
  /** Where SIP is listened for; empty before the start, and where no calls are taken. */
  sipAddresses(): readonly SipListenAddress[];
  /** Of this door and every other: what a role may do. */
  allRoutes(): readonly RestRoute[];
};

/** Every operation under /api. */
export function platformRoutes(deps: PlatformApiDeps): RestRoute[] {
  const readPlace = createReadExplainedPlace({ ...deps, readAddress: deps.addresses.readFreeText });
  return [
    ...complianceRoutes({
      compliance: deps.compliance,
      organizationName: async (id) => (await deps.accounts.organization(id))?.name ?? '',
      timeZoneOf: (organizationId, locationId) => deps.places.location(organizationId, locationId)?.timeZone,
    }),
    ...e911AccountRoutes(deps),
    ...phoneProfileRoutes(deps),
    ...detachedAccountRoutes(deps),
    ...addressRoutes(deps),
    ...addressReviewRoutes(deps),
    ...addressLayerRoutes(deps),
    ...locationRoutes(deps),
    ...buildingRoutes(deps),
    ...responseLocationRoutes(deps),
    ...wireMapRoutes(deps),
    ...unmappedRoutes(deps),
    ...deviceRoutes(deps),
    ...memberRoutes(deps),
    ...removedRoutes(deps),
    ...callRoutes(deps),
    ...testCallRoutes(deps),
    ...destinationRoutes(deps),
    ...eventRoutes(deps),
    ...incidentRoutes(deps),
    ...incidentSituationRoutes(deps),
    ...pushSubscriptionRoutes(deps),
    ...trunkRoutes(deps),
    ...elinBindingRoutes(deps),
    ...alertRoutes(deps),
    ...mailRoutes(deps),
    ...mapPictureRoutes(deps),
    ...mapRegionRoutes(deps),
    ...alertTemplateRoutes({ content: deps.alerts.content, calls: deps.calls }),
    ...alertRecipientRoutes(deps),
    ...alertRuleRoutes(deps),
    ...alertSettingsRoutes(deps),
    ...drillRoutes(deps),
    ...alertConnectionRoutes(deps),
    ...explainRoutes({ ...deps, readPlace }),
    ...simulationRoutes({ ...deps, readPlace }),
    ...explainLocationRoutes(deps),
    ...routingRoutes(deps),
    ...boundaryRoutes(deps),
    ...psapRegistryRoutes(deps),
    ...routeStandingRoutes(deps),
    ...sessionRoutes(deps),
    ...aboutRoutes(deps),
    ...tokenRoutes(deps),
    ...auditRoutes(deps),
    ...organizationRoutes(deps),
    ...backupRoutes(deps),
  ].map(takeContractIds);
}
