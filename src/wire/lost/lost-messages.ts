import type { CivicAddress, CivicElement } from '../../domain/civic-address.ts';
import type { Position, Shape } from '../../domain/shape.ts';

/** One `location` of a query (RFC 5222 §8.3.1) with what could be made of it. */
export type LostLocation = { id: string; value: LostLocationValue };

export type LostLocationValue =
  | { profile: 'geodetic-2d'; shape: Shape }
  | { profile: 'civic'; civic: CivicAddress }
  /** Read, but not to be used: why, and under which profile it was sent. */
  | { profile: 'unusable'; sentProfile?: string; problem: UnusableLocation; detail: string };

/** The problem kinds that RFC 5222 §13.1 has for a location. */
export type UnusableLocation = 'location-invalid' | 'srs-invalid' | 'location-profile-unrecognized';

/** `emergencyCallIncidentId` of NENA i3: which call and incident a query belongs to. */
export type CallIncident = { callId: string; incidentTrackingId: string };

/** `returnAdditionalLocation`: which locations beside the asked one a client wants to see with a validation. */
export const ADDITIONAL_LOCATIONS = ['none', 'similar', 'complete', 'any'] as const;

export type AdditionalLocation = (typeof ADDITIONAL_LOCATIONS)[number];

/** `findService` (RFC 5222 §8.3). */
export type FindService = {
  type: 'findService';
  locations: readonly LostLocation[];
  service: string;
  /** Default false. */
  recursive: boolean;
  validateLocation: boolean;
  /** Default `reference`. */
  serviceBoundary: 'reference' | 'value';
  additionalLocation?: AdditionalLocation;
  /** Servers that the query passed already, the first to get it first (RFC 5222 §6). */
  path: readonly string[];
  callIncident?: CallIncident;
};

/** `getServiceBoundary` (RFC 5222 §9). */
export type GetServiceBoundary = { type: 'getServiceBoundary'; key: string };

/** `listServices` (RFC 5222 §10): the children of `service`, or the top level without. */
export type ListServices = { type: 'listServices'; service?: string; path: readonly string[] };

/** `listServicesByLocation` (RFC 5222 §11); `recursive` is true by default. */
export type ListServicesByLocation = {
  type: 'listServicesByLocation';
  locations: readonly LostLocation[];
  service?: string;
  recursive: boolean;
  path: readonly string[];
  callIncident?: CallIncident;
  /** Asks where the same services are offered (RFC 6197 §3.1). */
  serviceListBoundary?: 'reference' | 'value';
};

/** `getServiceListBoundary` (RFC 6197 §3.2). */
export type GetServiceListBoundary = { type: 'getServiceListBoundary'; key: string };

export type LostQuery =
  | FindService
  | GetServiceBoundary
  | ListServices
  | ListServicesByLocation
  | GetServiceListBoundary;

/** A query as read: `notes` tells in words, for a trace, what was not understood or repaired. */
export type ReadLostQuery = LostQuery & { notes: readonly string[] };

/** `text` in `language` (RFC 5646), for people. */
export type DisplayName = { text: string; language: string };

/** A polygon of a service boundary; rings do not repeat their first point. */
export type BoundaryPolygon = { exterior: readonly Position[]; interiors: readonly (readonly Position[])[] };

/** One `serviceBoundary` by value (RFC 5222 §5.5). Several polygons make one region. */
export type ServiceBoundary =
  | { profile: 'geodetic-2d'; polygons: readonly BoundaryPolygon[] }
  | { profile: 'civic'; civic: CivicAddress };

/** `mapping` (RFC 5222 §5). */
export type LostMapping = {
  /** Application unique strings: dotted names (RFC 5222 §4). */
  source: string;
  sourceId: string;
  lastUpdated: Date;
  expires: Date | 'NO-CACHE' | 'NO-EXPIRATION';
  /** When empty, `sourceId` is written as the name: a client in the field dies of a mapping without one. */
  displayNames: readonly DisplayName[];
  service: string;
  /** Values, alternatives of each other. */
  serviceBoundaries?: readonly ServiceBoundary[];
  /** Written only when there are no values. */
  serviceBoundaryReference?: { source: string; key: string };
  uris: readonly string[];
  /** Digits, `*` and `#`. */
  serviceNumber?: string;
};

/** `locationValidation` (RFC 5222 §8.4.2). */
export type LocationValidation = {
  valid: readonly CivicElement[];
  invalid: readonly CivicElement[];
  unchecked: readonly CivicElement[];
  /** The address with what was missing in it filled in. */
  complete?: CivicAddress;
  /** Addresses that may have been meant instead. */
  similar?: readonly CivicAddress[];
};

/** RFC 5222 §13.1. */
export const LOST_ERROR_TYPES = [
  'badRequest',
  'forbidden',
  'internalError',
  'locationProfileUnrecognized',
  'locationInvalid',
  'SRSInvalid',
  'loop',
  'notFound',
  'serverError',
  'serverTimeout',
  'serviceNotImplemented',
] as const;

/** RFC 5222 §13.2. */
export const LOST_WARNING_TYPES = [
  'locationValidationUnavailable',
  'serviceSubstitution',
  'defaultMappingReturned',
] as const;

export type LostErrorType = (typeof LOST_ERROR_TYPES)[number];
export type LostWarningType = (typeof LOST_WARNING_TYPES)[number];

/** One error or warning. Any of both kinds may stand in both places (RFC 5222 §13). */
export type LostException = {
  type: LostErrorType | LostWarningType;
  message: string;
  /** `en` when absent. */
  language?: string;
  /** Of `locationProfileUnrecognized` only. */
  unsupportedProfiles?: readonly string[];
};

/** `errors` or `warnings` of one server. Each type appears once; a second one of a type is left out when written. */
export type LostExceptions = { source: string; exceptions: readonly LostException[] };

/** Servers an answer came through, at least one: the first to get the query first, the one that answered last. */
export type LostPath = readonly [string, ...string[]];

export type FindServiceResponse = {
  type: 'findServiceResponse';
  mappings: readonly LostMapping[];
  locationValidation?: LocationValidation;
  warnings?: readonly LostExceptions[];
  path: LostPath;
  /** Id of the location that was used. */
  locationUsed?: string;
};

export type GetServiceBoundaryResponse = {
  type: 'getServiceBoundaryResponse';
  serviceBoundaries: readonly ServiceBoundary[];
  warnings?: readonly LostExceptions[];
  path: LostPath;
};

export type ListServicesResponse = {
  type: 'listServicesResponse';
  services: readonly string[];
  warnings?: readonly LostExceptions[];
  path: LostPath;
};

export type ListServicesByLocationResponse = {
  type: 'listServicesByLocationResponse';
  services: readonly string[];
  warnings?: readonly LostExceptions[];
  path: LostPath;
  locationUsed?: string;
  /** Where the same services are offered, values, alternatives of each other (RFC 6197 §3.1). */
  serviceListBoundaries?: readonly ServiceListBoundary[];
  /** Written only when there are no values. */
  serviceListBoundaryReference?: { source: string; key: string };
};

/** `serviceListBoundary` (RFC 6197 §3.1). */
export type ServiceListBoundary = ServiceBoundary & { expires: LostMapping['expires'] };

/** RFC 6197 §3.2. */
export type GetServiceListBoundaryResponse = {
  type: 'getServiceListBoundaryResponse';
  serviceListBoundaries: readonly ServiceListBoundary[];
  path: LostPath;
};

export type LostErrors = { type: 'errors' } & LostExceptions;

/** `redirect` (RFC 5222 §13.3). */
export type LostRedirect = { type: 'redirect'; target: string; source: string; message: string; language?: string };

export type LostAnswer =
  | FindServiceResponse
  | GetServiceBoundaryResponse
  | ListServicesResponse
  | ListServicesByLocationResponse
  | GetServiceListBoundaryResponse
  | LostErrors
  | LostRedirect;

/** An answer as read. */
export type ReadLostAnswer = LostAnswer & { notes: readonly string[] };
