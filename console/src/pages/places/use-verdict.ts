import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { useMay } from '../../session/session.ts';
import type { AddressDraft, Verdict } from './place-types.ts';

const TYPING_MS = 400;

/** What the platform says of an address while it is written; undefined until there is enough of it. */
export function useVerdict(draft: AddressDraft): {
  verdict: Verdict | undefined;
  isChecking: boolean;
  error: Error | null;
} {
  const may = useMay();
  const [asked, setAsked] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(draft), TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  const isEnough = asked.address1.trim() !== '' && (asked.city.trim() !== '' || asked.postalCode.trim() !== '');
  const { data, isFetching, error } = useQuery({
    queryKey: ['verdict', asked],
    enabled: isEnough && may('POST /api/addresses/validate'),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: async () => (await api.POST('/api/addresses/validate', { body: asked })).data,
  });
  return { verdict: isEnough ? data : undefined, isChecking: isFetching || asked !== draft, error };
}
