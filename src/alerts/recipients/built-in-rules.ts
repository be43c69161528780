import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { Places } from '../../places/places.ts';
import { isAddress, splitAddresses } from '../email-addresses.ts';
import type { NotificationIndex } from '../notification-snapshot.ts';
import type { AlertRule } from './alert-rule.ts';
import type { JudgeSources } from './judge-occasion.ts';

/** Where a rule stands that the contract's settings, a building or a response location make. */
export const BUILT_IN_SOURCES = [
  'organization-settings',
  'location-settings',
  'building-alerts',
  'response-location-alerts',
] as const;
export type BuiltInSource = (typeof BUILT_IN_SOURCES)[number];

/** A rule that is changed where it stands, and only read here; it names addresses instead of recipients. */
export type BuiltInRule = AlertRule & {
  source: BuiltInSource;
  isReadOnly: true;
  addresses: readonly string[];
  /** What changes it, in words. */
  changedBy: string;
};

export type BuiltInRuleDeps = {
  settings: () => NotificationIndex;
  /** For which triggers they are told. */
  settingsOf: JudgeSources['settingsOf'];
  places: Pick<Places, 'location' | 'locationsOf' | 'building' | 'responseLocationsOf'>;
};

const CHANGED_BY: Readonly<Record<BuiltInSource, string>> = {
  'organization-settings': 'PUT /v1/telephony/config/emergencyCallNotification',
  'location-settings': 'PUT /v1/telephony/config/locations/{locationId}/emergencyCallNotification',
  'building-alerts': 'PATCH /api/buildings/{id}',
  'response-location-alerts': 'PATCH /api/response-locations/{id}',
};

type Said = Pick<BuiltInRule, 'id' | 'name' | 'isEnabled' | 'place' | 'source'> & { addresses: readonly string[] };

function ruleOf(said: Said, triggers: readonly AlertTrigger[]): BuiltInRule {
  const { addresses, source } = said;
  return {
    ...said,
    triggers,
    severity: null,
    steps: [{ afterSeconds: 0, recipientIds: [], groupIds: [] }],
    isReadOnly: true,
    addresses,
    changedBy: CHANGED_BY[source],
  };
}

/** What the notification settings, buildings and response locations of an organization say, as rules; from memory. */
export function* builtInRules(
  { settings, settingsOf, places }: BuiltInRuleDeps,
  organizationId: string,
): Generator<BuiltInRule> {
  const { contractTriggers } = settingsOf(organizationId);
  for (const said of saidBy(settings(), places, organizationId)) {
    const addresses = said.addresses.filter(isAddress);
    if (addresses.length > 0) yield ruleOf({ ...said, addresses }, contractTriggers);
  }
}

function* saidBy(index: NotificationIndex, places: BuiltInRuleDeps['places'], organizationId: string): Generator<Said> {
  const organization = index.organization(organizationId);
  const all = organization.allowEmailNotificationAllLocationEnabled;
  yield {
    id: 'organization-settings',
    name: `Notification settings of the organization, ${all ? 'for all locations' : 'where nobody else would be told'}`,
    isEnabled: organization.emergencyCallNotificationEnabled,
    place: { kind: 'organization', id: null },
    source: 'organization-settings',
    addresses: splitAddresses(organization.emailAddress),
  };
  const locations = places.locationsOf(organizationId);
  for (const { id, name } of locations) {
    const location = index.location(organizationId, id);
    yield {
      id: `location-settings:${id}`,
      name: `Notification settings of ${name}`,
      isEnabled: location.emergencyCallNotificationEnabled,
      place: { kind: 'location', id },
      source: 'location-settings',
      addresses: splitAddresses(location.emailAddress),
    };
  }
  for (const { id, name } of locations) {
    const building = places.building(organizationId, id);
    if (!building) continue;
    yield {
      id: `building-alerts:${building.id}`,
      name: `Alert address of the building of ${name}`,
      isEnabled: true,
      place: { kind: 'building', id: building.id },
      source: 'building-alerts',
      addresses: splitAddresses(building.alertingEmail),
    };
  }
  for (const { id, name, locationId, alertEmails } of places.responseLocationsOf(organizationId)) {
    if (alertEmails.length === 0) continue;
    yield {
      id: `response-location-alerts:${id}`,
      name: `Alert addresses of ${name}, ${places.location(organizationId, locationId)?.name ?? ''}`,
      isEnabled: true,
      place: { kind: 'response-location', id },
      source: 'response-location-alerts',
      addresses: alertEmails.flatMap(splitAddresses),
    };
  }
}
