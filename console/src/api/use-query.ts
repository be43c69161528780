import {
  hashKey,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery as useOne,
} from '@tanstack/react-query';
import { useRef } from 'react';

/**
 * Reads something of the platform, as the library's own does. But what could not be read stays so, with what is said of it, while it is
 * looked for again, which happens by itself: a page does not begin anew each time, with nothing known and nothing to say.
 */
export function useQuery<Read, Shown = Read, Key extends QueryKey = QueryKey>(
  options: UseQueryOptions<Read, Error, Shown, Key>,
): UseQueryResult<Shown> {
  const result = useOne(options);
  const key = hashKey(options.queryKey);
  const failed = useRef<{ key: string; error: Error }>(undefined);
  const isUnknown = result.status === 'pending' || result.isPlaceholderData;
  if (result.status === 'error') failed.current = { key, error: result.error };
  else if (!isUnknown) failed.current = undefined;
  const kept = failed.current;
  if (!isUnknown || kept?.key !== key) return result;
  return {
    ...result,
    status: 'error',
    data: undefined,
    error: kept.error,
    isError: true,
    isLoading: false,
    isLoadingError: true,
    isPending: false,
    isPlaceholderData: false,
    isRefetchError: false,
    isSuccess: false,
  };
}
