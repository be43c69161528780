import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext } from 'react';
import { api, fetchSignInWays, pauseRequests } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { paths } from '../api/schema.generated.ts';
import { useQuery } from '../api/use-query.ts';
import { isActing, keepActing } from './acting-for.ts';
import { tellSignedIn } from './signed-in-elsewhere.ts';

export type Session = paths['/api/session']['get']['responses']['200']['content']['application/json'];

/** An operation as the description of the API names it: `GET /api/calls`. */
export type Operation = string;

const SESSION_KEY = ['session'];
const WAYS_KEY = ['sign-in-ways'];

/** Of somebody who is not signed in any more, and whose page stands behind the question to sign in again. */
const ENDED_KEY = ['session-ended'];

async function fetchSession(): Promise<Session | null> {
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
}

/** Who is signed in, or was until just now (`useHasEnded`); null: nobody. */
export function useSessionQuery() {
  const client = useQueryClient();
  return useQuery({
    queryKey: SESSION_KEY,
    staleTime: 60_000,
    retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status === 401),
    async queryFn(): Promise<Session | null> {
      const session = await fetchSession();
      const before = client.getQueryData<Session | null>(SESSION_KEY) ?? null;
      if (before === null) return session;
      if (session === null) {
        endSession(client);
        return before;
      }
      // Somebody may have signed in again, or another one, in another page of this browser.
      resume(client, before, session);
      return session;
    },
  });
}

function endSession(client: QueryClient): void {
  pauseRequests(true);
  client.setQueryData(ENDED_KEY, true);
}

/** Whether the session of whoever looks at this has ended by itself: what they typed waits for them. */
export function useHasEnded(): boolean {
  const { data } = useQuery({ queryKey: ENDED_KEY, queryFn: () => false, staleTime: Number.POSITIVE_INFINITY });
  return data === true;
}

/** Told by the client when the platform says that nobody is signed in any more. */
export function useEndSession(): () => void {
  const client = useQueryClient();
  return useCallback(() => {
    if (client.getQueryData<Session | null>(SESSION_KEY)) endSession(client);
  }, [client]);
}

/** Labels are nobody's alone: two desks may have one. */
const isSamePerson = (one: Session, other: Session): boolean =>
  one.id === other.id &&
  one.role === other.role &&
  one.organization.id === other.organization.id &&
  JSON.stringify(one.locationIds) === JSON.stringify(other.locationIds);

const ofNoSession = {
  predicate: ({ queryKey }: { queryKey: readonly unknown[] }) =>
    queryKey[0] !== SESSION_KEY[0] && queryKey[0] !== ENDED_KEY[0],
};

/** Whoever is somebody else sees nothing of what was there; what was asked for while nobody was signed in is asked for again. */
function resume(client: QueryClient, before: Session | null, now: Session | null): void {
  const wasOver = client.getQueryData<boolean>(ENDED_KEY) === true;
  pauseRequests(false);
  if (before === null || now === null || !isSamePerson(before, now)) client.removeQueries(ofNoSession);
  client.setQueryData(ENDED_KEY, false);
  if (wasOver) void client.invalidateQueries(ofNoSession);
}

/** Goes on after a sign-in: where one was, when it is the same one; otherwise nothing of what was there stays. */
export function useGoOn(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    const before = client.getQueryData<Session | null>(SESSION_KEY) ?? null;
    const now = await fetchSession();
    resume(client, before, now);
    client.setQueryData(SESSION_KEY, now);
    tellSignedIn();
    await client.invalidateQueries(ofNoSession);
  };
}

/** Asks who is signed in now: whoever signed in in another tab goes on in this one. */
export function useLookWhoIs(): () => void {
  const client = useQueryClient();
  return useCallback(() => void client.refetchQueries({ queryKey: SESSION_KEY }), [client]);
}

/** How one can sign in here, beside a token and a password; the same for everybody, and as long as the platform runs. */
export function useSignInWays() {
  return useQuery({ queryKey: WAYS_KEY, queryFn: fetchSignInWays, staleTime: Number.POSITIVE_INFINITY, retry: false });
}

export function useForgetSession(): () => void {
  const client = useQueryClient();
  return () => {
    keepActing(null);
    pauseRequests(false);
    client.setQueryData(ENDED_KEY, false);
    client.setQueryData(SESSION_KEY, null);
    // Whoever signs in next sees nothing of what was there.
    client.removeQueries(ofNoSession);
  };
}

/** Acts for another organization from now on, or for one's own (null); nothing of the one before stays on the screen. */
export function useActFor(): (organizationId: string | null) => Promise<void> {
  const client = useQueryClient();
  return async (organizationId) => {
    keepActing(organizationId);
    await client.cancelQueries();
    client.removeQueries(ofNoSession);
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
