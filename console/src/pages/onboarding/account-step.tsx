import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';

const said = texts.onboarding.account;

function Account() {
  const { data, error } = useQuery({
    queryKey: ['e911-account'],
    queryFn: async () => (await api.GET('/api/e911-account')).data,
  });
  return (
    <SpaceBetween size="m">
      <StatusIndicator>{said.exists}</StatusIndicator>
      <ProblemAlert error={error} />
      {data && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: said.companyId, value: <span className="address">{data.companyId}</span> },
            { label: said.heldUrl, value: <span className="address">{data.heldUrl}</span> },
            {
              label: said.state,
              value: (
                <StatusIndicator type={data.enabled ? 'success' : 'warning'}>
                  {data.enabled ? said.on : said.off}
                </StatusIndicator>
              ),
            },
          ]}
        />
      )}
    </SpaceBetween>
  );
}

/** The E911 account and its first administrator. */
export function AccountStep({ exists }: { exists: boolean }) {
  const may = useMay();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const creating = useMutation({
    mutationFn: () => api.POST('/v1/telephony/config/redSky', { body: { email } }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (exists) {
    return (
      <Container>
        <Account />
      </Container>
    );
  }
  if (!may('POST /v1/telephony/config/redSky')) return <Alert type="warning">{said.mayNot}</Alert>;
  return (
    <Container>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          creating.mutate();
        }}
      >
        <SpaceBetween size="m">
          <ProblemAlert error={creating.error} />
          <FormField label={said.email} description={said.emailHelp} errorText={faultOf(creating.error, 'email') ?? ''}>
            <Input type="email" autoComplete="email" value={email} onChange={({ detail }) => setEmail(detail.value)} />
          </FormField>
          <Button formAction="submit" loading={creating.isPending} disabled={email.trim() === ''}>
            {said.create}
          </Button>
        </SpaceBetween>
      </form>
    </Container>
  );
}
