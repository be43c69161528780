import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { ResponseLocation } from './place-types.ts';

const FORM_ID = 'room-form';
/** Elements inside a building that the form has fields for (RFC 4119 §2.2.1, RFC 5139 §3.1); others stay as they are. */
const ELEMENTS = ['FLR', 'ROOM', 'UNIT', 'LOC'] as const;

const words = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** Faults of one field, or of one of its values: `elins`, `elins.0`. */
function faultOfList(error: Error | null, field: string, count: number): string {
  const own = [field, ...Array.from({ length: count }, (_, at) => `${field}.${at}`)];
  return own.map((path) => faultOf(error, path)).find((fault) => fault !== undefined) ?? '';
}

/** Makes or changes an emergency response location, in a dialog. */
export function RoomForm({
  locationId,
  room,
  floor = '',
  onClose,
}: {
  locationId: string;
  /** The one to change; null: a new one. */
  room: ResponseLocation | null;
  /** Where a new one is; empty: nobody knows yet. */
  floor?: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const notify = useNotify();
  const [name, setName] = useState(room?.name ?? '');
  const [detail, setDetail] = useState<Readonly<Record<string, string>>>(room?.detail ?? { FLR: floor });
  const [alertEmails, setAlertEmails] = useState(room?.alertEmails.join(' ') ?? '');
  const [elins, setElins] = useState(room?.elins.join(' ') ?? '');
  const saving = useMutation({
    async mutationFn() {
      const body = {
        name,
        detail: Object.fromEntries(Object.entries(detail).filter(([, value]) => value.trim() !== '')),
        alertEmails: words(alertEmails),
        elins: words(elins),
      };
      if (room === null) await api.POST('/api/response-locations', { body: { locationId, ...body } });
      else await api.PATCH('/api/response-locations/{id}', { params: { path: { id: room.id } }, body });
    },
    async onSuccess() {
      await client.invalidateQueries();
      notify({ type: 'success', content: room === null ? texts.rooms.added(name) : texts.rooms.saved(name) });
      onClose();
    },
  });
  const fault = (field: string): string => faultOf(saving.error, field) ?? '';
  return (
    <Modal
      visible
      header={room === null ? texts.rooms.add : texts.rooms.editOf(room.name)}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={FORM_ID} loading={saving.isPending} disabled={name.trim() === ''}>
              {room === null ? texts.rooms.add : texts.sites.save}
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
          <FormField label={texts.rooms.name} description={texts.rooms.nameHelp} errorText={fault('name')}>
            <Input value={name} autoFocus onChange={({ detail: { value } }) => setName(value)} />
          </FormField>
          <ColumnLayout columns={2}>
            {ELEMENTS.map((element) => (
              <FormField key={element} label={texts.rooms.elements[element]} errorText={fault(`detail.${element}`)}>
                <Input
                  value={detail[element] ?? ''}
                  onChange={({ detail: { value } }) => setDetail((before) => ({ ...before, [element]: value }))}
                />
              </FormField>
            ))}
          </ColumnLayout>
          <FormField
            label={texts.rooms.elins}
            description={texts.rooms.elinsHelp}
            errorText={faultOfList(saving.error, 'elins', words(elins).length)}
          >
            <Input value={elins} placeholder="+12025550143" onChange={({ detail: { value } }) => setElins(value)} />
          </FormField>
          <FormField
            label={texts.rooms.alertEmails}
            description={texts.rooms.alertEmailsHelp}
            errorText={faultOfList(saving.error, 'alertEmails', words(alertEmails).length)}
          >
            <Input value={alertEmails} onChange={({ detail: { value } }) => setAlertEmails(value)} />
          </FormField>
          <ProblemAlert error={saving.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
