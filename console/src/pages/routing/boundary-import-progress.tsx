import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { ImportState } from '../wire-map/import-state.tsx';

type Job = paths['/api/boundaries/imports/{id}']['get']['responses']['200']['content']['application/json'];
type Report = NonNullable<Job['report']>;

const said = texts.routing.imports;
const LOOK_AGAIN_MS = 1_000;
const isUnderWay = ({ state }: Job): boolean => state === 'reading' || state === 'comparing' || state === 'applying';
const SEVERITIES = { error: 'error', warning: 'warning', note: 'info' } as const;

/** What is questionable in the file. */
function Findings({ lint }: { lint: Report['lint'] }) {
  return (
    <WholeTable
      name="findings"
      title={said.findings}
      headerVariant="h2"
      description={said.findingsHelp}
      items={lint.findings}
      itemKey={(finding) => String(lint.findings.indexOf(finding))}
      empty={<Box textAlign="center">{said.noFindings}</Box>}
      columns={[
        {
          id: 'severity',
          header: said.severity,
          csv: ({ severity }) => said.severities[severity],
          cell: ({ severity }) => (
            <StatusIndicator type={SEVERITIES[severity]}>{said.severities[severity]}</StatusIndicator>
          ),
        },
        {
          id: 'where',
          header: said.row,
          cell: ({ boundary, layer, row }) => [layer, row, boundary].filter(Boolean).join(' · '),
        },
        { id: 'message', header: said.finding, isRowHeader: true, cell: ({ message }) => message },
      ]}
    />
  );
}

function Ids({ title, ids, count }: { title: string; ids: readonly string[]; count: number }) {
  if (count === 0) return null;
  return (
    <ExpandableSection headerText={`${title} (${count.toLocaleString()})`}>
      <ul className="plain-list">
        {ids.map((id) => (
          <li key={id}>{id}</li>
        ))}
      </ul>
    </ExpandableSection>
  );
}

function Difference({ report }: { report: Report }) {
  const { counts, file } = report;
  return (
    <Container header={<Header variant="h2">{said.difference}</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={4}
          items={[
            { label: said.added, value: counts.added.toLocaleString() },
            { label: said.changed, value: counts.changed.toLocaleString() },
            { label: said.removed, value: counts.removed.toLocaleString() },
            { label: said.unchanged, value: counts.unchanged.toLocaleString() },
          ]}
        />
        <Ids title={said.added} ids={report.added} count={counts.added} />
        <Ids title={said.changed} ids={report.changed} count={counts.changed} />
        <Ids title={said.removed} ids={report.removed} count={counts.removed} />
        <Box color="text-body-secondary">
          {file.format}:{' '}
          {file.layers.map(({ name, rows, coordinateSystem }) => `${name} (${rows}, ${coordinateSystem})`).join('; ')}
        </Box>
      </SpaceBetween>
    </Container>
  );
}

/** How far an import is, what it found, and storing it. */
export function BoundaryImportProgress({ id, onAgain }: { id: string; onAgain: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const {
    data: job,
    error,
    isPending,
    refetch,
  } = useQuery({
    queryKey: ['boundary-imports', id],
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
    queryFn: async () => (await api.GET('/api/boundaries/imports/{id}', { params: { path: { id } } })).data,
  });
  const apply = useMutation({
    mutationFn: async (skipFaulty: boolean) =>
      (
        await api.POST('/api/boundaries/imports/{id}/apply', {
          params: { path: { id }, query: skipFaulty ? { skipFaulty } : {} },
        })
      ).data,
    onSuccess: () => client.invalidateQueries({ queryKey: ['boundary-imports'] }),
  });
  const undo = useMutation({
    mutationFn: async (layer: string) =>
      (await api.POST('/api/boundaries/{layer}/undo', { params: { path: { layer } }, body: {} })).data,
    onSuccess: async (done) => {
      await client.invalidateQueries({ queryKey: ['boundary-layers'] });
      if (job && done) {
        notify({ type: 'success', content: texts.routing.layers.restored(job.layer, done.restored, done.counts) });
      }
    },
  });
  if (isPending) return <Spinner size="large" />;
  if (!job) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  const { report, problem } = job;
  const errors = report?.lint.errors ?? 0;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={onAgain}>{said.again}</Button>
                {job.state === 'applied' && report?.revision !== null && (
                  <Button loading={undo.isPending} disabled={undo.isSuccess} onClick={() => undo.mutate(job.layer)}>
                    {said.undo}
                  </Button>
                )}
                {job.state === 'checked' && (
                  <Button variant="primary" loading={apply.isPending} onClick={() => apply.mutate(errors > 0)}>
                    {errors > 0 ? said.applyWithout(errors) : said.apply}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            {said.layerOf(job.layer)}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <div aria-live="polite">
            <ImportState state={job.state} />
          </div>
          {isUnderWay(job) && <ProgressBar value={job.percent} label={texts.imports.states[job.state]} />}
          <ProblemAlert error={apply.error ?? undo.error ?? error} />
          {problem !== null && (
            <Alert type="error" header={said.failed}>
              {problem.detail}
              <ul>
                {problem.fields.map(({ path, message }) => (
                  <li key={`${path} ${message}`}>
                    {path}: {message}
                  </li>
                ))}
              </ul>
            </Alert>
          )}
        </SpaceBetween>
      </Container>
      {report && <Difference report={report} />}
      {report && <Findings lint={report.lint} />}
    </SpaceBetween>
  );
}
