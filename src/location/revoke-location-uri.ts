import type { Audit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { deleteExpiredRevocations, insertRevocation } from './location-uri-records.ts';
import type { LocationUris } from './location-uris.ts';

/** Makes a location URI of this organization resolve no more, on every node; again is no error. */
export function createRevokeLocationUri(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  locationUris: LocationUris;
}): (scope: Scope, uri: string) => Promise<void> {
  return async (scope, uri) => {
    const now = new Date(deps.clock.nowMs());
    const opened = deps.locationUris.openLocationUri(uri, now.getTime());
    if (!opened.found && opened.reason !== 'unknown') return;
    if (!opened.found || opened.reference.organizationId !== scope.organizationId) {
      throw new ProblemError('not-found', 'this is not a location URI of this organization');
    }
    const { id, reference } = opened;
    await deps.database.db.transaction().execute(async (tx) => {
      await deleteExpiredRevocations(tx, scope.organizationId, now);
      await insertRevocation(tx, {
        organizationId: scope.organizationId,
        referenceId: id,
        expiresAt: new Date(reference.expiresSeconds * 1_000),
        revokedAt: now,
      });
      await deps.audit.record(tx, scope, {
        action: 'location-uri.revoked',
        subject: `${reference.target.kind} ${reference.target.id}`,
        detail: { referenceId: id },
      });
      await announceChange(tx, 'location-uris', scope.organizationId);
    });
  };
}
