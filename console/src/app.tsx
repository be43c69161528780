import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en.json';
import Spinner from '@cloudscape-design/components/spinner';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { createPortal } from 'react-dom';
import { BrowserRouter, Navigate, useLocation, useNavigate } from 'react-router';
import { whenSignedOut } from './api/client.ts';
import { ApiProblem } from './api/problem.ts';
import { ProblemAlert } from './parts/problem-alert.tsx';
import { SessionContext, useEndSession, useHasEnded, useSessionQuery, useSignInWays } from './session/session.ts';
import { readWanted, SIGN_IN_PATH } from './session/sign-in-notes.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { SIGNED_IN_MARK, tellSignedIn } from './session/signed-in-elsewhere.ts';
import { NoticeProvider, useNotify } from './shell/notices.tsx';
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

/** Over everything that stands on the page, dialogs too: nothing of it is seen, heard or reached until somebody has signed in again. */
function SignInAgain() {
  useEffect(() => {
    document.body.classList.add('session-over');
    return () => document.body.classList.remove('session-over');
  }, []);
  return createPortal(
    <div className="sign-in-again">
      <SignInPage hasEnded />
    </div>,
    document.body,
  );
}

/** Arrived in a tab of its own, for a page that waits in another one. */
function SignedInMark() {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const notify = useNotify();
  const isMarked = hash === SIGNED_IN_MARK;
  useEffect(() => {
    if (!isMarked) return;
    tellSignedIn();
    notify({ type: 'success', content: texts.signIn.signedIn });
    void navigate('/', { replace: true });
  }, [isMarked, navigate, notify]);
  return null;
}

function Gate() {
  useTheme();
  const { data: session, error, isPending, refetch } = useSessionQuery();
  const hasEnded = useHasEnded();
  const endSession = useEndSession();
  // Asked for together with the session, for whoever has none.
  useSignInWays();
  const { pathname, search } = useLocation();
  useEffect(() => whenSignedOut(endSession), [endSession]);
  if (isPending) return <Spinner size="large" />;
  if (session === undefined) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (session === null)
    return (
      <>
        <title>{`${texts.signIn.title} · ${texts.product}`}</title>
        <SignInPage hasEnded={false} />
      </>
    );
  if (pathname === SIGN_IN_PATH) return <Navigate replace to={readWanted(search)} />;
  return (
    <SessionContext.Provider value={session}>
      <Shell key={`${session.organization.id} ${session.role} ${session.id}`} />
      <SignedInMark />
      {hasEnded && <SignInAgain />}
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
