/** The four stages of an E911 account, in the only order in which they can be completed. */
export const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;

/** A stage that has been *completed* (decision 1). */
export type Stage = (typeof STAGES)[number];

/** What an organization or a location has reached: the last completed stage, `null` before the first. */
export type CompletedStage = Stage | null;

/** 0 when nothing is completed, 4 after ROUTING_ENABLED. */
export function stageRank(completed: CompletedStage): number {
  return completed === null ? 0 : STAGES.indexOf(completed) + 1;
}

/** The stage expected next; `null` after the last. */
export function nextStage(completed: CompletedStage): Stage | null {
  return STAGES[stageRank(completed)] ?? null;
}

/** Whether `completed` has reached `stage`. */
export function hasCompleted(completed: CompletedStage, stage: Stage): boolean {
  return stageRank(completed) >= STAGES.indexOf(stage) + 1;
}
