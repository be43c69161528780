import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { MapView } from '../../parts/map-view.tsx';
import { InZone } from '../../parts/moment.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Reading } from '../../parts/reading.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import { AddressesOfLocation } from './location-addresses.tsx';
import { LocationAlerts } from './location-alerts.tsx';
import { EditLocation } from './location-form.tsx';
import { LocationHistory } from './location-history.tsx';
import { LocationRooms } from './location-rooms.tsx';
import { LocationStages } from './location-stages.tsx';
import type { LocationItem } from './place-types.ts';

const LOOK_AGAIN_MS = 5_000;
const MAP_HEIGHT = 320;
const STATUS = 'PUT /v1/telephony/config/locations/{locationId}/redSky/status';

type Dialog = 'edit' | 'remove' | 'opt-out';

function Actions({ location, onDialog }: { location: LocationItem; onDialog: (dialog: Dialog) => void }) {
  const may = useMay();
  const items = [
    ...(may(STATUS) && !location.standing.exempt && !location.standing.optedOut
      ? [{ id: 'opt-out', text: texts.sites.optOut }]
      : []),
    ...(may('DELETE /v1/locations/{locationId}') ? [{ id: 'remove', text: texts.sites.remove }] : []),
  ];
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {may('PUT /v1/locations/{locationId}') && <Button onClick={() => onDialog('edit')}>{texts.sites.edit}</Button>}
      {items.length > 0 && (
        <ButtonDropdown
          items={items}
          onItemClick={({ detail }) => onDialog(detail.id === 'remove' ? 'remove' : 'opt-out')}
        >
          {texts.sites.actions}
        </ButtonDropdown>
      )}
    </SpaceBetween>
  );
}

/** One location: how far it has come, its addresses, what is in it, who is told, what was done to it. */
export default function LocationPage() {
  const { id = '' } = useParams();
  const may = useMay();
  const notify = useNotify();
  const notifyRemoved = useNotifyRemoved();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const path = { locationId: id };
  const {
    data: location,
    error,
    isPending,
    refetch,
  } = useQuery({
    queryKey: ['locations', id],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: async () => (await api.GET('/api/locations/{locationId}', { params: { path } })).data,
  });
  const addresses = useQuery({
    queryKey: ['locations', id, 'addresses'],
    queryFn: async () => (await api.GET('/api/locations/{locationId}/addresses', { params: { path } })).data,
  });
  usePageName(location?.name);
  if (isPending) return <Spinner size="large" />;
  if (!location) return <PageProblem error={error} onRetry={() => void refetch()} />;
  const { position } = location;
  return (
    <InZone zone={location.timeZone}>
      <SpaceBetween size="l" className="in-order">
        <Header variant="h1" actions={<Actions location={location} onDialog={setDialog} />}>
          {location.name}
        </Header>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
        <LocationStages location={location} />
        <ProblemAlert error={addresses.error} onRetry={() => void addresses.refetch()} />
        {addresses.isPending && <Reading />}
        {addresses.data && <AddressesOfLocation addresses={addresses.data} />}
        <LocationRooms location={location} />
        <LocationAlerts location={location} />
        <Container header={<Header variant="h2">{texts.sites.onTheMap}</Header>}>
          <SpaceBetween size="m">
            {position ? (
              <MapView
                label={texts.sites.mapOf(location.name)}
                heightPixels={MAP_HEIGHT}
                places={[{ id, name: location.name, position }]}
                focus={position}
              />
            ) : (
              <Alert
                type="info"
                action={
                  may('PUT /v1/locations/{locationId}') && (
                    <Button onClick={() => setDialog('edit')}>{texts.sites.setPosition}</Button>
                  )
                }
              >
                {texts.sites.noPosition}
              </Alert>
            )}
            <KeyValuePairs
              columns={4}
              items={[
                {
                  label: texts.sites.position,
                  value: position ? `${position.latitude}, ${position.longitude}` : texts.none,
                },
                { label: texts.sites.timeZone, value: location.timeZone },
                {
                  label: texts.sites.calling,
                  value: location.callingEnabled ? texts.sites.callingOn : texts.sites.callingOff,
                },
                { label: texts.sites.notes, value: location.notes ?? texts.none },
              ]}
            />
          </SpaceBetween>
        </Container>
        {may('GET /api/audit') && <LocationHistory key={id} id={id} />}
        {dialog === 'edit' && (
          <EditLocation
            id={id}
            onClose={() => setDialog(null)}
            onDone={() => {
              setDialog(null);
              notify({ type: 'success', content: texts.sites.saved(location.name) });
            }}
          />
        )}
        {dialog === 'opt-out' && (
          <Confirm
            title={texts.sites.optOut}
            action={texts.sites.optOut}
            run={async () => {
              const body = { complianceStatus: 'OPTED_OUT' } as const;
              await api.PUT('/v1/telephony/config/locations/{locationId}/redSky/status', { params: { path }, body });
              await client.invalidateQueries();
            }}
            onClose={() => setDialog(null)}
          >
            <Alert type="warning">{texts.sites.optOutBreaks(location.name)}</Alert>
          </Confirm>
        )}
        {dialog === 'remove' && (
          <Confirm
            title={texts.sites.remove}
            action={texts.sites.remove}
            run={async () => {
              await api.DELETE('/v1/locations/{locationId}', { params: { path } });
              notifyRemoved({ id, name: location.name, content: texts.sites.removed(location.name) });
              await client.invalidateQueries({ refetchType: 'none' });
              void navigate('/places');
            }}
            onClose={() => setDialog(null)}
          >
            <Alert type="warning">{texts.sites.removeBreaks(location.name)}</Alert>
          </Confirm>
        )}
      </SpaceBetween>
    </InZone>
  );
}
