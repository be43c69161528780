import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { ChangedTable, ErrorTable, ImportedTable, LintTable, lintCount, type Report } from './import-findings.tsx';
import { type ImportJob, ImportState } from './import-state.tsx';
import { useUndo } from './use-undo.ts';
import { wireMapChanged } from './wire-map-changed.ts';

const said = texts.imports;
const LOOK_AGAIN_MS = 700;

const isUnderWay = ({ state }: ImportJob): boolean =>
  state === 'reading' || state === 'comparing' || state === 'applying';

/** Names of the response locations that a difference names. */
function usePlaceNames(report: Report | null): (id: string) => string {
  const ids = new Set(
    (report?.changed ?? [])
      .filter(({ before, after }) => before.responseLocationId !== after.responseLocationId)
      .flatMap(({ before, after }) => [before.responseLocationId, after.responseLocationId]),
  );
  const { data } = useQuery({
    queryKey: ['response-locations', 'names'],
    enabled: ids.size > 0,
    staleTime: 60_000,
    queryFn: async () => {
      const { data: found } = await api.GET('/api/response-locations', { params: { query: { max: 1_000 } } });
      return new Map(((found?.items ?? []) as { id: string; name: string }[]).map(({ id, name }) => [id, name]));
    },
  });
  return (id) => data?.get(id) ?? id;
}

function Differences({ report }: { report: Report }) {
  const { counts, lint } = report;
  const nameOf = usePlaceNames(report);
  const label = (text: string, count: number): string => `${text} (${count.toLocaleString()})`;
  return (
    <Tabs
      tabs={[
        ...(counts.errors > 0
          ? [
              {
                id: 'errors',
                label: label(said.errors, counts.errors),
                content: <ErrorTable errors={report.errors} count={counts.errors} />,
              },
            ]
          : []),
        {
          id: 'added',
          label: label(said.added, counts.added),
          content: <ImportedTable name="import-added" title={said.added} items={report.added} count={counts.added} />,
        },
        {
          id: 'changed',
          label: label(said.changed, counts.changed),
          content: <ChangedTable items={report.changed} count={counts.changed} nameOf={nameOf} />,
        },
        {
          id: 'removed',
          label: label(said.removed, counts.removed),
          content: (
            <ImportedTable name="import-removed" title={said.removed} items={report.removed} count={counts.removed} />
          ),
        },
        { id: 'lint', label: label(said.lint, lintCount(lint)), content: <LintTable lint={lint} /> },
      ]}
    />
  );
}

function Verdict({ job, report }: { job: ImportJob; report: Report }) {
  const { counts } = report;
  const changes = counts.added + counts.changed + counts.removed;
  if (counts.errors > 0) return <Alert type="error">{said.hasErrors(counts.errors)}</Alert>;
  if (job.state === 'applied') return <Alert type="success">{said.isApplied}</Alert>;
  if (changes === 0) return <Alert type="info">{said.nothingNew}</Alert>;
  if (counts.removed > 0) return <Alert type="warning">{said.removesSome(counts.removed)}</Alert>;
  return <Alert type="info">{said.isChecked}</Alert>;
}

/** The button that takes an import back, as long as nothing came after it. */
function UndoImport({ report }: { report: Report }) {
  const undo = useUndo();
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['wire-map', 'versions', 'last'],
    queryFn: async () =>
      (await api.GET('/api/wire-map/versions', { params: { query: { max: 1 } } })).data?.items[0] ?? null,
  });
  const { revision } = report;
  if (revision === null || data?.revision !== revision || !may('POST /api/wire-map/undo')) return null;
  return <Button onClick={() => undo(revision)}>{said.undo}</Button>;
}

/** An import that runs on the server: how far it is, what it found, and storing it. */
export function ImportProgress({ id, onAgain }: { id: string; onAgain: () => void }) {
  const may = useMay();
  const navigate = useNavigate();
  const client = useQueryClient();
  const key = ['wire-map', 'import', id];
  const {
    data: job,
    error,
    refetch,
  } = useQuery({
    queryKey: key,
    queryFn: async () => (await api.GET('/api/wire-map/imports/{id}', { params: { path: { id } } })).data ?? null,
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
  });
  const apply = useMutation({
    mutationFn: async () => (await api.POST('/api/wire-map/imports/{id}/apply', { params: { path: { id } } })).data,
    onSuccess: async (started) => {
      client.setQueryData(key, started);
      await refetch();
    },
  });
  const wasState = useRef(job?.state);
  useEffect(() => {
    // What is stored now shows up wherever the wire map is shown.
    if (job?.state === 'applied' && wasState.current !== 'applied') {
      void wireMapChanged(client);
    }
    wasState.current = job?.state;
  }, [job?.state, client]);
  if (!job) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Spinner size="large" />;
  const { report, problem } = job;
  const changes = report ? report.counts.added + report.counts.changed + report.counts.removed : 0;
  const canApply = job.state === 'checked' && report?.counts.errors === 0 && changes > 0;
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={apply.error ?? error} />
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {!isUnderWay(job) && <Button onClick={onAgain}>{said.again}</Button>}
                {job.state === 'applied' && (
                  <Button variant="primary" onClick={() => void navigate('/wire-map')}>
                    {said.toWireMap}
                  </Button>
                )}
                {job.state === 'applied' && report && <UndoImport report={report} />}
                {canApply && may('POST /api/wire-map/imports/{id}/apply') && (
                  <Button variant="primary" loading={apply.isPending} onClick={() => apply.mutate()}>
                    {said.apply}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            <ImportState state={job.state} />
          </Header>
        }
      >
        <SpaceBetween size="m">
          {isUnderWay(job) && (
            <ProgressBar value={job.percent} label={said.states[job.state]} description={said.goesOn} />
          )}
          {problem && (
            <Alert type="error" header={problem.detail}>
              <ul>
                {problem.fields.slice(0, 100).map(({ path, message }) => (
                  <li key={`${path} ${message}`}>
                    {path}: {message}
                  </li>
                ))}
              </ul>
            </Alert>
          )}
          {report && <Verdict job={job} report={report} />}
          {report && (
            <KeyValuePairs
              columns={4}
              items={[
                {
                  label: said.added,
                  value: <Box variant="awsui-value-large">{report.counts.added.toLocaleString()}</Box>,
                },
                {
                  label: said.changed,
                  value: <Box variant="awsui-value-large">{report.counts.changed.toLocaleString()}</Box>,
                },
                {
                  label: said.removed,
                  value: <Box variant="awsui-value-large">{report.counts.removed.toLocaleString()}</Box>,
                },
                {
                  label: said.unchanged,
                  value: <Box variant="awsui-value-large">{report.counts.unchanged.toLocaleString()}</Box>,
                },
              ]}
            />
          )}
        </SpaceBetween>
      </Container>
      {report && (
        <Container>
          <Differences key={job.state} report={report} />
        </Container>
      )}
    </SpaceBetween>
  );
}
