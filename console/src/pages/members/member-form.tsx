import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useKnown } from '../../parts/editing.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Member } from './member-types.ts';

const said = texts.members;
const KINDS = ['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'] as const;

/** Adds somebody, or changes one. */
export function MemberForm({ member, onClose }: { member: Member | null; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [kind, setKind] = useState<Member['kind']>(member?.kind ?? 'PEOPLE');
  const [locationId, setLocationId] = useState(member?.locationId ?? '');
  const [firstName, setFirstName] = useState(member?.firstName ?? '');
  const [lastName, setLastName] = useState(member?.lastName ?? '');
  const [email, setEmail] = useState(member?.email ?? '');
  const [phoneNumber, setPhoneNumber] = useState(member?.numbers[0]?.number ?? '');
  const [extension, setExtension] = useState(member?.extension ?? '');
  const known = useKnown(member);
  const isPerson = kind === 'PEOPLE';
  const hasLastName = isPerson || kind === 'VIRTUAL_LINE';
  const save = useMutation({
    mutationFn: async () => {
      if (member && known) {
        await api.PATCH('/api/members/{memberId}', {
          params: { path: { memberId: member.id } },
          // What stays as it is, is not sent: an emptied field takes its value away.
          body: {
            ...(locationId !== known.locationId && { locationId }),
            ...(firstName !== known.firstName && { firstName }),
            ...(hasLastName && lastName !== known.lastName && { lastName }),
            ...(isPerson && email !== (known.email ?? '') && { email: email || null }),
            ...(phoneNumber !== (known.numbers[0]?.number ?? '') && { phoneNumber: phoneNumber || null }),
            ...(extension !== (known.extension ?? '') && { extension: extension || null }),
          },
        });
        return;
      }
      await api.POST('/api/members', {
        body: {
          kind,
          locationId,
          firstName,
          ...(hasLastName && lastName !== '' && { lastName }),
          ...(isPerson && email !== '' && { email }),
          ...(phoneNumber !== '' && { phoneNumber }),
          ...(extension !== '' && { extension }),
        },
      });
    },
    onSuccess: async () => {
      await Promise.all(['members', 'numbers'].map((first) => client.invalidateQueries({ queryKey: [first] })));
      const name = `${firstName} ${hasLastName ? lastName : ''}`.trim();
      notify({ type: 'success', content: member ? said.saved(name) : said.added(name) });
      onClose();
    },
  });
  const fault = (field: string): string | undefined => faultOf(save.error, field);
  return (
    <FormModal
      title={member ? said.editOf(member.displayName) : said.add}
      action={member ? said.save : said.add}
      error={save.error}
      isReady={locationId !== '' && firstName.trim() !== ''}
      isPending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!member && (
        <FormField label={said.kind}>
          <Select
            options={KINDS.map((one) => ({ value: one, label: said.kinds[one] }))}
            selectedOption={{ value: kind, label: said.kinds[kind] }}
            onChange={({ detail }) => setKind(KINDS.find((one) => one === detail.selectedOption.value) ?? 'PEOPLE')}
          />
        </FormField>
      )}
      <FormField label={said.location} errorText={fault('locationId')}>
        <LocationSelect label={said.location} value={locationId} onChange={setLocationId} />
      </FormField>
      <FormField label={hasLastName ? said.firstName : said.name} errorText={fault('firstName')}>
        <Input value={firstName} autoFocus onChange={({ detail }) => setFirstName(detail.value)} />
      </FormField>
      {hasLastName && (
        <FormField label={said.lastName} errorText={fault('lastName')}>
          <Input value={lastName} onChange={({ detail }) => setLastName(detail.value)} />
        </FormField>
      )}
      {isPerson && (
        <FormField label={said.email} errorText={fault('email')}>
          <Input value={email} type="email" onChange={({ detail }) => setEmail(detail.value)} />
        </FormField>
      )}
      <FormField label={said.number} constraintText={said.numberHelp} errorText={fault('phoneNumber')}>
        <Input value={phoneNumber} inputMode="tel" onChange={({ detail }) => setPhoneNumber(detail.value.trim())} />
      </FormField>
      <FormField label={said.extension} constraintText={said.extensionHelp} errorText={fault('extension')}>
        <Input value={extension} inputMode="numeric" onChange={({ detail }) => setExtension(detail.value.trim())} />
      </FormField>
    </FormModal>
  );
}
