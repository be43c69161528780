import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';

/** Names of the organization's locations by id; empty until they are known. */
export function useLocations(): Readonly<Record<string, string>> {
  const { data } = useQuery({
    queryKey: ['compliance'],
    staleTime: 60_000,
    queryFn: async () => (await api.GET('/api/compliance')).data,
  });
  return Object.fromEntries((data?.locations ?? []).map(({ id, name }) => [id, name]));
}
