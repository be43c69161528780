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
  }).data?.locations;
}

/** Names of the locations that one may see by id; empty until they are known. */
export function useLocations(): Readonly<Record<string, string>> {
  return Object.fromEntries((useSites(true) ?? []).map(({ id, name }) => [id, name]));
}

/** The time zone of a location, as soon as it is known. */
export function useSiteZone(locationId: string | null | undefined): string | null {
  const sites = useSites(typeof locationId === 'string');
  return sites?.find(({ id }) => id === locationId)?.timeZone ?? null;
}
