import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { CreateToken, RenameToken, ReplaceToken, RevokeToken } from './token-forms.tsx';

export type Token = paths['/api/tokens']['get']['responses']['200']['content']['application/json']['items'][number];
type ListQuery = NonNullable<paths['/api/tokens']['get']['parameters']['query']>;
type Asked = { what: 'create'; like?: Token } | { what: 'rotate' | 'rename' | 'revoke'; token: Token };

const STATE_TYPES = { active: 'success', expired: 'stopped', revoked: 'stopped' } as const;

function State({ state }: { state: string }) {
  const known = state as keyof typeof STATE_TYPES;
  return <StatusIndicator type={STATE_TYPES[known]}>{texts.tokens.states[known]}</StatusIndicator>;
}

const roleName = (role: string): string => texts.roles[role as keyof typeof texts.roles] ?? role;

/** Bearer tokens of the organization: made and replaced (shown once), renamed, revoked. */
export default function TokensPage() {
  const may = useMay();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const close = (): void => {
    setAsked(null);
    void client.invalidateQueries({ queryKey: ['tokens'] });
  };
  const show = (made: string): void => {
    close();
    setSecret(made);
  };
  return (
    <>
      <DataTable<Token>
        title={texts.tokens.title}
        description={texts.tokens.description}
        usualSort="createdAt"
        isSearchable
        listKey="tokens"
        filterNames={['role', 'state']}
        filters={
          <>
            <Choice name="role" label={texts.tokens.anyRole} choices={texts.roles} />
            <Choice name="state" label={texts.tokens.anyState} choices={texts.tokens.states} />
          </>
        }
        actions={
          may('POST /api/tokens') && (
            <Button variant="primary" onClick={() => setAsked({ what: 'create' })}>
              {texts.tokens.create}
            </Button>
          )
        }
        itemKey={({ id }) => id}
        read={async ({ start, max, text, filters, sort }) => {
          const { data, response } = await api.GET('/api/tokens', {
            params: {
              query: {
                start,
                max,
                ...(text !== '' && { text }),
                ...(filters as Pick<ListQuery, 'role' | 'state'>),
                ...sortedBy(sort),
              },
            },
          });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.tokens.empty}</Box>}
        columns={[
          { id: 'label', header: texts.tokens.name, sort: 'label', cell: ({ label }) => label, isRowHeader: true },
          { id: 'role', header: texts.tokens.role, sort: 'role', cell: ({ role }) => roleName(role) },
          {
            id: 'state',
            header: texts.tokens.state,
            csv: ({ state }) => texts.tokens.states[state as keyof typeof STATE_TYPES],
            cell: ({ state }) => <State state={state} />,
          },
          {
            id: 'created',
            header: texts.tokens.made,
            sort: 'createdAt',
            csv: ({ createdAt }) => createdAt,
            cell: ({ createdAt }) => <Moment at={createdAt} />,
          },
          {
            id: 'ends',
            header: texts.tokens.ends,
            sort: 'expiresAt',
            csv: ({ expiresAt }) => expiresAt ?? texts.tokens.never,
            cell: ({ expiresAt }) => (expiresAt === null ? texts.tokens.never : <Moment at={expiresAt} />),
          },
          {
            id: 'used',
            header: texts.tokens.used,
            sort: 'lastUsedAt',
            csv: ({ lastUsedAt }) => lastUsedAt ?? texts.tokens.unused,
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? texts.tokens.unused : <Moment at={lastUsedAt} withAge />),
          },
          ...(may('DELETE /api/tokens/{tokenId}')
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
                  cell: (token: Token) =>
                    token.state !== 'active' ? (
                      may('POST /api/tokens') && (
                        <Button
                          variant="inline-link"
                          ariaLabel={texts.tokens.makeLikeOf(token.label)}
                          onClick={() => setAsked({ what: 'create', like: token })}
                        >
                          {texts.tokens.makeLike}
                        </Button>
                      )
                    ) : (
                      <ButtonDropdown
                        variant="inline-icon"
                        expandToViewport
                        ariaLabel={texts.tokens.actions(token.label)}
                        items={[
                          { id: 'rotate', text: texts.tokens.rotate },
                          { id: 'rename', text: texts.tokens.rename },
                          { id: 'revoke', text: texts.tokens.revoke },
                        ]}
                        onItemClick={({ detail }) =>
                          setAsked({ what: detail.id as 'rotate' | 'rename' | 'revoke', token })
                        }
                      />
                    ),
                },
              ]
            : []),
        ]}
      />
      {asked?.what === 'create' && <CreateToken like={asked.like} onClose={close} onMade={show} />}
      {asked?.what === 'rotate' && <ReplaceToken token={asked.token} onClose={close} onMade={show} />}
      {asked?.what === 'rename' && <RenameToken token={asked.token} onClose={close} />}
      {asked?.what === 'revoke' && <RevokeToken token={asked.token} onClose={close} />}
      {secret !== null && <SecretOnce title={texts.tokens.newToken} secret={secret} onDone={() => setSecret(null)} />}
    </>
  );
}
