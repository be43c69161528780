import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useQuery } from '../../api/use-query.ts';
import type { Connection, Group, Recipient } from './alert-types.ts';

const MAX = 1_000;
const FRESH_MS = 30_000;
/** Beyond the first thousand, so many are looked up one by one. */
const MAX_SINGLE = 100;

async function orGone<Item>(read: () => Promise<Item | undefined>): Promise<Item | undefined> {
  try {
    return await read();
  } catch (error) {
    // Removed meanwhile: it has no name any more.
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 410)) return undefined;
    throw error;
  }
}

/** The first thousand recipients by name; lists that may be longer are searched by the platform. */
export function useRecipients() {
  return useQuery({
    queryKey: ['alert-recipients', 'first'],
    staleTime: FRESH_MS,
    queryFn: async (): Promise<readonly Recipient[]> =>
      (await api.GET('/api/alert-recipients', { params: { query: { max: MAX } } })).data?.items ?? [],
  });
}

export function useGroups() {
  return useQuery({
    queryKey: ['alert-groups', 'first'],
    staleTime: FRESH_MS,
    queryFn: async (): Promise<readonly Group[]> =>
      (await api.GET('/api/alert-groups', { params: { query: { max: MAX } } })).data?.items ?? [],
  });
}

/** At most 200 of an organization. */
export function useConnections() {
  return useQuery({
    queryKey: ['alert-connections', 'all'],
    staleTime: FRESH_MS,
    queryFn: async (): Promise<readonly Connection[]> =>
      (await api.GET('/api/alert-connections', { params: { query: { max: MAX } } })).data?.items ?? [],
  });
}

type Named = { id: string; name: string };

/** Names by id: those that are known, and those of these ids. */
function useNames(
  kind: string,
  first: readonly Named[] | undefined,
  ids: readonly string[],
  read: (id: string) => Promise<Named | undefined>,
): ReadonlyMap<string, string> {
  const known = new Map((first ?? []).map(({ id, name }) => [id, name]));
  const missing = first === undefined ? [] : ids.filter((id) => !known.has(id)).slice(0, MAX_SINGLE);
  const { data } = useQuery({
    queryKey: [kind, 'single', missing],
    enabled: missing.length > 0,
    staleTime: FRESH_MS,
    queryFn: () => Promise.all(missing.map((id) => orGone(() => read(id)))),
  });
  for (const one of data ?? []) if (one) known.set(one.id, one.name);
  return known;
}

export function useRecipientNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const { data } = useRecipients();
  return useNames('alert-recipients', data, ids, async (id) => {
    return (await api.GET('/api/alert-recipients/{id}', { params: { path: { id } } })).data;
  });
}

export function useGroupNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const { data } = useGroups();
  return useNames('alert-groups', data, ids, async (id) => {
    return (await api.GET('/api/alert-groups/{id}', { params: { path: { id } } })).data;
  });
}
