import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { Edited } from '../../parts/edited.tsx';
import { RowButton } from '../../parts/row-button.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { type ChangeKind, ChangeMany, type Which } from './change-many.tsx';
import { ElementForm } from './element-form.tsx';
import { type Element, elementName } from './element-name.ts';

const FILTERS = ['kind', 'locationId', 'responseLocationId', 'unseenForDays'] as const;
const KINDS = ['switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range'] as const;
const kindNames = Object.fromEntries(KINDS.map((kind) => [kind, texts.wireMap.kinds[kind]]));

/** The filter of the API, as the address bar says it. */
function filterOf(text: string, { kind, unseenForDays, ...rest }: Readonly<Record<string, string>>) {
  const known = KINDS.find((one) => one === kind);
  return {
    ...rest,
    ...(text !== '' && { text }),
    ...(known && { kind: known }),
    ...(unseenForDays !== undefined && { unseenForDays: Number(unseenForDays) }),
  };
}

const readElement = (id: string) => () => api.GET('/api/wire-map/{id}', { params: { path: { id } } });

type Open = { form: 'element'; element: Element | null } | { form: 'change'; which: Which; kind: ChangeKind };

export default function WireMapPage() {
  const may = useMay();
  const navigate = useNavigate();
  const locations = useLocations();
  const [search] = useSearchParams();
  const [selected, setSelected] = useState<readonly Element[]>([]);
  const [open, setOpen] = useState<Open | null>(null);
  const mayChange = may('POST /api/wire-map/change');
  const text = search.get('text') ?? '';
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name) ?? '']] : [])),
  );
  const isNarrowed = text !== '' || Object.keys(filters).length > 0;

  function change(id: string): void {
    const [scope = '', kind = ''] = id.split(':');
    const which = scope === 'all' ? { filter: filterOf(text, filters) } : { ids: selected.map((one) => one.id) };
    setOpen({ form: 'change', which, kind: kind as ChangeKind });
  }

  const changes = (scope: 'selected' | 'all', disabled: boolean) =>
    [
      { id: `${scope}:move`, text: texts.wireMap.move, disabled },
      { id: `${scope}:describe`, text: texts.wireMap.describe, disabled },
      { id: `${scope}:remove`, text: texts.wireMap.remove, disabled },
    ] as const;

  return (
    <>
      <DataTable<Element>
        title={texts.wireMap.title}
        description={texts.wireMap.description}
        usualSort="kind"
        listKey="wire-map"
        isSearchable
        hasPlainCells
        filterNames={FILTERS}
        filters={
          <>
            <Choice name="kind" label={texts.wireMap.anyKind} choices={kindNames} />
            <Choice name="locationId" label={texts.wireMap.anyLocation} choices={locations} isSearchable />
            <Choice name="unseenForDays" label={texts.wireMap.anyAge} choices={texts.wireMap.unseen} />
          </>
        }
        exportPath={({ text: wanted, filters: narrowed, sort }) =>
          pathWith('/api/wire-map/export', { ...filterOf(wanted, narrowed), sort })
        }
        itemKey={({ id }) => id}
        {...(mayChange && { selection: { items: selected, onChange: setSelected } })}
        read={async ({ start, max, text: wanted, filters: narrowed, sort }) => {
          const query = { start, max, ...filterOf(wanted, narrowed), ...sortedBy(sort) };
          const { data, response } = await api.GET('/api/wire-map', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ButtonDropdown
              items={[
                { id: '/wire-map/history', text: texts.wireMap.history },
                { id: '/wire-map/checks', text: texts.wireMap.checks },
                { id: '/wire-map/addresses', text: texts.wireMap.ranges },
              ]}
              onItemClick={({ detail }) => void navigate(detail.id)}
            >
              {texts.wireMap.more}
            </ButtonDropdown>
            {mayChange && (
              <ButtonDropdown
                disabled={selected.length === 0 && !isNarrowed}
                items={[
                  { text: texts.wireMap.selected, items: changes('selected', selected.length === 0) },
                  { text: texts.wireMap.matching, items: changes('all', !isNarrowed) },
                ]}
                onItemClick={({ detail }) => change(detail.id)}
              >
                {texts.wireMap.edit}
              </ButtonDropdown>
            )}
            {may('POST /api/wire-map/imports') && (
              <Button onClick={() => void navigate('/wire-map/import')}>{texts.wireMap.import}</Button>
            )}
            {may('POST /api/wire-map') && (
              <Button variant="primary" onClick={() => setOpen({ form: 'element', element: null })}>
                {texts.wireMap.add}
              </Button>
            )}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center">
            <SpaceBetween size="s">
              <Box>{texts.wireMap.empty}</Box>
              {may('POST /api/wire-map/imports') && (
                <Button onClick={() => void navigate('/wire-map/import')}>{texts.wireMap.emptyAction}</Button>
              )}
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: 'value',
            header: texts.wireMap.element,
            sort: 'value',
            isRowHeader: true,
            cell: ({ value, port }) => (port === '' ? value : `${value} · ${port}`),
          },
          { id: 'kind', header: texts.wireMap.kind, sort: 'kind', cell: ({ kind }) => texts.wireMap.kinds[kind] },
          {
            id: 'place',
            header: texts.wireMap.place,
            cell: ({ responseLocationName }) => responseLocationName ?? texts.wireMap.lostPlace,
          },
          { id: 'location', header: texts.wireMap.location, cell: ({ locationName }) => locationName ?? texts.unknown },
          { id: 'note', header: texts.wireMap.note, cell: ({ description }) => description },
          ...(mayChange
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
                  cell: (element: Element) => (
                    <div className="row-buttons">
                      <RowButton
                        icon="edit"
                        label={texts.wireMap.editOf(elementName(element))}
                        onClick={() => setOpen({ form: 'element', element })}
                      />
                      <RowButton
                        icon="remove"
                        label={texts.wireMap.removeOf(elementName(element))}
                        onClick={() => setOpen({ form: 'change', which: { ids: [element.id] }, kind: 'remove' })}
                      />
                    </div>
                  ),
                },
              ]
            : []),
        ]}
      />
      {open?.form === 'element' && open.element === null && (
        <ElementForm element={null} onClose={() => setOpen(null)} />
      )}
      {open?.form === 'element' && open.element !== null && (
        <Edited read={readElement(open.element.id)} onClose={() => setOpen(null)}>
          {(element) => <ElementForm element={element} onClose={() => setOpen(null)} />}
        </Edited>
      )}
      {open?.form === 'change' && (
        <ChangeMany
          which={open.which}
          kind={open.kind}
          onClose={(isDone) => {
            setOpen(null);
            if (isDone) setSelected([]);
          }}
        />
      )}
    </>
  );
}
