/** One step of a decision trace, as `/api/calls` and `/api/explain/call` show it. */
export type ShownStep = {
  step: string;
  choice: string;
  reason: string;
  inputs?: Readonly<Record<string, unknown>>;
  lookups?: readonly { lookup: string; asked: string; found: string | null }[];
  deadlineMs?: number;
  isLate?: boolean;
};

function describeInputs(inputs: Readonly<Record<string, unknown>>): string {
  return Object.entries(inputs)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** The lines of a trace: each step's choice, under it what it saw and what it asked. */
export function describeTrace(trace: readonly ShownStep[]): string[] {
  return trace.flatMap(({ step, choice, reason, inputs = {}, lookups = [], deadlineMs, isLate }) => {
    const saw = describeInputs(inputs);
    return [
      `  ${step}: ${choice} (${reason})${isLate ? ` - late, after ${deadlineMs ?? 0} ms` : ''}`,
      ...(saw === '' ? [] : [`    saw ${saw}`]),
      ...lookups.map(({ lookup, asked, found }) => `    asked ${lookup} ${asked}: ${found ?? 'nothing known'}`),
    ];
  });
}
