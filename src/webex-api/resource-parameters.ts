import { ProblemError } from '../domain/problem.ts';
import { decodeResourceId, encodeResourceId } from '../wire/webex/resource-id.ts';

/** The location that the path names; an id that cannot be one names nothing (contract section 1: 404). */
export function locationParameter(params: Readonly<Record<string, string>>): string {
  const id = decodeResourceId('LOCATION', params['locationId'] ?? '');
  if (id === null) throw new ProblemError('not-found', 'the location does not exist');
  return id;
}

/** The location that a query names; undefined when it names none. */
export function locationQuery(text: string | undefined, path: string): string | undefined {
  if (text === undefined || text === '') return undefined;
  const id = decodeResourceId('LOCATION', text);
  if (id === null) {
    throw new ProblemError('invalid', `${path} is not a location id`, {
      fields: [{ path, message: 'expected the id of a location' }],
    });
  }
  return id;
}

/** Id and name of a location as answers print them. */
export function namedLocation({ id, name }: { id: string; name: string }): { id: string; name: string } {
  return { id: encodeResourceId('LOCATION', id), name };
}
