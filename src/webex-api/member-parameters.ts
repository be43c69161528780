import { invalidField, missing } from '../domain/problem.ts';
import { decodeResourceId, type ResourceKind } from '../wire/webex/resource-id.ts';

// Published examples name hunt groups by ids of people, and virtual lines by VIRTUAL_PROFILE: the UUID inside names one member,
// and the use case knows what it is.
const MEMBER_KINDS = [
  'PEOPLE',
  'PLACE',
  'VIRTUAL_LINE',
  'VIRTUAL_PROFILE',
  'HUNT_GROUP',
] as const satisfies ResourceKind[];

function decodeMemberId(text: string): string | null {
  for (const kind of MEMBER_KINDS) {
    const id = decodeResourceId(kind, text);
    if (id !== null) return id;
  }
  return null;
}

/** The member that the path names in `name`; an id that cannot be one names nothing (contract section 1: 404). */
export function memberParameter(params: Readonly<Record<string, string>>, name: string): string {
  const id = decodeMemberId(params[name] ?? '');
  if (id === null) throw missing(false, `such ${name.replace('Id', '')}`);
  return id;
}

/** The member that a body names; undefined when it names none. */
export function memberField(text: string | null | undefined, path: string): string | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  const id = decodeMemberId(text);
  if (id === null) throw invalidField(path, 'expected the id of a person, workspace, virtual line or hunt group');
  return id;
}
