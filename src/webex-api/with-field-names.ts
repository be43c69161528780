import { ProblemError } from '../domain/problem.ts';

/** Runs a use case and names the fields at fault as the body of this operation does, not as the room calls them. */
export async function withFieldNames<Result>(
  names: Readonly<Record<string, string>>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.fields.some(({ path }) => path in names)) throw error;
    const fields = error.fields.map(({ path, message }) => ({ path: names[path] ?? path, message }));
    const [first] = fields;
    const detail = error.kind === 'invalid' && first ? `${first.path} ${first.message}` : error.message;
    throw new ProblemError(error.kind, detail, { fields, cause: error });
  }
}
