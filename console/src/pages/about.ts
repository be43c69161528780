import { api } from '../api/client.ts';

/** What runs here: the same for as long as it runs. */
export const ABOUT = {
  queryKey: ['about'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => (await api.GET('/api/about')).data,
};
