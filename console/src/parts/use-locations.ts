import { api } from '../api/client.ts';
import { useQuery } from '../api/use-query.ts';
import { useMay } from '../session/session.ts';

function useSites(isAsked: boolean) {
  const mayRead = useMay()('GET /api/compliance');
  return useQuery({
    queryKey: ['compliance'],
    staleTime: 60_000,
    enabled: isAsked && mayRead,
    queryFn: async () => (await api.GET('/api/compliance')).data,
  });
}

/** Names of the locations that one may see by id; empty until they are known. */
export function useLocations(): Readonly<Record<string, string>> {
  return Object.fromEntries((useSites(true).data?.locations ?? []).map(({ id, name }) => [id, name]));
}

/** For a page that gets to know only from the platform which location it is about: asked for together with the rest. */
export function useSitesAhead(): void {
  useSites(true);
}

/** The time zone of a location; undefined: not yet known. */
export function useSiteZone(locationId: string | null | undefined): string | null | undefined {
  const { data, isLoading } = useSites(typeof locationId === 'string');
  if (typeof locationId === 'string' && isLoading) return undefined;
  return data?.locations.find(({ id }) => id === locationId)?.timeZone ?? null;
}
