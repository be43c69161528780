import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { type PickedPlace, ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { type Element, elementName } from './element-name.ts';
import { wireMapChanged } from './wire-map-changed.ts';

const KINDS = ['switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range'] as const;
const FORM_ID = 'element-form';

/** Adds an element, or changes one. */
export function ElementForm({ element, onClose }: { element: Element | null; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [kind, setKind] = useState<Element['kind']>(element?.kind ?? 'switch-port');
  const [value, setValue] = useState(element?.value ?? '');
  const [port, setPort] = useState(element?.port ?? '');
  const [description, setDescription] = useState(element?.description ?? '');
  const [place, setPlace] = useState<PickedPlace | null>(
    element && { id: element.responseLocationId, name: element.responseLocationName ?? texts.wireMap.lostPlace },
  );
  // Where there is one response location alone, it is that one.
  const { data: only } = useQuery({
    queryKey: ['response-locations', 'only'],
    enabled: element === null,
    staleTime: 0,
    gcTime: 0,
    async queryFn(): Promise<PickedPlace | null> {
      const { data } = await api.GET('/api/response-locations', { params: { query: { max: 2 } } });
      const [first, second] = data?.items ?? [];
      return first === undefined || second !== undefined ? null : { id: first.id, name: first.name };
    },
  });
  const chosen = place ?? only ?? null;
  const save = useMutation({
    mutationFn: async () => {
      const body = {
        value,
        description,
        responseLocationId: chosen?.id ?? '',
        ...(kind === 'switch-port' && { port }),
      };
      if (element) await api.PATCH('/api/wire-map/{id}', { params: { path: { id: element.id } }, body });
      else await api.POST('/api/wire-map', { body: { ...body, kind } });
    },
    onSuccess: async () => {
      await wireMapChanged(client);
      const name = elementName({ kind, value, port });
      notify({ type: 'success', content: element ? texts.wireMap.saved(name) : texts.wireMap.added(name) });
      onClose();
    },
  });
  const fault = (field: string): string | undefined => faultOf(save.error, field);
  const isReady = value.trim() !== '' && chosen !== null && (kind !== 'switch-port' || port.trim() !== '');
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isReady) save.mutate();
  }
  const title = element ? texts.wireMap.editOf(elementName(element)) : texts.wireMap.add;
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={FORM_ID} loading={save.isPending} disabled={!isReady}>
              {element ? texts.wireMap.save : texts.wireMap.add}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={FORM_ID} onSubmit={submit}>
        <Form>
          <SpaceBetween size="m">
            <ProblemAlert error={save.error} />
            {!element && (
              <FormField label={texts.wireMap.kind}>
                <Select
                  options={KINDS.map((one) => ({ value: one, label: texts.wireMap.kinds[one] }))}
                  selectedOption={{ value: kind, label: texts.wireMap.kinds[kind] }}
                  onChange={({ detail }) =>
                    setKind(KINDS.find((one) => one === detail.selectedOption.value) ?? 'switch-port')
                  }
                />
              </FormField>
            )}
            <FormField
              label={texts.wireMap.value}
              constraintText={texts.wireMap.valueHelp[kind]}
              errorText={fault('value')}
            >
              <Input value={value} autoFocus onChange={({ detail }) => setValue(detail.value)} />
            </FormField>
            {kind === 'switch-port' && (
              <FormField label={texts.wireMap.port} constraintText={texts.wireMap.portHelp} errorText={fault('port')}>
                <Input value={port} onChange={({ detail }) => setPort(detail.value)} />
              </FormField>
            )}
            <FormField label={texts.wireMap.place} errorText={fault('responseLocationId')}>
              <ResponseLocationPicker label={texts.wireMap.place} value={chosen} onChange={setPlace} />
            </FormField>
            <FormField label={texts.wireMap.note} errorText={fault('description')}>
              <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
            </FormField>
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}
