import type { Migration } from 'kysely/migration';
import * as foundation from './0001-foundation.ts';
import * as routing from './0002-routing.ts';
import * as places from './0003-places.ts';
import * as location from './0004-location.ts';
import * as compliance from './0005-compliance.ts';
import * as members from './0006-members.ts';
import * as calls from './0007-calls.ts';
import * as alerts from './0008-alerts.ts';
import * as membersResources from './0009-members-resources.ts';
import * as callbacks from './0010-callbacks.ts';
import * as accounts from './0011-accounts.ts';
import * as removedResources from './0012-removed-resources.ts';
import * as emergencyAddresses from './0013-emergency-addresses.ts';
import * as audit from './0014-audit.ts';
import * as feedByOrganization from './0014-feed-by-organization.ts';
import * as wireMap from './0015-wire-map.ts';
import * as devices from './0016-devices.ts';
import * as settingsOfLocations from './0017-settings-of-locations.ts';
import * as heldCertificates from './0018-held-certificates.ts';
import * as wireMapSteps from './0019-wire-map-steps.ts';
import * as placesModel from './0020-places-model.ts';
import * as boundaryOutlines from './0021-boundary-outlines.ts';
import * as boundaryVersions from './0022-boundary-versions.ts';
import * as addressLayers from './0023-address-layers.ts';
import * as psapRegistry from './0024-psap-registry.ts';
import * as trunkSettings from './0025-trunk-settings.ts';
import * as elinBindings from './0026-elin-bindings.ts';
import * as callLadders from './0027-call-ladders.ts';
import * as callEvents from './0028-call-events.ts';
import * as ringLimits from './0031-ring-limits.ts';
import * as mappingChanges from './0032-mapping-changes.ts';
import * as callbackNumbers from './0033-callback-numbers.ts';
import * as alertRecipients from './0034-alert-recipients.ts';
import * as alertChannels from './0035-alert-channels.ts';
import * as alertConnections from './0036-alert-connections.ts';
import * as alertTemplates from './0037-alert-templates.ts';
import * as incidents from './0038-incidents.ts';
import * as pushSubscriptions from './0039-push-subscriptions.ts';
import * as occasions from './0040-occasions.ts';
import * as sessions from './0041-sessions.ts';
import * as sortedLists from './0042-sorted-lists.ts';
import * as openidSignIn from './0044-openid-sign-in.ts';
import * as keptRemovals from './0045-kept-removals.ts';
import * as auditNames from './0050-audit-names.ts';
import * as quickCallRecords from './0051-quick-call-records.ts';
import * as touchedParts from './0052-touched-parts.ts';
import * as orderOfNames from './0053-order-of-names.ts';

/** Every migration in the order in which it is applied; a landed one never changes. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-routing': routing,
  '0003-places': places,
  '0004-location': location,
  '0005-compliance': compliance,
  '0006-members': members,
  '0007-calls': calls,
  '0008-alerts': alerts,
  '0009-members-resources': membersResources,
  '0010-callbacks': callbacks,
  '0011-accounts': accounts,
  '0012-removed-resources': removedResources,
  '0013-emergency-addresses': emergencyAddresses,
  '0014-audit': audit,
  '0014-feed-by-organization': feedByOrganization,
  '0015-wire-map': wireMap,
  '0016-devices': devices,
  '0017-settings-of-locations': settingsOfLocations,
  '0018-held-certificates': heldCertificates,
  '0019-wire-map-steps': wireMapSteps,
  '0020-places-model': placesModel,
  '0021-boundary-outlines': boundaryOutlines,
  '0022-boundary-versions': boundaryVersions,
  '0024-psap-registry': psapRegistry,
  '0023-address-layers': addressLayers,
  '0025-trunk-settings': trunkSettings,
  '0026-elin-bindings': elinBindings,
  '0027-call-ladders': callLadders,
  '0028-call-events': callEvents,
  '0031-ring-limits': ringLimits,
  '0032-mapping-changes': mappingChanges,
  '0033-callback-numbers': callbackNumbers,
  '0036-alert-connections': alertConnections,
  '0034-alert-recipients': alertRecipients,
  '0035-alert-channels': alertChannels,
  '0037-alert-templates': alertTemplates,
  '0039-push-subscriptions': pushSubscriptions,
  '0038-incidents': incidents,
  '0040-occasions': occasions,
  '0041-sessions': sessions,
  '0045-kept-removals': keptRemovals,
  '0044-openid-sign-in': openidSignIn,
  '0042-sorted-lists': sortedLists,
  '0050-audit-names': auditNames,
  '0051-quick-call-records': quickCallRecords,
  '0052-touched-parts': touchedParts,
  '0053-order-of-names': orderOfNames,
};
