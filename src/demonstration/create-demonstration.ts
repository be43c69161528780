import type { Accounts } from '../accounts/accounts.ts';
import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Compliance } from '../compliance/compliance.ts';
import type { Scope } from '../domain/scope.ts';
import type { Location } from '../location/location.ts';
import type { Members } from '../members/members.ts';
import type { Places } from '../places/places.ts';
import type { FirstRun } from './first-run.ts';
import { EXAMPLES, LOCATIONS, ORGANIZATION_STAGES, type PlannedLocation, PUBLIC_RANGES, WIRE_MAP_CSV } from './plan.ts';

export type DemonstrationDeps = {
  accounts: Accounts;
  e911Accounts: E911Accounts;
  places: Places;
  compliance: Compliance;
  members: Members;
  location: Location;
  alerts: Alerts;
  /** Writes Webex-style ids, as first-run.json shows them. */
  encodeId(kind: 'ORGANIZATION' | 'LOCATION', id: string): string;
};

const ACTOR = { tokenId: 'system', trackingId: 'first-start', organizationId: null };

/** Sets up both organizations through the ordinary use cases; answers what first-run.json tells. */
export async function createDemonstration(
  deps: DemonstrationDeps & { catchUp(): Promise<void> },
  partnerId: string,
): Promise<
  Omit<FirstRun, 'baseUrl' | 'heldUrl' | 'lostUrl' | 'sipUri' | 'consoleUrl' | 'tokens'> & {
    tokens: Omit<FirstRun['tokens'], 'operator'>;
  }
> {
  const { accounts } = deps;
  const { id: organizationId } = await accounts.createOrganization(ACTOR, { name: 'Demonstration Company', partnerId });
  const { id: freshId } = await accounts.createOrganization(ACTOR, { name: 'Fresh Company', partnerId });
  const scope: Scope = {
    organizationId,
    homeOrganizationId: organizationId,
    tokenId: 'system',
    trackingId: 'first-start',
    role: 'fullAdmin',
    scopes: new Set(),
  };

  const account = await deps.e911Accounts.createAccount(scope, { email: 'e911.admin@example.com' });
  await deps.alerts.updateOrganizationSettings(scope, {
    emergencyCallNotificationEnabled: true,
    allowEmailNotificationAllLocationEnabled: true,
    emailAddress: 'security.desk@example.com',
  });
  const locations: { id: string; name: string }[] = [];
  for (const planned of LOCATIONS) locations.push(await createLocation(deps, scope, planned));
  for (const range of PUBLIC_RANGES) await deps.location.createAddressRange(scope, { range });
  const imported = await deps.location.importWireMap(scope, WIRE_MAP_CSV, { dryRun: false });
  if (!imported.applied) throw new Error(`the demonstration's wire map is faulty: ${JSON.stringify(imported.errors)}`);
  await deps.catchUp();
  // What everybody has completed, for the whole organization; the rest location by location.
  for (const stage of ORGANIZATION_STAGES) await deps.compliance.updateOrganizationStatus(scope, stage);
  for (const planned of LOCATIONS) {
    const id = locations.find((location) => location.name === planned.name)?.id;
    for (const stage of planned.stages) if (id) await deps.compliance.updateLocationStatus(scope, id, stage);
  }

  async function token(role: 'fullAdmin' | 'readOnlyAdmin' | 'userAdmin', owner: string): Promise<string> {
    return (await accounts.issueToken(ACTOR, { organizationId: owner, role, label: `demonstration ${role}` })).token;
  }
  const locationAdmin = await accounts.issueToken(ACTOR, {
    organizationId,
    role: 'locationAdmin',
    label: 'demonstration locationAdmin',
    locationIds: locations.slice(0, 1).map((location) => location.id),
  });
  const partnerAdmin = await accounts.issueToken(ACTOR, {
    organizationId,
    role: 'partnerAdmin',
    label: 'demonstration partnerAdmin',
    partnerId,
  });
  return {
    organizationId: deps.encodeId('ORGANIZATION', organizationId),
    companyId: account.companyId,
    companySecret: account.secret,
    redSkyOrgId: account.redskyOrgId,
    tokens: {
      fullAdmin: await token('fullAdmin', organizationId),
      readOnlyAdmin: await token('readOnlyAdmin', organizationId),
      userAdmin: await token('userAdmin', organizationId),
      locationAdmin: locationAdmin.token,
      partnerAdmin: partnerAdmin.token,
    },
    locations: locations.map(({ id, name }) => ({ id: deps.encodeId('LOCATION', id), name })),
    examples: { ...EXAMPLES },
    fresh: {
      organizationId: deps.encodeId('ORGANIZATION', freshId),
      tokens: { fullAdmin: await token('fullAdmin', freshId), readOnlyAdmin: await token('readOnlyAdmin', freshId) },
    },
  };
}

async function createLocation(
  deps: DemonstrationDeps,
  scope: Scope,
  planned: PlannedLocation,
): Promise<{ id: string; name: string }> {
  const location = await deps.places.createLocation(scope, {
    name: planned.name,
    timeZone: planned.timeZone,
    preferredLanguage: planned.preferredLanguage,
    announcementLanguage: planned.preferredLanguage,
    address: planned.address,
    latitude: planned.position.latitude,
    longitude: planned.position.longitude,
    callingEnabled: true,
  });
  await deps.places.createBuilding(scope, location.id, { alertingEmail: planned.alertingEmail });
  for (const erl of planned.erls) {
    await deps.places.createResponseLocation(scope, {
      locationId: location.id,
      name: erl.name,
      detail: erl.detail,
      ...(erl.position && { shape: { type: 'point', position: erl.position } }),
    });
  }
  await deps.members.addNumbers(scope, {
    locationId: location.id,
    phoneNumbers: [planned.mainNumber],
    mainNumber: planned.mainNumber,
  });
  for (const member of planned.members) await deps.members.createMember(scope, { ...member, locationId: location.id });
  return { id: location.id, name: location.name };
}
