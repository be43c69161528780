import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { Edited } from '../../parts/edited.tsx';
import { PageLink } from '../../parts/links.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { Connection } from './alert-types.ts';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionTest } from './connection-test.tsx';
import { RemoveNamed } from './remove-named.tsx';
import { RotateSecret } from './rotate-secret.tsx';

const LISTS = ['alert-connections'] as const;

type Doing =
  | { what: 'add' }
  | { what: 'edit' | 'test' | 'rotate' | 'remove'; connection: Connection }
  | { what: 'secret'; name: string; secret: string };

function Standing({ connection: { isEnabled, disabledReason } }: { connection: Connection }) {
  if (isEnabled) return <StatusIndicator type="success">{texts.connections.on}</StatusIndicator>;
  return (
    <>
      <StatusIndicator type={disabledReason === null ? 'stopped' : 'error'}>{texts.connections.off}</StatusIndicator>
      {disabledReason !== null && (
        <Box color="text-body-secondary" fontSize="body-s">
          {disabledReason}
        </Box>
      )}
    </>
  );
}

/** Webhooks, SMS gateways and chat rooms: set up, tried out, switched off. */
export default function ConnectionsPage() {
  const may = useMay();
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = (): void => setDoing(null);
  const showSecret = (name: string, secret: string): void => setDoing({ what: 'secret', name, secret });
  const mayWrite = may('PATCH /api/alert-connections/{id}');
  return (
    <>
      <DataTable<Connection>
        title={texts.connections.title}
        description={texts.connections.description}
        usualSort="name"
        listKey="alert-connections"
        isSearchable
        filterNames={['kind']}
        filters={<Choice name="kind" label={texts.connections.anyKind} choices={texts.connections.kinds} />}
        wrapLines
        itemKey={({ id }) => id}
        actions={
          may('POST /api/alert-connections') && (
            <Button variant="primary" wrapText={false} onClick={() => setDoing({ what: 'add' })}>
              {texts.connections.add}
            </Button>
          )
        }
        read={async ({ start, max, text, filters, sort }) => {
          const query = {
            start,
            max,
            ...(text !== '' && { text }),
            ...(filters as { kind?: Connection['kind'] }),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/alert-connections', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.connections.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.recipients.name,
            sort: 'name',
            csv: ({ name, settings: { url } }) => `${name}, ${url}`,
            isRowHeader: true,
            cell: ({ name, settings: { url } }) => (
              <>
                {name}
                <Box color="text-body-secondary" fontSize="body-s">
                  {url}
                </Box>
              </>
            ),
          },
          {
            id: 'kind',
            header: texts.connections.kind,
            sort: 'kind',
            cell: (connection) =>
              connection.kind === 'chat'
                ? texts.connections.flavours[connection.settings.flavour]
                : texts.connections.kinds[connection.kind],
          },
          {
            id: 'state',
            header: texts.rules.state,
            sort: 'isEnabled',
            csv: ({ isEnabled, disabledReason }) =>
              [isEnabled ? texts.connections.on : texts.connections.off, disabledReason].filter(Boolean).join(': '),
            cell: (connection) => <Standing connection={connection} />,
          },
          {
            id: 'used',
            header: texts.connections.usedBy,
            csv: null,
            cell: ({ id }) => (
              <PageLink to={`/alerts/recipients?connectionId=${id}`}>{texts.connections.showRecipients}</PageLink>
            ),
          },
          ...(mayWrite
            ? [
                {
                  id: 'actions',
                  header: texts.actions,
                  csv: null,
                  cell: (connection: Connection) => (
                    <SpaceBetween direction="horizontal" size="xs">
                      <Button
                        wrapText={false}
                        ariaLabel={`${texts.connections.test}: ${connection.name}`}
                        onClick={() => setDoing({ what: 'test', connection })}
                      >
                        {texts.connections.test}
                      </Button>
                      <ButtonDropdown
                        variant="icon"
                        expandToViewport
                        ariaLabel={`${texts.actions}: ${connection.name}`}
                        items={[
                          { id: 'edit', text: texts.change },
                          ...(connection.kind === 'webhook' ? [{ id: 'rotate', text: texts.connections.rotate }] : []),
                          { id: 'remove', text: texts.removeIt },
                        ]}
                        onItemClick={({ detail }) =>
                          setDoing({ what: detail.id as 'edit' | 'rotate' | 'remove', connection })
                        }
                      />
                    </SpaceBetween>
                  ),
                },
              ]
            : []),
        ]}
      />
      {doing?.what === 'add' && <ConnectionForm connection={null} onClose={close} onSecret={showSecret} />}
      {doing?.what === 'edit' && (
        <Edited
          read={() => api.GET('/api/alert-connections/{id}', { params: { path: { id: doing.connection.id } } })}
          onClose={close}
        >
          {(connection) => <ConnectionForm connection={connection} onClose={close} onSecret={showSecret} />}
        </Edited>
      )}
      {doing?.what === 'test' && <ConnectionTest connection={doing.connection} onClose={close} />}
      {doing?.what === 'rotate' && <RotateSecret connection={doing.connection} onClose={close} onSecret={showSecret} />}
      {doing?.what === 'secret' && (
        <SecretOnce title={texts.connections.secretOf(doing.name)} secret={doing.secret} onDone={close} />
      )}
      {doing?.what === 'remove' && (
        <RemoveNamed
          id={doing.connection.id}
          name={doing.connection.name}
          help={texts.connections.removeHelp}
          lists={LISTS}
          canForce={false}
          to="/alerts/connections"
          remove={async () => {
            await api.DELETE('/api/alert-connections/{id}', { params: { path: { id: doing.connection.id } } });
            close();
          }}
          onClose={close}
        />
      )}
    </>
  );
}
