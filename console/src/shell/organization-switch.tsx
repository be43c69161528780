import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { useQuery } from '../api/use-query.ts';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { useActFor, useSession } from '../session/session.ts';
import { texts } from '../texts/texts.ts';

const SHOWN = 50;

/** For partners and the operator: whose organization this tab shows and changes. */
export function OrganizationSwitch({ onClose }: { onClose: () => void }) {
  const { organization, homeOrganizationId } = useSession();
  const actFor = useActFor();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<{ id: string; name: string } | null>(null);
  const { data, error, isFetching } = useQuery({
    queryKey: ['customers', text],
    queryFn: async () =>
      (await api.GET('/api/customers', { params: { query: { max: SHOWN, ...(text !== '' && { text }) } } })).data
        ?.items ?? [],
  });
  const switching = useMutation({
    mutationFn: async (id: string) => {
      await navigate('/');
      await actFor(id === homeOrganizationId ? null : id);
    },
    onSuccess: onClose,
  });
  return (
    <Modal
      visible
      header={texts.organizationSwitch.title}
      closeAriaLabel={texts.organizationSwitch.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>{texts.cancel}</Button>
            <Button
              variant="primary"
              disabled={chosen === null || chosen.id === organization.id}
              loading={switching.isPending}
              onClick={() => {
                if (chosen) switching.mutate(chosen.id);
              }}
            >
              {texts.organizationSwitch.action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={error ?? switching.error} />
        <FormField label={texts.shell.switchOrganization} description={texts.organizationSwitch.help}>
          <Select
            filteringType="manual"
            filteringPlaceholder={texts.table.search}
            filteringAriaLabel={texts.table.search}
            placeholder={organization.name}
            selectedOption={chosen && { value: chosen.id, label: chosen.name }}
            options={(data ?? []).map(({ id, name }) => ({
              value: id,
              label: name,
              ...(id === homeOrganizationId && { description: texts.shell.ownOrganization }),
            }))}
            statusType={isFetching ? 'loading' : error ? 'error' : 'finished'}
            loadingText={texts.loading}
            errorText={texts.problem.title}
            empty={texts.table.noMatch}
            onLoadItems={({ detail }) => setText(detail.filteringText.trim())}
            onChange={({ detail: { selectedOption } }) =>
              setChosen({ id: selectedOption.value ?? '', name: selectedOption.label ?? '' })
            }
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

/** Says at all times that this is not one's own organization, and leads back. */
export function ActingStrip({ onSwitch }: { onSwitch: () => void }) {
  const { organization, homeOrganizationId } = useSession();
  const actFor = useActFor();
  const navigate = useNavigate();
  if (organization.id === homeOrganizationId) return null;
  return (
    <section className="acting" aria-label={texts.shell.switchOrganization}>
      <span>{texts.shell.actingFor(organization.name)}</span>
      <button type="button" onClick={onSwitch}>
        {texts.organizationSwitch.other}
      </button>
      <button
        type="button"
        onClick={() => {
          void navigate('/');
          void actFor(null);
        }}
      >
        {texts.shell.ownOrganization}
      </button>
    </section>
  );
}
