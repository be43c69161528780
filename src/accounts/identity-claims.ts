import { ProblemError } from '../domain/problem.ts';
import type { Role } from '../domain/scope.ts';
import { decodeResourceId } from '../wire/webex/resource-id.ts';

/** Which claims of an outside identity say what; a name is taken as it is, else as a path with dots. */
export type ClaimNames = {
  role: string;
  organization: string;
  location: string;
  partner: string;
};

/** Value of the role claim to role; the first in this order that the identity has is the one it gets. */
export type RoleMapping = readonly { value: string; role: Role }[];

/** Who an outside identity is here. */
export type MappedIdentity = {
  role: Role;
  organizationId: string;
  /** For location administrators only. */
  locationIds: readonly string[] | null;
  /** Id of the partner, or the id it has as `partnerRedskyOrgId`; for partner administrators only. */
  partner: string | null;
};

const MAX_VALUES = 1_000;

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function readClaim(claims: object, name: string): unknown {
  const whole = own(claims, name);
  if (whole !== undefined) return whole;
  return name.split('.').reduce<unknown>(own, claims);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_VALUES).filter((item) => typeof item === 'string');
}

function notMapped(detail: string): ProblemError {
  return new ProblemError('forbidden', `the token of the identity provider gives no access here: ${detail}`);
}

/** The one organization that claims name, by its UUID; null: none, or several. */
export function organizationNamed(claims: object, names: ClaimNames): string | null {
  const [organization = '', another] = textsOf(readClaim(claims, names.organization));
  return another === undefined ? decodeResourceId('ORGANIZATION', organization) : null;
}

/** Throws `forbidden` naming the claim that is missing or means nothing here. */
export function mapIdentity(claims: object, names: ClaimNames, roles: RoleMapping): MappedIdentity {
  const values = new Set(textsOf(readClaim(claims, names.role)));
  const role = roles.find(({ value }) => values.has(value))?.role;
  if (role === undefined) throw notMapped(`the claim ${names.role} names no role`);
  const organizationId = organizationNamed(claims, names);
  if (organizationId === null) throw notMapped(`the claim ${names.organization} is not one organization`);
  if (role === 'locationAdmin') {
    const locationIds = textsOf(readClaim(claims, names.location)).flatMap(
      (text) => decodeResourceId('LOCATION', text) ?? [],
    );
    // Without any, the administrator would be one of every location.
    if (locationIds.length === 0) throw notMapped(`the claim ${names.location} names no location`);
    return { role, organizationId, locationIds, partner: null };
  }
  if (role !== 'partnerAdmin') return { role, organizationId, locationIds: null, partner: null };
  const [partner] = textsOf(readClaim(claims, names.partner));
  if (partner === undefined) throw notMapped(`the claim ${names.partner} names no partner`);
  return { role, organizationId, locationIds: null, partner };
}
