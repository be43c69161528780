const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** By what things are called in the trail, the best first. */
const NAMES = ['name', 'displayName', 'label'] as const;
/** A drill is called by nothing but what is said of it. */
const DRILL = 'drill ';

type Values = Readonly<Record<string, unknown>> | null;

/**
 * What an entry is about, by the name that it had then, where the entry itself tells one: `token Front desk`. What is gone has no name
 * but this.
 */
export function entrySubject(entry: { subject: string; before: Values; after: Values; detail: Values }): string {
  const { subject, before, after, detail } = entry;
  for (const name of subject.startsWith(DRILL) ? [...NAMES, 'note'] : NAMES) {
    for (const values of [after, before, detail]) {
      const found = values?.[name];
      if (typeof found === 'string' && found !== '') return subject.replace(UUID, () => found);
    }
  }
  return subject;
}
