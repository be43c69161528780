import type { QueryClient } from '@tanstack/react-query';

const LISTS: readonly unknown[] = ['wire-map', 'wire-map-versions'];

/** Whatever is shown of the wire map is read anew. */
export async function wireMapChanged(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ predicate: ({ queryKey }) => LISTS.includes(queryKey[0]) });
}
