import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Reading } from '../../parts/reading.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from './place-types.ts';

const FORM_ID = 'location-alerts';
const PATH = '/v1/telephony/config/locations/{locationId}/emergencyCallNotification';

type Settings = { emergencyCallNotificationEnabled?: boolean; emailAddress?: string };

function SettingsForm({ id, settings, onClose }: { id: string; settings: Settings; onClose: () => void }) {
  const client = useQueryClient();
  const [isOn, setIsOn] = useState(settings.emergencyCallNotificationEnabled ?? false);
  const [emailAddress, setEmailAddress] = useState(settings.emailAddress ?? '');
  const saving = useMutation({
    mutationFn: () =>
      api.PUT(PATH, {
        params: { path: { locationId: id } },
        body: { emergencyCallNotificationEnabled: isOn, emailAddress: emailAddress.trim() },
      }),
    async onSuccess() {
      await client.invalidateQueries();
      onClose();
    },
  });
  return (
    <Modal
      visible
      header={texts.sites.editAlerts}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button
              variant="primary"
              form={FORM_ID}
              loading={saving.isPending}
              disabled={isOn && emailAddress.trim() === ''}
            >
              {texts.sites.save}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={FORM_ID}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <SpaceBetween size="m">
          <Toggle checked={isOn} onChange={({ detail }) => setIsOn(detail.checked)}>
            {texts.sites.alertsOn}
          </Toggle>
          <FormField label={texts.sites.alertAddress} errorText={faultOf(saving.error, 'emailAddress') ?? ''}>
            <Input type="email" value={emailAddress} onChange={({ detail }) => setEmailAddress(detail.value)} />
          </FormField>
          <ProblemAlert error={saving.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}

/** Who is told by mail of an emergency call from a location. */
export function LocationAlerts({ location }: { location: LocationItem }) {
  const may = useMay();
  const [isEditing, setIsEditing] = useState(false);
  const { data, error, isPending } = useQuery({
    queryKey: ['notification', location.id],
    queryFn: async () => (await api.GET(PATH, { params: { path: { locationId: location.id } } })).data,
  });
  const nobody = texts.sites.toldNobody;
  const own = data?.emergencyCallNotificationEnabled ? (data.emailAddress ?? nobody) : nobody;
  const { emergencyCallNotificationEnabled, allowEmailNotificationAllLocationEnabled, emailAddress } =
    data?.organization ?? {};
  const ofAll =
    emergencyCallNotificationEnabled && allowEmailNotificationAllLocationEnabled ? (emailAddress ?? nobody) : nobody;
  const isAnybodyTold = location.building !== null || own !== nobody || ofAll !== nobody;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={texts.sites.alertsHelp}
          actions={
            data && may(`PUT ${PATH}`) && <Button onClick={() => setIsEditing(true)}>{texts.sites.editShort}</Button>
          }
        >
          {texts.sites.alerts}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={error} />
        {isPending && <Reading />}
        {data && (
          <KeyValuePairs
            columns={3}
            items={[
              { label: texts.sites.alertingEmail, value: location.building?.alertingEmail ?? nobody },
              { label: texts.sites.alertsOfLocation, value: own },
              { label: texts.sites.alertsOfAll, value: ofAll },
            ]}
          />
        )}
        {data && !isAnybodyTold && <Alert type="warning">{texts.sites.nobodyTold}</Alert>}
      </SpaceBetween>
      {isEditing && (
        <Edited
          read={() => api.GET(PATH, { params: { path: { locationId: location.id } } })}
          onClose={() => setIsEditing(false)}
        >
          {(settings) => <SettingsForm id={location.id} settings={settings} onClose={() => setIsEditing(false)} />}
        </Edited>
      )}
    </Container>
  );
}
