import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'react-router';
import { type SignIn, signIn } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { texts } from '../texts/texts.ts';
import { useGoOn, useLookWhoIs, useSignInWays } from './session.ts';
import { readProblemNote, readWanted, SIGN_IN_PATH } from './sign-in-notes.ts';
import { SIGNED_IN_MARK, useSignedInElsewhere } from './signed-in-elsewhere.ts';

type Way = 'token' | 'password';

const isRefused = (error: Error | null): boolean => error instanceof ApiProblem && error.status === 401;

/** Why the outside provider's page signed nobody in. */
function ProblemNote({ search }: { search: string }) {
  const note = readProblemNote(search);
  if (note === undefined) return null;
  return (
    <Alert type="warning" header={texts.signIn.notIn}>
      {note.text}
      {note.trackingId !== null && (
        <Box variant="small" display="block">
          {texts.problem.tracking(note.trackingId)}
        </Box>
      )}
    </Alert>
  );
}

/**
 * The way through the outside provider's page, where there is one; from there one comes back to where one was. Where something typed waits
 * on the page, that stays, and the way leads through a tab of its own.
 */
function ProviderWay(props: { label: string; address: string; wanted: string; isInNewTab: boolean }) {
  const { label, address, wanted, isInNewTab } = props;
  return (
    <SpaceBetween size="m">
      <Button
        variant="primary"
        fullWidth
        href={`${address}?${new URLSearchParams({ to: isInNewTab ? `/${SIGNED_IN_MARK}` : wanted })}`}
        {...(isInNewTab && { target: '_blank', iconName: 'external', iconAlign: 'right' })}
      >
        {texts.signIn.with(label)}
      </Button>
      <Box color="text-body-secondary" textAlign="center">
        {texts.signIn.otherWays}
      </Box>
    </SpaceBetween>
  );
}

/** The only page for whoever is not signed in; it stands under every address, so that one goes on where one was. */
export function SignInPage({ hasEnded }: { hasEnded: boolean }) {
  const goOn = useGoOn();
  useSignedInElsewhere(hasEnded, useLookWhoIs());
  const { pathname, search, hash } = useLocation();
  const wanted = pathname === SIGN_IN_PATH ? readWanted(search) : `${pathname}${search}${hash}`;
  const ways = useSignInWays();
  const provider = ways.data?.openId;
  const [way, setWay] = useState<Way>('token');
  const [token, setToken] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const entering = useMutation({
    mutationFn: (credentials: SignIn) => signIn(credentials),
    onSuccess: goOn,
  });
  // Nothing moves, and nothing takes the focus, once one has begun to look.
  if (ways.isPending) return <Spinner size="large" />;
  const isComplete = way === 'token' ? token.trim() !== '' : email.trim() !== '' && password !== '';
  return (
    <main className="sign-in">
      <Box padding={{ vertical: 'xxl', horizontal: 'm' }}>
        <SpaceBetween size="l">
          <Header variant="h1" description={texts.independence}>
            {texts.product}
          </Header>
          {hasEnded && (
            <Alert type="info">
              {texts.signIn.ended}
              {provider && ` ${texts.signIn.endedAtProvider(provider.label)}`}
            </Alert>
          )}
          {pathname === SIGN_IN_PATH && <ProblemNote search={search} />}
          {provider && <ProviderWay {...provider} wanted={wanted} isInNewTab={hasEnded} />}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (isComplete) entering.mutate(way === 'token' ? { accessToken: token.trim() } : { email, password });
            }}
          >
            <Form
              actions={
                <Button
                  variant={provider ? 'normal' : 'primary'}
                  formAction="submit"
                  loading={entering.isPending}
                  disabled={!isComplete}
                >
                  {texts.signIn.action}
                </Button>
              }
            >
              <Container header={<Header variant="h2">{texts.signIn.title}</Header>}>
                <SpaceBetween size="m">
                  <SegmentedControl
                    selectedId={way}
                    label={texts.signIn.title}
                    onChange={({ detail }) => setWay(detail.selectedId as Way)}
                    options={[
                      { id: 'token', text: texts.signIn.byToken },
                      { id: 'password', text: texts.signIn.byPassword },
                    ]}
                  />
                  {way === 'token' ? (
                    <FormField label={texts.signIn.token} description={texts.signIn.tokenHelp}>
                      <Input
                        type="password"
                        autoComplete="off"
                        value={token}
                        onChange={({ detail }) => setToken(detail.value)}
                        autoFocus={!provider}
                      />
                    </FormField>
                  ) : (
                    <>
                      <FormField label={texts.signIn.email}>
                        <Input
                          type="email"
                          autoComplete="username"
                          value={email}
                          onChange={({ detail }) => setEmail(detail.value)}
                        />
                      </FormField>
                      <FormField label={texts.signIn.password} description={texts.signIn.passwordHelp}>
                        <Input
                          type="password"
                          autoComplete="current-password"
                          value={password}
                          onChange={({ detail }) => setPassword(detail.value)}
                        />
                      </FormField>
                    </>
                  )}
                  {isRefused(entering.error) ? (
                    <Alert type="error">{texts.signIn.wrong}</Alert>
                  ) : (
                    <ProblemAlert error={entering.error} />
                  )}
                </SpaceBetween>
              </Container>
            </Form>
          </form>
        </SpaceBetween>
      </Box>
    </main>
  );
}
