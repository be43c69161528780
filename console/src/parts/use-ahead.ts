import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/** Long enough that whoever goes on at once asks for nothing in vain. */
const PAUSE_MS = 150;

/** Reads what is probably wanted next as soon as what is wanted now stands there: once, and not for a window that nobody looks at. */
export function useAhead<Page>(key: readonly unknown[] | null, read: (() => Promise<Page>) | null): void {
  const client = useQueryClient();
  const latest = useRef(read);
  latest.current = read;
  const name = key === null ? null : JSON.stringify(key);
  const asked = useRef<string>(undefined);
  useEffect(() => {
    if (name === null || name === asked.current) return;
    const timer = setTimeout(() => {
      const queryFn = latest.current;
      if (queryFn === null || document.hidden) return;
      asked.current = name;
      void client.prefetchQuery({ queryKey: JSON.parse(name) as unknown[], queryFn, retry: false });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [client, name]);
}
