import type { Scope } from '../domain/scope.ts';
import { type ListRemovedRequest, listRemoved, type RemovedThing } from './list-removed.ts';
import { createRestoreRemoved, type RemovalsDeps } from './restore-removed.ts';

export type { ListRemovedRequest, RemovedThing } from './list-removed.ts';
export { type BringBack, FOLLOWERS, type RemovalsDeps } from './restore-removed.ts';

/** What was removed of late, and the way back. */
export type Removals = {
  /** Newest first. */
  listRemoved(scope: Scope, request: ListRemovedRequest): Promise<RemovedThing[]>;
  /**
   * Brings a removed thing back as it was, with all that went with it, by its own id. Throws `not-found` when nothing of that id can be
   * brought back, and `conflict` that says what stands in the way: then nothing has changed.
   */
  restoreRemoved(scope: Scope, id: string): Promise<RemovedThing>;
};

export function createRemovals(deps: RemovalsDeps): Removals {
  return {
    listRemoved: (scope, request) => listRemoved(deps, scope, request),
    restoreRemoved: createRestoreRemoved(deps),
  };
}
