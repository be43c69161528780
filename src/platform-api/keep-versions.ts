import type { Audit, VersionOf } from '../audit/audit.ts';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import type { Edit, Scope } from '../domain/scope.ts';
import { isUuid } from '../support/ids.ts';
import type { RestRequest, RestRoute } from '../transport/rest-route.ts';
import { plainId } from '../wire/webex/resource-id.ts';

/** What a path names, as the audit trail speaks of it. */
type Versioned = {
  /** The paths under which it is read, changed and removed. */
  paths: readonly string[];
  /** Entries about it, beside those that speak of many at once: an import may have changed this one, too. */
  subjects: (idOf: (name: string) => string, scope: Scope) => readonly string[];
  /** Of a subject that other things are told of as well: those that change this. */
  actions?: readonly string[];
  /** Belongs to the platform and not to an organization. */
  isOfPlatform?: boolean;
};

const MEMBER = { actions: ['member.created', 'member.updated', 'member.removed', 'member.restored'] } as const;
const CALLBACK = { actions: ['member.callback-updated'] } as const;
const ofMember = (name: string) => (idOf: (name: string) => string) => [`member ${idOf(name)}`];

/** Everything that two people may have open in a form at once. */
const VERSIONED: readonly Versioned[] = [
  { paths: ['/api/alert-rules/{id}'], subjects: (idOf) => [`alert rule ${idOf('id')}`, 'alert rules'] },
  {
    paths: ['/api/alert-recipients/{id}'],
    subjects: (idOf) => [`alert recipient ${idOf('id')}`, 'alert recipients'],
  },
  {
    paths: ['/api/alert-groups/{id}'],
    subjects: (idOf) => [`alert group ${idOf('id')}`, 'alert groups', 'alert recipients'],
  },
  {
    paths: ['/api/alert-templates/{trigger}/{channel}/{language}'],
    subjects: (idOf) => [`alert template ${idOf('trigger')}/${idOf('channel')}/${idOf('language')}`],
  },
  {
    paths: ['/api/alert-connections/{id}'],
    subjects: (idOf) => [`alert-connection ${idOf('id')}`],
    actions: [
      'alert-connection.created',
      'alert-connection.updated',
      'alert-connection.secret-rotated',
      'alert-connection.switched-off',
      'alert-connection.removed',
      'alert-connection.restored',
    ],
  },
  { paths: ['/api/trunks/{id}'], subjects: (idOf) => [`trunk ${idOf('id')}`] },
  { paths: ['/api/psaps/{id}'], subjects: (idOf) => [`psap ${idOf('id')}`], isOfPlatform: true },
  { paths: ['/api/buildings/{id}'], subjects: (idOf) => [`building ${idOf('id')}`] },
  {
    paths: ['/api/response-locations/{id}'],
    subjects: (idOf) => [`response location ${idOf('id')}`, 'response locations'],
  },
  {
    paths: ['/api/locations/{locationId}', '/v1/locations/{locationId}'],
    subjects: (idOf) => [`location ${idOf('locationId')}`],
    actions: ['location.created', 'location.updated', 'location.removed', 'location.restored'],
  },
  {
    paths: ['/v1/telephony/config/locations/{locationId}/emergencyCallNotification'],
    subjects: (idOf) => [`location ${idOf('locationId')}`],
    actions: ['notification.location-updated'],
  },
  {
    paths: ['/v1/telephony/config/emergencyCallNotification'],
    subjects: (_, { organizationId }) => [`organization ${organizationId}`],
    actions: ['notification.organization-updated'],
  },
  {
    paths: ['/api/alert-settings'],
    subjects: (_, { organizationId }) => [`organization ${organizationId}`],
    actions: ['alert.settings-updated'],
  },
  { paths: ['/api/members/{memberId}'], subjects: ofMember('memberId'), ...MEMBER },
  { paths: ['/v1/people/{personId}'], subjects: ofMember('personId'), ...MEMBER },
  { paths: ['/v1/workspaces/{workspaceId}'], subjects: ofMember('workspaceId'), ...MEMBER },
  { paths: ['/v1/telephony/config/virtualLines/{virtualLineId}'], subjects: ofMember('virtualLineId'), ...MEMBER },
  {
    paths: ['/v1/telephony/config/locations/{locationId}/huntGroups/{huntGroupId}'],
    subjects: (idOf) => [`member ${idOf('huntGroupId')}`, 'hunt groups'],
    ...MEMBER,
  },
  {
    paths: ['/v1/telephony/config/locations/{locationId}'],
    subjects: (idOf) => [`location ${idOf('locationId')}`],
    actions: [
      'location.calling-enabled',
      'location.calling-updated',
      'location.calling-disabled',
      'location.main-number-updated',
    ],
  },
  {
    paths: ['/v1/telephony/config/locations/{locationId}/features/emergencyCallbackNumber'],
    subjects: (idOf) => [`location ${idOf('locationId')}`],
    actions: ['location.callback-updated'],
  },
  { paths: ['/api/wire-map/{id}'], subjects: (idOf) => [`wire map element ${idOf('id')}`, 'wire map'] },
  {
    paths: ['/v1/telephony/config/people/{personId}/emergencyCallbackNumber'],
    subjects: ofMember('personId'),
    ...CALLBACK,
  },
  {
    paths: ['/v1/telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber'],
    subjects: ofMember('workspaceId'),
    ...CALLBACK,
  },
  {
    paths: ['/v1/telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber'],
    subjects: ofMember('virtualLineId'),
    ...CALLBACK,
  },
];

const WRITES: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);
/** RFC 9110 §8.8.3; weak ones do not satisfy If-Match (§13.1.1). */
const ENTITY_TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"$/;
const MAX_TAGS = 20;

/** What is wrong with the change itself, or with making it: found while it is made, and so behind the precondition. */
const OF_THE_CHANGE: ReadonlySet<ProblemKind> = new Set(['invalid', 'conflict']);

/** The versions that the asker knows; undefined: whatever stands there (RFC 9110 §13.1.1). */
function readIfMatch(header: string | undefined): ReadonlySet<string> | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.split(',', MAX_TAGS).map((tag) => ENTITY_TAG.exec(tag.trim()));
  if (tags.includes(null)) {
    throw new ProblemError('malformed', 'If-Match: expected * or the ETag that was answered, in quotes', {
      fields: [{ path: 'If-Match', message: 'expected * or the ETag that was answered, in quotes' }],
    });
  }
  return new Set(tags.flatMap((tag) => (tag?.[1] === undefined ? [tag?.[2] ?? ''] : [])));
}

/**
 * Gives what is read a version (`ETag`), and lets whoever sends it back in `If-Match` change only what they have read: one who comes
 * later is told who was before. Without that header everything is as it is without versions.
 */
export function createKeepVersions({
  audit,
}: {
  audit: Pick<Audit, 'requireNewest' | 'versionOf'>;
}): (route: RestRoute) => RestRoute {
  const byPath = new Map(VERSIONED.flatMap((one) => one.paths.map((path) => [path, one] as const)));
  return (route) => {
    const versioned = byPath.get(route.path);
    if (versioned === undefined || (route.method !== 'GET' && !WRITES.has(route.method))) return route;
    const { actions, isOfPlatform = false, subjects } = versioned;

    function aboutOf({ params, scope }: RestRequest<never, never>): VersionOf {
      const idOf = (name: string): string => {
        const given = params[name] ?? '';
        return plainId(given) ?? (isUuid(given) ? given.toLowerCase() : given);
      };
      return { subjects: subjects(idOf, scope), ...(actions && { actions }) };
    }

    async function read(request: RestRequest<never, never>) {
      // Before what it is the version of: what is changed in between is refused later, never taken for known.
      const version = await audit.versionOf(isOfPlatform ? null : request.scope.organizationId, aboutOf(request));
      const answer = await route.handle(request);
      return { ...answer, headers: { ...answer.headers, etag: `"${version}"` } };
    }

    async function answered(request: RestRequest<never, never>, edit: Edit) {
      try {
        return await route.handle(request);
      } catch (error) {
        // RFC 9110 §13.2.1: after who asks for what, and before what is sent; whoever comes too late mends nothing of what is old.
        // Of whoever is bound to locations it is not known yet whether they may hear of this one.
        const seesAll = request.scope.locationIds === undefined;
        if (seesAll && error instanceof ProblemError && OF_THE_CHANGE.has(error.kind)) {
          await audit.requireNewest(isOfPlatform ? null : request.scope.organizationId, edit);
        }
        throw error;
      }
    }

    async function write(request: RestRequest<never, never>) {
      const expected = readIfMatch(request.header('if-match'));
      const edit: Edit = { ...aboutOf(request), ...(expected && { expected }) };
      const answer = await answered({ ...request, scope: { ...request.scope, edit } }, edit);
      if (edit.written === undefined || route.method === 'DELETE') return answer;
      return { ...answer, headers: { ...answer.headers, etag: `"${edit.written}"` } };
    }

    return { ...route, isVersioned: true, handle: route.method === 'GET' ? read : write };
  };
}
