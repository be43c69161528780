import { type FieldFault, ProblemError, type ProblemKind } from '../domain/problem.ts';

/** Why an import failed, as it is shown to whoever started it. */
export type ImportProblem = { kind: ProblemKind; detail: string; fields: readonly FieldFault[] };

/** What is not known is our fault and not shown: `onUnknown` logs it. */
export function importProblem(error: unknown, onUnknown: (error: unknown) => void): ImportProblem {
  if (error instanceof ProblemError) return { kind: error.kind, detail: error.message, fields: error.fields };
  onUnknown(error);
  return { kind: 'unavailable', detail: 'the import failed for a reason of ours', fields: [] };
}
