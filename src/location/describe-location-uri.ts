import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import type { LocationTarget } from './located-device.ts';
import type { LocationUris } from './location-uris.ts';
import { selectUriUse } from './request-note-records.ts';
import type { LocatingRule } from './resolution-table.ts';

/** What a location URI of the organization says, and how often it was followed (to within some seconds). */
export type LocationUriDescription = {
  target: LocationTarget;
  rule: LocatingRule | null;
  /** ISO 8601. */
  issuedAt: string;
  expiresAt: string;
  useCount: number;
  firstUsedAt: string | null;
  lastUsedAt: string | null;
};

/** Opens a location URI for its organization: `not-found` for others' and for what is none, `gone` when expired or revoked. */
export function createDescribeLocationUri(deps: {
  database: Database;
  nowMs: () => number;
  locationUris: Pick<LocationUris, 'openLocationUri'>;
}): (scope: Scope, uri: string) => Promise<LocationUriDescription> {
  return async (scope, uri) => {
    const opened = deps.locationUris.openLocationUri(uri, deps.nowMs());
    if (!opened.found && opened.reason !== 'unknown')
      throw new ProblemError('gone', `the location URI is ${opened.reason}`);
    if (!opened.found || opened.reference.organizationId !== scope.organizationId) {
      throw new ProblemError('not-found', 'this is not a location URI of this organization');
    }
    const { target, rule, issuedSeconds, expiresSeconds } = opened.reference;
    const use = await selectUriUse(deps.database.db, scope.organizationId, opened.id);
    return {
      target,
      rule,
      issuedAt: new Date(issuedSeconds * 1_000).toISOString(),
      expiresAt: new Date(expiresSeconds * 1_000).toISOString(),
      useCount: Number(use?.useCount ?? 0),
      firstUsedAt: use?.firstUsedAt.toISOString() ?? null,
      lastUsedAt: use?.lastUsedAt.toISOString() ?? null,
    };
  };
}
