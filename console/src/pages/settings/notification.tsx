import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

const PATH = '/v1/telephony/config/emergencyCallNotification';

type Settings = paths[typeof PATH]['get']['responses']['200']['content']['application/json'];
type Stored = { isOn: boolean; tellsLocations: boolean; address: string };

const storedOf = (settings: Settings): Stored => ({
  isOn: settings.emergencyCallNotificationEnabled ?? false,
  tellsLocations: settings.allowEmailNotificationAllLocationEnabled ?? false,
  address: settings.emailAddress ?? '',
});

function Editor({ stored, onSaved }: { stored: Stored; onSaved: () => void }) {
  const may = useMay();
  const client = useQueryClient();
  const notify = useNotify();
  const [wanted, setWanted] = useState(stored);
  const mayChange = may(`PUT ${PATH}`);
  const saving = useMutation({
    mutationFn: () =>
      api.PUT(PATH, {
        body: {
          emergencyCallNotificationEnabled: wanted.isOn,
          allowEmailNotificationAllLocationEnabled: wanted.tellsLocations,
          emailAddress: wanted.address.trim(),
        },
      }),
    async onSuccess() {
      notify({ type: 'success', content: texts.edit.saved });
      // Pages of locations say who is told of all of them.
      await client.invalidateQueries({ queryKey: ['notification'] });
      onSaved();
    },
  });
  const isSame = JSON.stringify(wanted) === JSON.stringify(stored);
  const fault = faultOf(saving.error, 'emailAddress');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame) saving.mutate();
      }}
    >
      <Form
        actions={
          mayChange && (
            <Button variant="primary" formAction="submit" disabled={isSame} loading={saving.isPending}>
              {texts.edit.save}
            </Button>
          )
        }
      >
        <SpaceBetween size="m">
          <Toggle
            checked={wanted.isOn}
            disabled={!mayChange}
            onChange={({ detail }) => setWanted({ ...wanted, isOn: detail.checked })}
          >
            {texts.settings.notify}
          </Toggle>
          <FormField
            label={texts.settings.address}
            description={texts.settings.addressHelp}
            {...(fault !== undefined && { errorText: fault })}
          >
            <Input
              type="email"
              value={wanted.address}
              disabled={!mayChange}
              onChange={({ detail }) => setWanted({ ...wanted, address: detail.value })}
            />
          </FormField>
          <Toggle
            checked={wanted.tellsLocations}
            disabled={!mayChange}
            onChange={({ detail }) => setWanted({ ...wanted, tellsLocations: detail.checked })}
          >
            {texts.settings.notifyAll}
          </Toggle>
          {fault === undefined && <ProblemAlert error={saving.error} />}
        </SpaceBetween>
      </Form>
    </form>
  );
}

/** Who is told of every emergency call of the organization. */
export function Notification() {
  return (
    <Container
      header={
        <Header variant="h2" description={texts.settings.notificationHelp}>
          {texts.settings.notification}
        </Header>
      }
    >
      <Edited read={() => api.GET(PATH)}>
        {(settings, again) => <Editor stored={storedOf(settings)} onSaved={again} />}
      </Edited>
    </Container>
  );
}
