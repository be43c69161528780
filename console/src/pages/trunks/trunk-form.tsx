import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

export type Trunk = paths['/api/trunks']['get']['responses']['200']['content']['application/json']['items'][number];
export type NewTrunk = paths['/api/trunks']['post']['requestBody']['content']['application/json'];

const said = texts.trunks;
const MODES = ['proxy', 'redirect', 'esrp'] as const;
const IDENTITY_HEADERS = ['P-Asserted-Identity', 'From', 'Remote-Party-ID'];
const CALLBACK_HEADERS = ['P-Asserted-Identity'];

const wordsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '');

/** Adds a trunk, or changes one. */
export function TrunkForm({ trunk, onClose }: { trunk: Trunk | null; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [name, setName] = useState(trunk?.name ?? '');
  const [addresses, setAddresses] = useState((trunk?.addresses ?? []).join('\n'));
  const [tlsNames, setTlsNames] = useState((trunk?.tlsNames ?? []).join('\n'));
  const [port, setPort] = useState(trunk?.port === null || trunk === null ? '' : String(trunk.port));
  const [mode, setMode] = useState<Trunk['mode']>(trunk?.mode ?? 'proxy');
  const [contactUri, setContactUri] = useState(trunk?.contactUri ?? '');
  const [isMonitored, setIsMonitored] = useState(trunk?.isMonitored ?? false);
  const [identity, setIdentity] = useState((trunk?.identityHeaders ?? IDENTITY_HEADERS).join('\n'));
  const [callback, setCallback] = useState((trunk?.callbackHeaders ?? CALLBACK_HEADERS).join('\n'));
  const [device, setDevice] = useState(trunk?.deviceHeader ?? '');
  const save = useMutation({
    mutationFn: async () => {
      const body: NewTrunk = {
        name,
        addresses: wordsOf(addresses),
        tlsNames: wordsOf(tlsNames),
        port: port === '' ? null : Number(port),
        mode,
        contactUri: contactUri === '' ? null : contactUri,
        isMonitored,
        identityHeaders: wordsOf(identity),
        callbackHeaders: wordsOf(callback),
        deviceHeader: device === '' ? null : device,
      };
      if (trunk) await api.PATCH('/api/trunks/{id}', { params: { path: { id: trunk.id } }, body });
      else await api.POST('/api/trunks', { body });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['trunks'] });
      notify({ type: 'success', content: trunk ? said.saved(name) : said.added(name) });
      onClose();
    },
  });
  const fault = (field: string): string | undefined => faultOf(save.error, field);
  return (
    <FormModal
      title={trunk ? said.editOf(trunk.name) : said.add}
      action={trunk ? texts.members.save : said.add}
      error={save.error}
      isReady={name.trim() !== '' && (wordsOf(addresses).length > 0 || wordsOf(tlsNames).length > 0)}
      isPending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <FormField label={said.name} errorText={fault('name')}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={said.addresses} constraintText={said.addressesHelp} errorText={fault('addresses')}>
        <Textarea value={addresses} rows={2} onChange={({ detail }) => setAddresses(detail.value)} />
      </FormField>
      <FormField label={said.mode} constraintText={said.modeHelp[mode]} errorText={fault('mode')}>
        <Select
          options={MODES.map((one) => ({ value: one, label: said.modes[one] }))}
          selectedOption={{ value: mode, label: said.modes[mode] }}
          onChange={({ detail }) => setMode(MODES.find((one) => one === detail.selectedOption.value) ?? 'proxy')}
        />
      </FormField>
      <FormField label={said.contact} constraintText={said.contactHelp} errorText={fault('contactUri')}>
        <Input
          value={contactUri}
          placeholder="sip:192.0.2.10:5060"
          onChange={({ detail }) => setContactUri(detail.value)}
        />
      </FormField>
      <Checkbox
        checked={isMonitored}
        disabled={contactUri === ''}
        description={said.monitorHelp}
        onChange={({ detail }) => setIsMonitored(detail.checked)}
      >
        {said.monitor}
      </Checkbox>
      <ExpandableSection headerText={said.more}>
        <SpaceBetween size="m">
          <FormField label={said.tlsNames} constraintText={said.tlsNamesHelp} errorText={fault('tlsNames')}>
            <Textarea value={tlsNames} rows={2} onChange={({ detail }) => setTlsNames(detail.value)} />
          </FormField>
          <FormField label={said.port} constraintText={said.portHelp} errorText={fault('port')}>
            <Input
              value={port}
              inputMode="numeric"
              onChange={({ detail }) => setPort(detail.value.replace(/\D/g, ''))}
            />
          </FormField>
          <FormField label={said.identity} constraintText={said.identityHelp} errorText={fault('identityHeaders')}>
            <Textarea value={identity} rows={3} onChange={({ detail }) => setIdentity(detail.value)} />
          </FormField>
          <FormField label={said.callback} constraintText={said.callbackHelp} errorText={fault('callbackHeaders')}>
            <Textarea value={callback} rows={2} onChange={({ detail }) => setCallback(detail.value)} />
          </FormField>
          <FormField label={said.device} constraintText={said.deviceHelp} errorText={fault('deviceHeader')}>
            <Input value={device} placeholder="X-Device" onChange={({ detail }) => setDevice(detail.value.trim())} />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </FormModal>
  );
}
