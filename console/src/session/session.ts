import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { api, fetchSignInWays } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { paths } from '../api/schema.generated.ts';
import { isActing, keepActing } from './acting-for.ts';

export type Session = paths['/api/session']['get']['responses']['200']['content']['application/json'];

/** An operation as the description of the API names it: `GET /api/calls`. */
export type Operation = string;

const SESSION_KEY = ['session'];
const WAYS_KEY = ['sign-in-ways'];

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
        if (!(error instanceof ApiProblem)) throw error;
        if (error.status === 401) return null;
        // One may not act for it any more, or never might: back to one's own.
        if (!isActing() || ![400, 403, 404].includes(error.status)) throw error;
        keepActing(null);
        return (await api.GET('/api/session')).data ?? null;
      }
    },
  });
}

/** How one can sign in here, beside a token and a password; the same for everybody, and as long as the platform runs. */
export function useSignInWays() {
  return useQuery({ queryKey: WAYS_KEY, queryFn: fetchSignInWays, staleTime: Number.POSITIVE_INFINITY, retry: false });
}

export function useForgetSession(): () => void {
  const client = useQueryClient();
  return () => {
    keepActing(null);
    client.setQueryData(SESSION_KEY, null);
    // Whoever signs in next sees nothing of what was there.
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  };
}

/** Acts for another organization from now on, or for one's own (null); nothing of the one before stays on the screen. */
export function useActFor(): (organizationId: string | null) => Promise<void> {
  const client = useQueryClient();
  return async (organizationId) => {
    keepActing(organizationId);
    await client.cancelQueries();
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
    await client.refetchQueries({ queryKey: SESSION_KEY });
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
