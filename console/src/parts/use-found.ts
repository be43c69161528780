import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useQuery } from '../api/use-query.ts';
import { texts } from '../texts/texts.ts';

const TYPING_MS = 200;

/** What the platform finds as one types into a picker, and what the picker says meanwhile. */
export function useFound<Item>(listKey: readonly unknown[], find: (text: string) => Promise<readonly Item[]>) {
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [...listKey, text],
    placeholderData: keepPreviousData,
    queryFn: () => find(text),
  });
  return {
    found: data ?? [],
    picker: {
      filteringType: 'manual' as const,
      expandToViewport: true,
      statusType: error ? ('error' as const) : isPending ? ('loading' as const) : ('finished' as const),
      loadingText: texts.loading,
      errorText: error?.message ?? '',
      recoveryText: texts.retry,
      onLoadItems({ detail }: { detail: { filteringText: string } }) {
        setTyped(detail.filteringText);
        if (error) void refetch();
      },
    },
  };
}
