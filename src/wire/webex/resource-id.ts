import { ProblemError } from '../../domain/problem.ts';

/** The kinds of things that ids of the contract name (section 1, ids). */
export type ResourceKind =
  | 'ORGANIZATION'
  | 'LOCATION'
  | 'PEOPLE'
  | 'PLACE'
  | 'VIRTUAL_LINE'
  /** What some ids of virtual lines say instead; read, never written. */
  | 'VIRTUAL_PROFILE'
  | 'HUNT_GROUP'
  | 'EMERGENCY_ADDRESS';

const MAX_LENGTH = 512;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
// The second part is `us`, or `urn:TEAM:region` where the resource lives in another region.
const DECODED = /^ciscospark:\/\/(?:us|urn:TEAM:[\w.-]+)\/([A-Z_]+)\/([0-9a-fA-F-]{36})$/;

/** `ciscospark://us/LOCATION/<uuid>` as base64url without padding: how ids appear in answers. */
export function encodeResourceId(kind: ResourceKind, id: string): string {
  return Buffer.from(`ciscospark://us/${kind}/${id}`, 'utf8').toString('base64url');
}

/**
 * The UUID, in lower case, of an id of that kind; null when it is none. Padding, the standard base64 alphabet, a region
 * instead of `us`, and the bare UUID are accepted as well: clients store ids in all these forms, and none is ambiguous.
 */
export function decodeResourceId(kind: ResourceKind, text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  if (UUID.test(text)) return text.toLowerCase();
  if (!BASE64.test(text)) return null;
  // Node reads both base64 alphabets, with and without padding.
  const [, found, id] = DECODED.exec(Buffer.from(text, 'base64').toString('utf8')) ?? [];
  if (found !== kind || id === undefined || !UUID.test(id)) return null;
  return id.toLowerCase();
}

/** The UUID, in lower case, of an encoded id of whatever kind; null when it is none. */
export function plainId(text: string): string | null {
  if (text.length > MAX_LENGTH || !BASE64.test(text)) return null;
  const [, , id] = DECODED.exec(Buffer.from(text, 'base64').toString('utf8')) ?? [];
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : null;
}

/** The organization named by `orgId`; `invalid` when it is no organization id. */
export function decodeOrganizationId(text: string): string {
  const id = decodeResourceId('ORGANIZATION', text);
  if (id === null) {
    throw new ProblemError('invalid', 'orgId is not an organization id', {
      fields: [{ path: 'orgId', message: 'expected the id of an organization' }],
    });
  }
  return id;
}
