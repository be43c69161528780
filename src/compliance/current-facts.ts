import { readOrganizationPosition } from '../storage/change-feed.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import type { ComplianceFacts } from './compliance-status.ts';
import { readFacts } from './read-facts.ts';

/** What the facts are made of. */
const KINDS = ['accounts', 'locations', 'compliance'] as const;

/** How many locations are kept in memory, all organizations together. */
const KEPT_LOCATIONS = 200_000;

type Kept = { position: string | null; facts: ComplianceFacts };

function isAsNewAs({ position }: Kept, wanted: string): boolean {
  return position !== null && BigInt(position) >= BigInt(wanted);
}

/**
 * The facts of an organization as stored now. They are kept in memory and asked for again only when the change feed has
 * moved on: a status of 10,000 locations costs one step in an index, and still no write of any node is missed.
 */
export function createCurrentFacts(
  deps: Pick<ComplianceDeps, 'accounts' | 'places' | 'database'>,
): (organizationId: string) => Promise<ComplianceFacts> {
  // Least recently used first.
  const kept = new Map<string, Kept>();
  const loading = new Map<string, Promise<Kept>>();
  let keptLocations = 0;

  function forget(organizationId: string): void {
    keptLocations -= kept.get(organizationId)?.facts.locations.length ?? 0;
    kept.delete(organizationId);
  }

  function keep(organizationId: string, one: Kept): void {
    forget(organizationId);
    kept.set(organizationId, one);
    keptLocations += one.facts.locations.length;
    for (const oldest of kept.keys()) {
      if (keptLocations <= KEPT_LOCATIONS || oldest === organizationId) break;
      forget(oldest);
    }
  }

  /** Facts and the position they stand for, seen in one moment. */
  function load(organizationId: string): Promise<Kept> {
    return deps.database.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => ({
        position: await readOrganizationPosition(tx, organizationId, KINDS),
        facts: await readFacts(deps, tx, organizationId),
      }));
  }

  /** Whoever asks while the same is being loaded waits for that. */
  function loadOnce(organizationId: string): Promise<Kept> {
    const underWay = loading.get(organizationId);
    if (underWay) return underWay;
    const work = load(organizationId)
      .then((one) => {
        keep(organizationId, one);
        return one;
      })
      .finally(() => loading.delete(organizationId));
    loading.set(organizationId, work);
    return work;
  }

  return async (organizationId) => {
    const position = await readOrganizationPosition(deps.database.db, organizationId, KINDS);
    // Nothing announced yet tells nothing about equality.
    if (position === null) return (await load(organizationId)).facts;
    const known = kept.get(organizationId);
    if (known && isAsNewAs(known, position)) {
      // Used just now: the last to be forgotten.
      kept.delete(organizationId);
      kept.set(organizationId, known);
      return known.facts;
    }
    const joined = await loadOnce(organizationId);
    // What was under way may have begun before the change that this request must see.
    return isAsNewAs(joined, position) ? joined.facts : (await loadOnce(organizationId)).facts;
  };
}
