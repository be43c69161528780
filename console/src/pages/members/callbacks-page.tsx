import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Spinner from '@cloudscape-design/components/spinner';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Picked } from '../../parts/search-picker.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { CallbackQuality } from './callback-quality.tsx';
import { MemberPicker } from './member-picker.tsx';

const PATH = '/v1/telephony/config/locations/{locationId}/features/emergencyCallbackNumber';
const said = texts.callbacks;

type Callback = paths[typeof PATH]['get']['responses']['200']['content']['application/json'];
type Site = { id: string; name: string };

const useCallback = (id: string) =>
  useQuery({
    queryKey: ['callbacks', 'of', id],
    queryFn: async () => (await api.GET(PATH, { params: { path: { locationId: id } } })).data ?? null,
    refetchOnWindowFocus: false,
  });

const sourceOf = ({ selected, locationInfo, locationMemberInfo }: Callback) =>
  selected === 'LOCATION_MEMBER_NUMBER' ? locationMemberInfo : locationInfo;

function nameOf({ selected, locationMemberInfo: info }: Callback): string {
  if (selected !== 'LOCATION_MEMBER_NUMBER') return said.mainNumber;
  return [info?.firstName, info?.lastName].filter((part) => part && part !== '.').join(' ') || texts.unknown;
}

function Cell({ id, show }: { id: string; show: 'number' | 'whose' | 'expiry' }) {
  const { data, error } = useCallback(id);
  if (error) return <Box color="text-status-error">{error.message}</Box>;
  if (!data) return <Spinner />;
  if (show === 'whose') return nameOf(data);
  if (show === 'expiry') return said.minutes(data.elinExpiryTimeMinutes ?? 0);
  return <CallbackQuality source={sourceOf(data)} />;
}

function Fields({ site, callback, onClose }: { site: Site; callback: Callback; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const info = callback.locationMemberInfo;
  const [selected, setSelected] = useState<'LOCATION_NUMBER' | 'LOCATION_MEMBER_NUMBER'>(
    callback.selected === 'LOCATION_MEMBER_NUMBER' ? 'LOCATION_MEMBER_NUMBER' : 'LOCATION_NUMBER',
  );
  const [member, setMember] = useState<Picked | null>(
    info?.memberId === undefined ? null : { id: info.memberId, name: nameOf(callback) },
  );
  const [minutes, setMinutes] = useState(String(callback.elinExpiryTimeMinutes ?? 60));
  const save = useMutation({
    mutationFn: () =>
      api.PUT(PATH, {
        params: { path: { locationId: site.id } },
        body: {
          selected,
          elinExpiryTimeMinutes: Number(minutes),
          ...(selected === 'LOCATION_MEMBER_NUMBER' && { locationMemberId: member?.id ?? null }),
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['callbacks'] });
      notify({ type: 'success', content: said.saved(site.name) });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.changeOf(site.name)}
      action={texts.members.save}
      error={save.error}
      isReady={/^\d+$/.test(minutes) && (selected === 'LOCATION_NUMBER' || member !== null)}
      isPending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <RadioGroup
        ariaLabel={said.title}
        value={selected}
        onChange={({ detail }) =>
          setSelected(detail.value === 'LOCATION_MEMBER_NUMBER' ? 'LOCATION_MEMBER_NUMBER' : 'LOCATION_NUMBER')
        }
        items={[
          {
            value: 'LOCATION_NUMBER',
            label: said.mainNumber,
            description: <CallbackQuality source={callback.locationInfo} />,
          },
          { value: 'LOCATION_MEMBER_NUMBER', label: said.choices.LOCATION_MEMBER_NUMBER },
        ]}
      />
      {selected === 'LOCATION_MEMBER_NUMBER' && (
        <FormField label={said.standIn} errorText={faultOf(save.error, 'locationMemberId')}>
          <MemberPicker label={said.standIn} value={member} onChange={setMember} locationId={site.id} />
        </FormField>
      )}
      <FormField
        label={said.expiry}
        constraintText={said.expiryHelp}
        errorText={faultOf(save.error, 'elinExpiryTimeMinutes')}
      >
        <Input value={minutes} inputMode="numeric" onChange={({ detail }) => setMinutes(detail.value)} />
      </FormField>
    </FormModal>
  );
}

function ChangeCallback({ site, onClose }: { site: Site; onClose: () => void }) {
  const { data, error } = useCallback(site.id);
  if (error) return <ProblemAlert error={error} />;
  return data ? <Fields site={site} callback={data} onClose={onClose} /> : null;
}

export default function CallbacksPage() {
  const may = useMay();
  const [site, setSite] = useState<Site | null>(null);
  return (
    <>
      <DataTable<Site>
        title={said.pageTitle}
        description={said.description}
        listKey="callbacks"
        isSearchable
        itemKey={({ id }) => id}
        read={async ({ start, max, text }) => {
          const { data } = await api.GET('/api/compliance');
          const wanted = text.toLowerCase();
          const sites = (data?.locations ?? []).filter(({ name }) => name.toLowerCase().includes(wanted));
          return { items: sites.slice(start, start + max), hasMore: sites.length > start + max };
        }}
        empty={<Box textAlign="center">{texts.home.empty}</Box>}
        columns={[
          { id: 'name', header: texts.members.location, cell: ({ name }) => name, isRowHeader: true },
          { id: 'number', header: said.number, cell: ({ id }) => <Cell id={id} show="number" /> },
          { id: 'whose', header: said.whose, cell: ({ id }) => <Cell id={id} show="whose" /> },
          { id: 'expiry', header: said.expiry, cell: ({ id }) => <Cell id={id} show="expiry" /> },
          ...(may(`PUT ${PATH}`)
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  cell: (one: Site) => (
                    <Button variant="inline-link" ariaLabel={said.changeOf(one.name)} onClick={() => setSite(one)}>
                      {texts.wireMap.edit}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {site && <ChangeCallback site={site} onClose={() => setSite(null)} />}
    </>
  );
}
