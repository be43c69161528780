import { type FieldFault, ProblemError } from './problem.ts';

/** Collects what is wrong with an input, so that one answer names every field at fault. */
export type FieldFaults = {
  add(path: string, message: string): void;
  /** Throws `invalid` with all faults, the first of them in its text; returns when there is none. */
  throwIfAny(): void;
};

export function createFieldFaults(): FieldFaults {
  const fields: FieldFault[] = [];
  return {
    add(path, message) {
      fields.push({ path, message });
    },
    throwIfAny() {
      const [first] = fields;
      if (first) throw new ProblemError('invalid', `${first.path} ${first.message}`, { fields });
    },
  };
}
