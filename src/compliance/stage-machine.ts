import { nextStage, STAGES, type Stage } from '../domain/stage.ts';
import { NOTHING_COMPLETED, type StageStanding } from './stage-standing.ts';

/** Request enum of the contract, section 3: a stage that has been completed, or leaving the service. */
export const STAGE_REQUESTS = ['OPTED_OUT', ...STAGES] as const;

export type StageRequest = (typeof STAGE_REQUESTS)[number];

export type Transition =
  /** The request names what already is (decision 2: 200, nothing changes). */
  | { kind: 'unchanged' }
  | { kind: 'moved'; to: StageStanding; change: 'advanced' | 'opted-out' | 'returned' }
  /** `expected` is null when every stage is completed. */
  | { kind: 'out-of-order'; expected: Stage | null };

/**
 * What a request does to an organization or to one location: exactly one stage forward, out of the service, or from there
 * back to LOCATION_SETUP (decision 4). Leaving forgets what was completed: whoever returns confirms every stage anew.
 */
export function applyStage(current: StageStanding, request: StageRequest): Transition {
  if (request === 'OPTED_OUT') {
    if (current.optedOut) return { kind: 'unchanged' };
    return { kind: 'moved', to: { completed: null, optedOut: true }, change: 'opted-out' };
  }
  if (request === current.completed) return { kind: 'unchanged' };
  const expected = nextStage(current.completed);
  if (request !== expected) return { kind: 'out-of-order', expected };
  return {
    kind: 'moved',
    to: { completed: request, optedOut: false },
    change: current.optedOut ? 'returned' : 'advanced',
  };
}

/** One location as far as the stages are concerned. */
export type LocationStage = {
  id: string;
  name: string;
  /** Outside the United States, their territories and Canada: it has no stages to complete. */
  exempt: boolean;
  standing: StageStanding;
};

/**
 * What follows for a location when its organization moves (decision 2): advancing takes along who stands exactly one
 * stage behind and is neither exempt nor opted out; leaving takes back what locations had completed, but keeps which of
 * them had left on their own. null = the location stays as it is.
 */
export function followOrganization(
  location: LocationStage,
  moved: Extract<Transition, { kind: 'moved' }>,
): StageStanding | null {
  const { standing, exempt } = location;
  if (moved.change === 'opted-out') {
    return standing.completed === null ? null : { ...NOTHING_COMPLETED, optedOut: standing.optedOut };
  }
  if (exempt || standing.optedOut || nextStage(standing.completed) !== moved.to.completed) return null;
  return { completed: moved.to.completed, optedOut: false };
}
