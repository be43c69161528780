import { ProblemError } from '../domain/problem.ts';
import type { Stage } from '../domain/stage.ts';
import type { StageRequest } from './stage-machine.ts';

/** Stages start with the account (decision 6). */
export function noAccountYet(): ProblemError {
  return new ProblemError(
    'conflict',
    'the organization has no E911 account yet; create it first (POST telephony/config/redSky)',
  );
}

/** Decision 2: the answer names the stage that is expected next. */
export function outOfOrder(request: StageRequest, expected: Stage | null): ProblemError {
  return new ProblemError(
    'conflict',
    expected === null
      ? `${request} is out of order: every stage is completed; only OPTED_OUT can follow`
      : `${request} is out of order: ${expected} is expected next`,
  );
}
