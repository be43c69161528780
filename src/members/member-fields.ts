import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import type { MemberKind } from './caller.ts';
import type { Member } from './member-book.ts';
import {
  CALLING_TYPES,
  type CallingType,
  type HuntGroupAgent,
  type MemberExtras,
  SUPPORTED_DEVICES,
  type SupportedDevices,
} from './member-resource.ts';

/** What can be said of a member. Absent = stays, or its default; null = none, where the member can do without. */
export type MemberInput = {
  /** A person's first name; the whole name of a workspace or hunt group. */
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  displayName?: string | null | undefined;
  email?: string | null | undefined;
  /** Any usual spelling of a North American or international number. */
  phoneNumber?: string | null | undefined;
  /** 2 to 10 digits, unique at the location. */
  extension?: string | null | undefined;
  roles?: readonly string[] | null | undefined;
  supportedDevices?: SupportedDevices | null | undefined;
  callingType?: CallingType | null | undefined;
  enabled?: boolean | null | undefined;
  /** A JSON object of at most 16 KiB. */
  callPolicies?: Record<string, unknown> | null | undefined;
  /** At most 1,000 people, workspaces and virtual lines of the organization. */
  agents?: readonly { memberId: string; weight?: string | null | undefined }[] | null | undefined;
};

export type MemberFields = Pick<Member, 'firstName' | 'lastName' | 'displayName' | 'email' | 'extension'> &
  MemberExtras;

/** Contract section 8: a virtual line's names have 1 to 30 characters. */
const MAX_NAME: Readonly<Record<MemberKind, number>> = { PEOPLE: 128, PLACE: 256, VIRTUAL_LINE: 30, HUNT_GROUP: 128 };
const MAX_DISPLAY_NAME = 257;
const MAX_EMAIL = 254;
const MAX_ROLES = 32;
const MAX_ROLE_LENGTH = 256;
const MAX_POLICIES_LENGTH = 16_384;
const MAX_AGENTS = 1_000;
const MAX_WEIGHT_LENGTH = 8;
const EXTENSION = /^\d{2,10}$/;
// Dialled inside the enterprise they are emergency and test calls (47 CFR 9.16): nobody else may answer there.
const EMERGENCY_NUMBERS: ReadonlySet<string> = new Set(['911', '933']);
const EMAIL = /^[^\s@,;<>"()\\]+@[^\s@,;<>"()\\]+$/;
// They would reach SIP headers, mail headers and log lines.
const CONTROL_CHARACTER = /\p{Cc}/u;

function readName(text: string | null | undefined, path: string, maxLength: number, faults: FieldFaults): string {
  const name = (text ?? '').trim();
  if (name.length > maxLength) faults.add(path, `is longer than ${maxLength} characters`);
  if (CONTROL_CHARACTER.test(name)) faults.add(path, 'holds a control character');
  return name;
}

function readEmail(text: string | null, faults: FieldFaults): string | null {
  const email = text?.trim() || null;
  if (email !== null && (email.length > MAX_EMAIL || !EMAIL.test(email) || CONTROL_CHARACTER.test(text ?? ''))) {
    faults.add('email', 'is not an e-mail address');
  }
  return email;
}

function readExtension(text: string | null, faults: FieldFaults): string | null {
  const extension = text?.trim() || null;
  if (extension === null) return null;
  if (!EXTENSION.test(extension)) faults.add('extension', 'is not 2 to 10 digits');
  if (EMERGENCY_NUMBERS.has(extension)) faults.add('extension', 'is a number of emergency or test calls');
  return extension;
}

function readRoles(roles: readonly string[], faults: FieldFaults): string[] {
  if (roles.length > MAX_ROLES) faults.add('roles', `has more than ${MAX_ROLES} entries`);
  const kept = roles.slice(0, MAX_ROLES);
  for (const [place, role] of kept.entries()) {
    if (role.length > MAX_ROLE_LENGTH || CONTROL_CHARACTER.test(role)) faults.add(`roles.${place}`, 'is not a role id');
  }
  return kept;
}

function oneOf<Value extends string>(
  value: Value | null,
  allowed: readonly Value[],
  path: string,
  faults: FieldFaults,
): Value | null {
  if (value !== null && !allowed.includes(value)) faults.add(path, `is not one of ${allowed.join(', ')}`);
  return value;
}

function readPolicies(policies: Record<string, unknown> | null, faults: FieldFaults): Record<string, unknown> | null {
  if (policies !== null && JSON.stringify(policies).length > MAX_POLICIES_LENGTH) {
    faults.add('callPolicies', `is longer than ${MAX_POLICIES_LENGTH} characters`);
  }
  return policies;
}

/** A workspace or hunt group has one name; the contract prints `.` as the last name of a place. */
function fixedLastName(kind: MemberKind): string | undefined {
  if (kind === 'PLACE') return '.';
  return kind === 'HUNT_GROUP' ? '' : undefined;
}

function fullName(kind: MemberKind, firstName: string, lastName: string): string {
  return kind === 'PLACE' ? firstName : `${firstName} ${lastName}`.trim();
}

/** What a member of that kind starts as. */
function blank(kind: MemberKind): MemberFields {
  return {
    firstName: '',
    lastName: '',
    displayName: '',
    email: null,
    extension: null,
    roles: [],
    supportedDevices: null,
    callingType: kind === 'PLACE' ? 'webexCalling' : null,
    enabled: true,
    callPolicies: null,
  };
}

/** The fields of a member after `input`; `before` is undefined for a new one. Throws `invalid` naming every field at fault. */
export function readMemberFields(kind: MemberKind, input: MemberInput, before: MemberFields | undefined): MemberFields {
  const faults = createFieldFaults();
  const known = before ?? blank(kind);
  const maxLength = MAX_NAME[kind];
  const firstName = readName(input.firstName ?? known.firstName, 'firstName', maxLength, faults);
  if (firstName === '') faults.add('firstName', 'is required');
  const lastName = fixedLastName(kind) ?? readName(input.lastName ?? known.lastName, 'lastName', maxLength, faults);
  if (kind === 'VIRTUAL_LINE' && lastName === '') faults.add('lastName', 'is required');
  // A display name that nobody chose follows the names it was made of.
  const chosen = known.displayName === fullName(kind, known.firstName, known.lastName) ? undefined : known.displayName;
  const displayName = readName(input.displayName ?? chosen, 'displayName', MAX_DISPLAY_NAME, faults);
  const fields: MemberFields = {
    firstName,
    lastName,
    displayName: displayName || fullName(kind, firstName, lastName),
    email: input.email === undefined ? known.email : readEmail(input.email, faults),
    extension: input.extension === undefined ? known.extension : readExtension(input.extension, faults),
    roles: input.roles ? readRoles(input.roles, faults) : known.roles,
    supportedDevices: oneOf(
      input.supportedDevices ?? known.supportedDevices,
      SUPPORTED_DEVICES,
      'supportedDevices',
      faults,
    ),
    callingType: oneOf(input.callingType ?? known.callingType, CALLING_TYPES, 'callingType', faults),
    enabled: input.enabled ?? known.enabled,
    callPolicies: input.callPolicies ? readPolicies(input.callPolicies, faults) : known.callPolicies,
  };
  faults.throwIfAny();
  return fields;
}

/** The agents of a hunt group; undefined = they stay. Throws `invalid`. */
export function readAgents(agents: MemberInput['agents']): HuntGroupAgent[] | undefined {
  if (!agents) return undefined;
  const faults = createFieldFaults();
  if (agents.length > MAX_AGENTS) faults.add('agents', `has more than ${MAX_AGENTS} entries`);
  const read = new Map<string, HuntGroupAgent>();
  for (const [place, { memberId, weight }] of agents.slice(0, MAX_AGENTS).entries()) {
    if (read.has(memberId)) faults.add(`agents.${place}.id`, 'occurs twice');
    if ((weight ?? '').length > MAX_WEIGHT_LENGTH) faults.add(`agents.${place}.weight`, 'is not a percentage');
    read.set(memberId, { memberId, weight: weight ?? null });
  }
  faults.throwIfAny();
  return [...read.values()];
}
