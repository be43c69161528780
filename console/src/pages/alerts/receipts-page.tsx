import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { ReceiptState } from '../../parts/call-status.tsx';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, type ListRequest, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { DAY_RANGE, DayRange } from '../../parts/day-range.tsx';
import { momentsOf } from '../../parts/days.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { SeverityBadge } from './alert-badges.tsx';
import type { Channel, Receipt, Severity } from './alert-types.ts';

const LOOK_AGAIN_MS = 10_000;
const FILTERS = ['state', 'channel', 'severity', 'incidentId', 'callId', ...DAY_RANGE] as const;
/** Not a state of one receipt: those that are tried again, and those that were given up. */
const TROUBLED = 'troubled';

type Filter = {
  state?: Receipt['state'];
  channel?: Channel;
  severity?: Severity;
  incidentId?: string;
  callId?: string;
  recipient?: string;
  from?: string;
  to?: string;
};

function readFilter(text: string, filters: Readonly<Record<string, string>>): Filter {
  const { state, from: _from, to: _to, ...others } = filters;
  const { since, until } = momentsOf(filters);
  return {
    ...(others as Filter),
    ...(state !== undefined && state !== TROUBLED && { state: state as Receipt['state'] }),
    ...(text !== '' && { recipient: text }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  };
}

/** What was sent to whom, what became of it, and sending it again. */
export default function ReceiptsPage() {
  const may = useMay();
  const [search] = useSearchParams();
  const [resending, setResending] = useState<Receipt | 'all' | null>(null);
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name) ?? '']] : [])),
  );
  const filter = readFilter(search.get('text') ?? '', filters);
  const mayResend = may('POST /api/alerts/actions/resend/invoke');
  return (
    <>
      <DataTable<Receipt>
        title={texts.receipts.title}
        description={texts.receipts.description}
        usualSort="-queuedAt"
        listKey="alerts"
        isSearchable
        filterNames={FILTERS}
        filters={
          <>
            <Choice
              name="state"
              label={texts.receipts.anyState}
              choices={{ [TROUBLED]: texts.receipts.troubled, ...texts.receipts.states }}
            />
            <Choice name="channel" label={texts.receipts.anyChannel} choices={texts.alerts.channels} />
            <Choice name="severity" label={texts.alerts.anySeverity} choices={texts.alerts.severities} />
            <DayRange />
          </>
        }
        exportPath={({ text, filters: asked, sort }: ListRequest) =>
          asked['state'] === TROUBLED ? null : pathWith('/api/alerts/export', { ...readFilter(text, asked), sort })
        }
        refreshMs={LOOK_AGAIN_MS}
        wrapLines
        itemKey={({ key }) => key}
        actions={
          mayResend && (
            <Button wrapText={false} onClick={() => setResending('all')}>
              {texts.receipts.resendMany}
            </Button>
          )
        }
        read={async ({ max, before, text, filters: asked, sort }) => {
          const query = {
            max,
            ...readFilter(text, asked),
            ...(before !== undefined && { before }),
            ...sortedBy(sort),
          };
          const { data, response } =
            asked['state'] === TROUBLED
              ? await api.GET('/api/alerts/troubled', { params: { query } })
              : await api.GET('/api/alerts', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.receipts.empty}</Box>}
        columns={[
          {
            id: 'recipient',
            header: texts.receipts.recipient,
            csv: ({ recipient, channel }) => `${recipient} (${texts.alerts.channels[channel]})`,
            isRowHeader: true,
            minWidth: 220,
            cell: ({ recipient, channel, reasons }) => (
              <>
                {recipient} <Badge>{texts.alerts.channels[channel]}</Badge>
                <Box color="text-body-secondary" fontSize="body-s">
                  {reasons.join('; ')}
                </Box>
              </>
            ),
          },
          {
            id: 'about',
            header: texts.receipts.about,
            csv: ({ kind }) => texts.receipts.kinds[kind as keyof typeof texts.receipts.kinds] ?? kind,
            minWidth: 150,
            cell: ({ kind, severity, incidentId }) => {
              const name = texts.receipts.kinds[kind as keyof typeof texts.receipts.kinds] ?? kind;
              return (
                <>
                  <SeverityBadge severity={severity} />{' '}
                  {incidentId === null ? name : <PageLink to={`/alerts/incidents/${incidentId}`}>{name}</PageLink>}
                </>
              );
            },
          },
          {
            id: 'state',
            header: texts.call.state,
            csv: ({ state, response, lastError }) =>
              [texts.receipts.states[state], state === 'accepted' ? response : lastError].filter(Boolean).join(': '),
            minWidth: 200,
            cell: ({ state, attempts, response, lastError }) => (
              <>
                <ReceiptState state={state} />
                <Box color="text-body-secondary" fontSize="body-s">
                  {state === 'accepted' ? response : lastError}
                  {attempts > 1 && ` ${texts.receipts.attempts(attempts)}`}
                </Box>
              </>
            ),
          },
          {
            id: 'when',
            header: texts.receipts.toldAt,
            sort: 'queuedAt',
            csv: ({ queuedAt }) => queuedAt,
            minWidth: 130,
            cell: ({ queuedAt }) => <Moment at={queuedAt} withAge />,
          },
          {
            id: 'tried',
            header: texts.receipts.lastTried,
            csv: ({ acceptedAt, lastAttemptAt }) => acceptedAt ?? lastAttemptAt ?? '',
            minWidth: 130,
            cell({ acceptedAt, lastAttemptAt }) {
              const at = acceptedAt ?? lastAttemptAt;
              return at === null ? texts.none : <Moment at={at} />;
            },
          },
          ...(mayResend
            ? [
                {
                  id: 'actions',
                  header: texts.actions,
                  csv: null,
                  cell: (receipt: Receipt) =>
                    receipt.canResend && (
                      <Button
                        variant="inline-link"
                        ariaLabel={`${texts.receipts.resend}: ${receipt.recipient}`}
                        onClick={() => setResending(receipt)}
                      >
                        {texts.receipts.resend}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {resending === 'all' && <ResendMany filter={filter} onClose={() => setResending(null)} />}
      {resending !== null && resending !== 'all' && (
        <ResendOne receipt={resending} onClose={() => setResending(null)} />
      )}
    </>
  );
}

function ResendOne({ receipt, onClose }: { receipt: Receipt; onClose: () => void }) {
  const client = useQueryClient();
  const notify = useNotify();
  const sending = useMutation({
    mutationFn: () => api.POST('/api/alerts/{key}/actions/resend/invoke', { params: { path: { key: receipt.key } } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ['alerts'] });
      notify({ type: 'success', content: texts.receipts.resent(1) });
      onClose();
    },
  });
  return (
    <FormModal
      title={texts.receipts.resend}
      action={texts.receipts.resend}
      isReady
      isPending={sending.isPending}
      error={sending.error}
      onSubmit={() => sending.mutate()}
      onClose={onClose}
    >
      <Box>{texts.receipts.resendHelp(receipt.recipient)}</Box>
    </FormModal>
  );
}

function ResendMany({ filter, onClose }: { filter: Filter; onClose: () => void }) {
  const client = useQueryClient();
  const notify = useNotify();
  const resend = async (dryRun: boolean) =>
    (await api.POST('/api/alerts/actions/resend/invoke', { params: { query: { ...filter, dryRun } } })).data;
  const plan = useQuery({ queryKey: ['alerts', 'resendable', filter], queryFn: () => resend(true) });
  const sending = useMutation({
    mutationFn: () => resend(false),
    async onSuccess(done) {
      await client.invalidateQueries({ queryKey: ['alerts'] });
      notify({ type: 'success', content: texts.receipts.resent(done?.count ?? 0) });
      onClose();
    },
  });
  const count = plan.data?.count ?? 0;
  return (
    <FormModal
      title={texts.receipts.resendMany}
      action={texts.receipts.resend}
      isPending={sending.isPending || plan.isPending}
      isReady={count > 0}
      error={plan.error ?? sending.error}
      onSubmit={() => sending.mutate()}
      onClose={onClose}
    >
      <Box>{plan.isPending ? texts.loading : texts.receipts.resendCount(count, plan.data?.left ?? 0)}</Box>
    </FormModal>
  );
}
