import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api } from '../../api/client.ts';
import { PageLink } from '../../parts/links.tsx';
import { texts } from '../../texts/texts.ts';
import type { Channel, Connection, Endpoint } from './alert-types.ts';
import { useConnections } from './use-names.ts';
import './alerts.css';
import { useQuery } from '../../api/use-query.ts';

const CHANNELS = Object.entries(texts.alerts.channels).map(([value, label]) => ({ value: value as Channel, label }));
const KINDS: Readonly<Partial<Record<Channel, Connection['kind']>>> = {
  sms: 'sms-gateway',
  webhook: 'webhook',
  chat: 'chat',
};

function emptyEndpoint(channel: Channel): Endpoint {
  switch (channel) {
    case 'email':
      return { channel, address: '' };
    case 'sms':
      return { channel, number: '', connectionId: '' };
    case 'push':
      return { channel, subscriptionId: '' };
    case 'webhook':
    case 'chat':
      return { channel, connectionId: '' };
  }
}

/** How an endpoint is shown: an address, a number, the name of a connection. */
export function endpointText(endpoint: Endpoint, connections: ReadonlyMap<string, string>): string {
  switch (endpoint.channel) {
    case 'email':
      return endpoint.address;
    case 'sms':
      return endpoint.number;
    case 'push':
      return texts.alerts.channels.push;
    case 'webhook':
    case 'chat':
      return connections.get(endpoint.connectionId) ?? endpoint.connectionId;
  }
}

function ConnectionSelect(props: {
  kind: Connection['kind'];
  value: string;
  label: string;
  onChange: (id: string) => void;
}) {
  const { data, error, isPending } = useConnections();
  const options = (data ?? [])
    .filter(({ kind }) => kind === props.kind)
    .map(({ id, name, isEnabled }) => ({
      value: id,
      label: name,
      ...(!isEnabled && { description: texts.connections.off }),
    }));
  if (data !== undefined && options.length === 0) {
    return <PageLink to="/alerts/connections">{texts.connections.noneOfKind[props.kind]}</PageLink>;
  }
  return (
    <Select
      ariaLabel={props.label}
      placeholder={texts.connections.kinds[props.kind]}
      expandToViewport
      statusType={error ? 'error' : isPending ? 'loading' : 'finished'}
      loadingText={texts.loading}
      errorText={error?.message ?? ''}
      options={options}
      selectedOption={options.find(({ value }) => value === props.value) ?? null}
      onChange={({ detail }) => props.onChange(detail.selectedOption.value ?? '')}
    />
  );
}

function SubscriptionSelect(props: { value: string; label: string; onChange: (id: string) => void }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['push-subscriptions'],
    queryFn: async () => (await api.GET('/api/push-subscriptions')).data?.items ?? [],
  });
  const options = (data ?? []).map(({ id, label, service }) => ({ value: id, label, description: service }));
  return (
    <Select
      ariaLabel={props.label}
      placeholder={texts.recipients.pickBrowser}
      expandToViewport
      empty={texts.recipients.noBrowser}
      statusType={error ? 'error' : isPending ? 'loading' : 'finished'}
      loadingText={texts.loading}
      errorText={error?.message ?? ''}
      options={options}
      selectedOption={options.find(({ value }) => value === props.value) ?? null}
      onChange={({ detail }) => props.onChange(detail.selectedOption.value ?? '')}
    />
  );
}

function Fields(props: { endpoint: Endpoint; label: string; onChange: (endpoint: Endpoint) => void }) {
  const { endpoint, label, onChange } = props;
  const kind = KINDS[endpoint.channel];
  return (
    <>
      {endpoint.channel === 'email' && (
        <Input
          ariaLabel={`${label}: ${texts.recipients.address}`}
          type="email"
          placeholder="desk@example.com"
          value={endpoint.address}
          onChange={({ detail }) => onChange({ ...endpoint, address: detail.value })}
        />
      )}
      {endpoint.channel === 'sms' && (
        <Input
          ariaLabel={`${label}: ${texts.recipients.number}`}
          inputMode="tel"
          placeholder="+15125550100"
          value={endpoint.number}
          onChange={({ detail }) => onChange({ ...endpoint, number: detail.value })}
        />
      )}
      {kind !== undefined && 'connectionId' in endpoint && (
        <ConnectionSelect
          kind={kind}
          label={`${label}: ${texts.connections.kinds[kind]}`}
          value={endpoint.connectionId}
          onChange={(connectionId) => onChange({ ...endpoint, connectionId })}
        />
      )}
      {endpoint.channel === 'push' && (
        <SubscriptionSelect
          label={`${label}: ${texts.alerts.channels.push}`}
          value={endpoint.subscriptionId}
          onChange={(subscriptionId) => onChange({ ...endpoint, subscriptionId })}
        />
      )}
    </>
  );
}

/** The ways by which a recipient is told: all of them are used. */
export function EndpointEditor(props: {
  endpoints: readonly Endpoint[];
  onChange: (endpoints: Endpoint[]) => void;
  faultAt: (at: number) => string | undefined;
  fault?: string | undefined;
}) {
  const { endpoints, onChange, faultAt, fault } = props;
  return (
    <FormField
      label={texts.recipients.endpoints}
      description={texts.recipients.endpointsHelp}
      errorText={fault}
      stretch
    >
      <SpaceBetween size="xs">
        {endpoints.map((endpoint, at) => {
          const label = texts.recipients.way(at + 1);
          const set = (next: Endpoint): void =>
            onChange(endpoints.map((other, index) => (index === at ? next : other)));
          return (
            <FormField key={`endpoint ${at}`} errorText={faultAt(at)} stretch>
              <div className="row-of-fields">
                <Select
                  ariaLabel={`${label}: ${texts.receipts.channel}`}
                  options={CHANNELS}
                  selectedOption={CHANNELS.find(({ value }) => value === endpoint.channel) ?? null}
                  onChange={({ detail }) => set(emptyEndpoint(detail.selectedOption.value as Channel))}
                />
                <Fields endpoint={endpoint} label={label} onChange={set} />
                <Button
                  iconName="remove"
                  variant="icon"
                  ariaLabel={texts.remove(label)}
                  disabled={endpoints.length === 1}
                  onClick={() => onChange(endpoints.filter((_, index) => index !== at))}
                />
              </div>
            </FormField>
          );
        })}
        <Button iconName="add-plus" onClick={() => onChange([...endpoints, emptyEndpoint('email')])}>
          {texts.recipients.addWay}
        </Button>
      </SpaceBetween>
    </FormField>
  );
}
