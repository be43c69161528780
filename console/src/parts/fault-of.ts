import { ApiProblem } from '../api/problem.ts';

/** What the platform said of one field of a form: names it as the API does; undefined: nothing. */
export function faultOf(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const lead = `${field}: `;
  const fault = [...error.faults, error.message].find((text) => text.startsWith(lead));
  return fault?.slice(lead.length);
}
