import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Picked } from '../../parts/search-picker.tsx';
import { pageOfWhole } from '../../parts/whole-list.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { CallbackQuality, qualityText } from './callback-quality.tsx';
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

/** A location with its callback number, or with why that cannot be read. */
type Row = Site & { callback: Callback | Error };

const ASKED_AT_ONCE = 6;

/** The platform tells callback numbers location by location. */
async function withCallbacks(sites: readonly Site[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < sites.length; start += ASKED_AT_ONCE) {
    const some = sites.slice(start, start + ASKED_AT_ONCE).map(async ({ id, name }): Promise<Row> => {
      try {
        const { data } = await api.GET(PATH, { params: { path: { locationId: id } } });
        return { id, name, callback: data ?? new Error(texts.unknown) };
      } catch (error) {
        return { id, name, callback: error instanceof Error ? error : new Error(String(error)) };
      }
    });
    rows.push(...(await Promise.all(some)));
  }
  return rows;
}

const whoseOf = ({ callback }: Row): string => (callback instanceof Error ? '' : nameOf(callback));
const expiryOf = ({ callback }: Row): string =>
  callback instanceof Error ? '' : said.minutes(callback.elinExpiryTimeMinutes ?? 0);

function NumberOf({ callback }: Row) {
  if (callback instanceof Error) return <Box color="text-status-error">{callback.message}</Box>;
  return <CallbackQuality source={sourceOf(callback)} />;
}

function numberText({ callback }: Row): string {
  return callback instanceof Error ? callback.message : qualityText(sourceOf(callback));
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
      <DataTable<Row>
        title={said.pageTitle}
        description={said.description}
        listKey="callbacks"
        isSearchable
        itemKey={({ id }) => id}
        usualSort="name"
        read={async (request) => {
          const { data } = await api.GET('/api/compliance');
          const { items, hasMore } = pageOfWhole(data?.locations ?? [], request, {
            keys: { name: ({ name }) => name },
            textOf: ({ name }) => name,
          });
          return { items: await withCallbacks(items), hasMore };
        }}
        empty={<Box textAlign="center">{texts.home.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.members.location,
            sort: 'name',
            csv: ({ name }) => name,
            cell: ({ id, name }) => <LocationLink id={id} name={name} />,
            isRowHeader: true,
          },
          { id: 'number', header: said.number, csv: numberText, cell: NumberOf },
          { id: 'whose', header: said.whose, cell: whoseOf },
          { id: 'expiry', header: said.expiry, cell: expiryOf },
          ...(may(`PUT ${PATH}`)
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
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
