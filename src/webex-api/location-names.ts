import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { namedLocation } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

export type LocationNames = (locationId: string) => { id: string; name: string };

/** Ids and names of locations as answers print them, from memory. */
export async function readLocationNames(
  deps: Pick<WebexApiDeps, 'places'>,
  scope: Scope,
  locationIds: Iterable<string>,
): Promise<LocationNames> {
  const names = new Map<string, string>();
  for (const id of new Set(locationIds)) {
    names.set(id, deps.places.location(scope.organizationId, id)?.name ?? (await readName(deps, scope, id)));
  }
  return (id) => namedLocation({ id, name: names.get(id) ?? '' });
}

/** A location of this very moment may not be in memory yet, and one that is listed may just have been removed. */
async function readName(deps: Pick<WebexApiDeps, 'places'>, scope: Scope, id: string): Promise<string> {
  try {
    return (await deps.places.getLocation(scope, id)).name;
  } catch (error) {
    if (error instanceof ProblemError && (error.kind === 'not-found' || error.kind === 'gone')) return '';
    throw error;
  }
}
