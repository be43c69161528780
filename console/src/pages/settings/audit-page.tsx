import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { addressOf, api } from '../../api/client.ts';
import { useAddressBar } from '../../parts/address-bar.ts';
import { Choice } from '../../parts/choice.tsx';
import { Copied } from '../../parts/copied.tsx';
import { DataTable, type ListRequest, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { DAY_RANGE, DayRange } from '../../parts/day-range.tsx';
import { momentsOf } from '../../parts/days.ts';
import { useKnownNames } from '../../parts/known-names.ts';
import { Moment } from '../../parts/moment.tsx';
import { type TrailEntry as Entry, pageOfTrail } from '../../parts/trail-page.ts';
import { useTyped } from '../../parts/use-typed.ts';
import { useSession } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { entrySubject } from './entry-subject.ts';

const FILTERS = ['action', 'subject', 'actor', 'platform', ...DAY_RANGE];

/** What changes the list stands in the address bar. */
function TextFilter({ name, label }: { name: string; label: string }) {
  const [search, changeAddress] = useAddressBar();
  const [typed, setTyped] = useTyped(search.get(name) ?? '', (wanted) =>
    changeAddress({ [name]: wanted.trim(), before: '' }),
  );
  return (
    <Input
      type="search"
      value={typed}
      placeholder={label}
      ariaLabel={label}
      onChange={({ detail }) => setTyped(detail.value)}
    />
  );
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? ''));

/** Before and after side by side: what differs, and what is new or gone. */
function Values({ entry: { before, after, detail } }: { entry: Entry }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const cell = (values: Entry['before'], name: string) =>
    values === null || values[name] === undefined ? (
      <Box color="text-status-inactive">{texts.audit.nothing}</Box>
    ) : (
      <pre className="values">{shown(values[name])}</pre>
    );
  return (
    <SpaceBetween size="m">
      {names.length > 0 && (
        <Table
          variant="embedded"
          wrapLines
          items={names}
          columnDefinitions={[
            { id: 'name', header: texts.about.name, isRowHeader: true, cell: (name) => name },
            { id: 'before', header: texts.audit.before, cell: (name) => cell(before, name) },
            { id: 'after', header: texts.audit.after, cell: (name) => cell(after, name) },
          ]}
        />
      )}
      {Object.keys(detail).length > 0 && (
        <KeyValuePairs
          columns={2}
          items={Object.entries(detail).map(([label, value]) => ({
            label,
            value: <pre className="values">{shown(value)}</pre>,
          }))}
        />
      )}
    </SpaceBetween>
  );
}

function EntryView({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  return (
    <Modal visible size="large" header={entry.action} closeAriaLabel={texts.edit.close} onDismiss={onClose}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            { label: texts.audit.at, value: <Moment at={entry.at} /> },
            { label: texts.audit.subject, value: <Copied text={entry.subject} /> },
            {
              label: texts.audit.actor,
              value: entry.actorLabel === null ? entry.actor : `${entry.actorLabel} (${entry.actor})`,
            },
            {
              label: texts.audit.role,
              value: texts.roles[entry.actorRole as keyof typeof texts.roles] ?? entry.actorRole ?? texts.none,
            },
            { label: texts.audit.from, value: entry.remoteAddress ?? texts.unknown },
            {
              label: texts.audit.trackingId,
              value: entry.trackingId === null ? texts.none : <Copied text={entry.trackingId} />,
            },
          ]}
        />
        <Values entry={entry} />
      </SpaceBetween>
    </Modal>
  );
}

function queryOf({ filters, sort, text }: Pick<ListRequest, 'filters' | 'sort' | 'text'>) {
  const { action, subject, actor, platform } = filters;
  return {
    ...sortedBy(sort),
    ...(text !== '' && { text }),
    ...momentsOf(filters),
    ...(action !== undefined && { action }),
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    ...(platform === 'true' && { platform: true }),
  };
}

/** The append-only trail, with what stood before and after each change. */
export default function AuditPage() {
  const { role } = useSession();
  const named = useKnownNames();
  const [open, setOpen] = useState<Entry | null>(null);
  return (
    <>
      <DataTable<Entry>
        title={texts.audit.title}
        description={texts.audit.description}
        usualSort="-at"
        listKey="audit"
        isSearchable
        filterNames={FILTERS}
        filters={
          <>
            <TextFilter name="action" label={texts.audit.filterAction} />
            <TextFilter name="subject" label={texts.audit.filterSubject} />
            <TextFilter name="actor" label={texts.audit.filterActor} />
            <DayRange />
            {role === 'operator' && (
              <Choice name="platform" label={texts.audit.ofOrganization} choices={{ true: texts.audit.platform }} />
            )}
          </>
        }
        exportPath={(asked) => pathWith('/api/audit/export', { ...queryOf(asked), format: 'csv' })}
        actions={(asked) => (
          <Button
            iconName="download"
            href={addressOf(pathWith('/api/audit/export', { ...queryOf(asked), format: 'ndjson' }))}
            download
          >
            {texts.audit.exportJson}
          </Button>
        )}
        itemKey={({ sequence }) => sequence}
        read={async (asked) => {
          const { data, response } = await api.GET('/api/audit', {
            params: { query: { max: asked.max, ...pageOfTrail(asked), ...queryOf(asked) } },
          });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.audit.empty}</Box>}
        columns={[
          {
            id: 'at',
            header: texts.audit.at,
            sort: 'at',
            csv: ({ at }) => at,
            cell: ({ at }) => <Moment at={at} withAge />,
          },
          {
            id: 'action',
            header: texts.audit.action,
            csv: ({ action }) => action,
            isRowHeader: true,
            cell: (entry) => (
              <Link
                href="#"
                ariaLabel={texts.audit.show(`${entry.action} ${entry.sequence}`)}
                onFollow={(event) => {
                  event.preventDefault();
                  setOpen(entry);
                }}
              >
                {entry.action}
              </Link>
            ),
          },
          {
            id: 'subject',
            header: texts.audit.subject,
            csv: ({ subject }) => subject,
            cell: (entry) => entrySubject({ ...entry, subject: named(entry.subject) }),
          },
          { id: 'actor', header: texts.audit.actor, cell: ({ actor, actorLabel }) => actorLabel ?? actor },
          {
            id: 'role',
            header: texts.audit.role,
            cell: ({ actorRole }) => texts.roles[actorRole as keyof typeof texts.roles] ?? actorRole ?? texts.none,
          },
          { id: 'from', header: texts.audit.from, cell: ({ remoteAddress }) => remoteAddress ?? texts.unknown },
        ]}
      />
      {open && <EntryView entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}
