import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en.json';
import Spinner from '@cloudscape-design/components/spinner';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { BrowserRouter, Navigate, useLocation } from 'react-router';
import { whenSignedOut } from './api/client.ts';
import { ApiProblem } from './api/problem.ts';
import { ProblemAlert } from './parts/problem-alert.tsx';
import { SessionContext, useForgetSession, useSessionQuery, useSignInWays } from './session/session.ts';
import { readWanted, SIGN_IN_PATH } from './session/sign-in-notes.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { NoticeProvider } from './shell/notices.tsx';
import { Shell } from './shell/shell.tsx';
import { useTheme } from './shell/theme.ts';
import { texts } from './texts/texts.ts';

const queries = new QueryClient({
  defaultOptions: {
    // What the browser thinks of the network says nothing about this platform: it is asked, and it is told when it does not answer.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      // What was refused stays refused; what did not arrive may arrive.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status > 500),
    },
  },
});

function Gate() {
  useTheme();
  const { data: session, error, isPending, refetch } = useSessionQuery();
  const forget = useForgetSession();
  // Asked for together with the session, for whoever has none.
  useSignInWays();
  const { pathname, search } = useLocation();
  const wasSignedIn = useRef(false);
  if (session) wasSignedIn.current = true;
  useEffect(() => whenSignedOut(forget), [forget]);
  if (isPending) return <Spinner size="large" />;
  if (session === undefined) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (session === null)
    return (
      <>
        <title>{`${texts.signIn.title} · ${texts.product}`}</title>
        <SignInPage hasEnded={wasSignedIn.current} />
      </>
    );
  if (pathname === SIGN_IN_PATH) return <Navigate replace to={readWanted(search)} />;
  return (
    <SessionContext.Provider value={session}>
      <Shell key={session.organization.id} />
    </SessionContext.Provider>
  );
}

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <NoticeProvider>
            <Gate />
          </NoticeProvider>
        </BrowserRouter>
      </QueryClientProvider>
    </I18nProvider>
  );
}
