import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { paths } from '../api/schema.generated.ts';

export type Session = paths['/api/session']['get']['responses']['200']['content']['application/json'];

/** An operation as the description of the API names it: `GET /api/calls`. */
export type Operation = string;

const SESSION_KEY = ['session'];

/** Who is signed in; null: nobody. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    staleTime: 60_000,
    retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status === 401),
    async queryFn(): Promise<Session | null> {
      try {
        const { data } = await api.GET('/api/session');
        return data ?? null;
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
  });
}

export function useForgetSession(): () => void {
  const client = useQueryClient();
  return () => {
    client.setQueryData(SESSION_KEY, null);
    // Whoever signs in next sees nothing of what was there.
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  };
}

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in, below the shell. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is signed in here');
  return session;
}

/** Whether the server would let them do it: what it refuses is not shown. */
export function useMay(): (operation: Operation) => boolean {
  const { operations } = useSession();
  return (operation) => operations.includes(operation);
}
