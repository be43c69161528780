import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Copied } from '../../parts/copied.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Reading } from '../../parts/reading.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

type E911Account = paths['/api/e911-account']['get']['responses']['200']['content']['application/json'];

const KEY = ['e911-account'];

function NewAccount() {
  const client = useQueryClient();
  const notify = useNotify();
  const [email, setEmail] = useState('');
  const creating = useMutation({
    mutationFn: async () => {
      const { data } = await api.POST('/v1/telephony/config/redSky', { body: { email: email.trim() } });
      return data;
    },
    async onSuccess() {
      notify({ type: 'success', content: texts.settings.accountCreated });
      await client.invalidateQueries();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (email.trim() !== '') creating.mutate();
      }}
    >
      <SpaceBetween size="m">
        <Alert type="info">{texts.settings.noAccount}</Alert>
        <FormField label={texts.settings.accountEmail} description={texts.settings.accountEmailHelp}>
          <Input type="email" value={email} onChange={({ detail }) => setEmail(detail.value)} />
        </FormField>
        <ProblemAlert error={creating.error} />
        <Button variant="primary" formAction="submit" disabled={email.trim() === ''} loading={creating.isPending}>
          {texts.settings.createAccount}
        </Button>
      </SpaceBetween>
    </form>
  );
}

const setEnabled = (enabled: boolean) => api.PUT('/v1/telephony/config/redSky/serviceSettings', { body: { enabled } });

/** What switching the service off does to whom, before it is done. */
function Disable({ account, onClose }: { account: E911Account; onClose: () => void }) {
  const { locationsToRelay, locationsWithoutTestCalls } = account.disabling;
  return (
    <Confirm
      title={texts.settings.disableTitle}
      action={texts.settings.disable}
      onClose={onClose}
      run={() => setEnabled(false)}
    >
      <Alert type="warning">
        <div>{texts.settings.disableDirect(locationsToRelay)}</div>
        <div>{texts.settings.disableTests(locationsWithoutTestCalls)}</div>
      </Alert>
      <Box>{texts.settings.disableStays}</Box>
    </Confirm>
  );
}

function Facts({ account, onChanged }: { account: E911Account; onChanged: () => Promise<unknown> }) {
  const may = useMay();
  const [asked, setAsked] = useState<'disable' | 'rotate' | 'require' | 'end' | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const mayChange = may('PATCH /api/e911-account');
  const mayEnable = may('PUT /v1/telephony/config/redSky/serviceSettings');
  const close = (): void => {
    setAsked(null);
    void onChanged();
  };
  const enabling = useMutation({ mutationFn: () => setEnabled(true), onSuccess: onChanged });
  const requiring = useMutation({
    mutationFn: (secretRequired: boolean) => api.PATCH('/api/e911-account', { body: { secretRequired } }),
    onSuccess: onChanged,
  });
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={2}
        items={[
          {
            label: texts.settings.enabled,
            value: (
              <StatusIndicator type={account.enabled ? 'success' : 'stopped'}>
                {account.enabled ? texts.settings.isEnabled : texts.settings.isDisabled}
              </StatusIndicator>
            ),
          },
          { label: texts.settings.companyId, value: <Copied text={account.companyId} /> },
          { label: texts.settings.orgId, value: <Copied text={account.redSkyOrgId} /> },
          { label: texts.settings.heldUrl, value: <Copied text={account.heldUrl} /> },
          ...(account.previousSecretValidUntil === null
            ? []
            : [{ label: texts.settings.previousUntil, value: <Moment at={account.previousSecretValidUntil} /> }]),
          ...(account.formerAccounts.length === 0
            ? []
            : [
                {
                  label: texts.settings.former,
                  value: account.formerAccounts.map(({ companyId }) => companyId).join(', '),
                },
              ]),
        ]}
      />
      <ProblemAlert error={enabling.error ?? requiring.error} />
      {mayChange && (
        <FormField label={texts.settings.secret} description={texts.settings.secretHelp}>
          <Toggle
            checked={account.secretRequired}
            disabled={requiring.isPending}
            onChange={({ detail }) => {
              if (detail.checked) setAsked('require');
              else requiring.mutate(false);
            }}
          >
            {texts.settings.secretRequired}
          </Toggle>
        </FormField>
      )}
      <SpaceBetween direction="horizontal" size="xs">
        {may('POST /api/e911-account/secret') && (
          <Button onClick={() => setAsked('rotate')}>{texts.settings.rotate}</Button>
        )}
        {may('DELETE /api/e911-account/previous-credentials') &&
          (account.previousSecretValidUntil !== null || account.formerAccounts.length > 0) && (
            <Button onClick={() => setAsked('end')}>{texts.settings.endGrace}</Button>
          )}
        {mayEnable &&
          (account.enabled ? (
            <Button onClick={() => setAsked('disable')}>{texts.settings.disable}</Button>
          ) : (
            <Button variant="primary" loading={enabling.isPending} onClick={() => enabling.mutate()}>
              {texts.settings.enable}
            </Button>
          ))}
      </SpaceBetween>
      {asked === 'disable' && <Disable account={account} onClose={close} />}
      {asked === 'require' && (
        <Confirm
          title={texts.settings.requireTitle}
          action={texts.settings.require}
          onClose={close}
          run={() => requiring.mutateAsync(true)}
        >
          <Alert type="warning">{texts.settings.requireText}</Alert>
        </Confirm>
      )}
      {asked === 'end' && (
        <Confirm
          title={texts.settings.endGraceTitle}
          action={texts.settings.endGrace}
          onClose={close}
          run={() => api.DELETE('/api/e911-account/previous-credentials')}
        >
          <Alert type="warning">{texts.settings.endGraceText}</Alert>
        </Confirm>
      )}
      {asked === 'rotate' && (
        <Confirm
          title={texts.settings.rotateTitle}
          action={texts.settings.rotate}
          onClose={close}
          run={async () => {
            const { data } = await api.POST('/api/e911-account/secret');
            if (data) setSecret(data.secret);
          }}
        >
          <Box>{texts.settings.rotateText}</Box>
        </Confirm>
      )}
      {secret !== null && <SecretOnce title={texts.settings.secret} secret={secret} onDone={() => setSecret(null)} />}
    </SpaceBetween>
  );
}

/** The account as it is read; null: there is none yet. */
const ACCOUNT = {
  queryKey: KEY,
  async queryFn() {
    try {
      return (await api.GET('/api/e911-account')).data ?? null;
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status === 404) return null;
      throw problem;
    }
  },
};

/** The E911 account: what phones are configured with, its secret, and whether it is in force. */
export function Account() {
  const may = useMay();
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(ACCOUNT);
  return (
    <Container header={<Header variant="h2">{texts.settings.account}</Header>}>
      {isPending ? (
        <Reading />
      ) : data ? (
        <Facts account={data} onChanged={() => client.invalidateQueries()} />
      ) : data === null && may('POST /v1/telephony/config/redSky') ? (
        <NewAccount />
      ) : data === null ? (
        <Box>{texts.settings.noAccount}</Box>
      ) : (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      )}
    </Container>
  );
}
