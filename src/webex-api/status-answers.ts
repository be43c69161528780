import type {
  LocationAlone,
  LocationStatus,
  LocationStatusPage,
  OrganizationStatus,
} from '../compliance/compliance.ts';
import type {
  ComplianceStatusResponse,
  GetComplianceStatusResponse,
  GetLocationComplianceStatusResponse,
} from '../wire/webex/operations.generated.ts';
import { namedLocation } from './resource-parameters.ts';

function head(status: Omit<GetComplianceStatusResponse, 'locationsStatus'>) {
  const { orgStatus, complianceStatus, companyId, redSkyOrgId, adminExists } = status;
  return {
    orgStatus,
    complianceStatus,
    ...(companyId !== undefined && { companyId }),
    ...(redSkyOrgId !== undefined && { redSkyOrgId }),
    ...(adminExists !== undefined && { adminExists }),
  };
}

/** Contract section 3: the answer of `redSky/status`. */
export function organizationStatusAnswer(status: OrganizationStatus): ComplianceStatusResponse {
  const { locationsStatus } = status;
  return {
    ...head(status),
    ...(locationsStatus && {
      locationsStatus: { ...locationsStatus, locations: locationsStatus.locations.map(namedLocation) },
    }),
  };
}

/** Contract section 3: the answer of `redSky/complianceStatus`. */
export function statusListAnswer(status: LocationStatusPage): GetComplianceStatusResponse {
  const { locationsStatus } = status;
  return {
    ...head(status),
    ...(locationsStatus && {
      locationsStatus: {
        count: locationsStatus.count,
        locations: locationsStatus.locations.map((location) => ({ ...namedLocation(location), state: location.state })),
      },
    }),
  };
}

/** Contract section 3: the location of an answer, alone. */
export function locationAloneAnswer({ locationsStatus: { state, count, locations } }: LocationAlone) {
  return { locationsStatus: { state, count, locations: locations.map(namedLocation) } };
}

/** Contract section 3: the answer of `locations/{locationId}/redSky/status`. */
export function locationStatusAnswer(status: LocationStatus): GetLocationComplianceStatusResponse {
  return { ...head(status), ...locationAloneAnswer(status) };
}
