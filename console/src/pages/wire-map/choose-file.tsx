import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { texts } from '../../texts/texts.ts';
import { ErrorTable } from './import-findings.tsx';
import { ImportState } from './import-state.tsx';
import { readSample, type Sample } from './read-sample.ts';

const said = texts.imports;

type Report = paths['/api/wire-map/import']['post']['responses']['200']['content']['application/json'];
type Format = Report['format'];
type Field = keyof Report['columns'];

const FORMATS = Object.keys(said.formats) as Format[];
const FIELDS = Object.keys(said.fields) as Field[];

/** CSV goes as it is, not as JSON. */
const CSV = {
  headers: { 'content-type': 'text/csv' },
  bodySerializer: (body: unknown) => body as BodyInit,
} as const;

/** Column of the file (from 1) to what it holds. */
type Mapping = Readonly<Record<number, Field>>;

const mappingOf = (columns: Report['columns']): Mapping =>
  Object.fromEntries(Object.entries(columns).map(([field, place]) => [place, field as Field]));

const columnsText = (mapping: Mapping): string =>
  Object.entries(mapping)
    .map(([place, field]) => `${field}:${place}`)
    .join(',');

/** Which column holds what: as the platform reads it, until somebody says otherwise. */
function Columns({
  sample,
  mapping,
  onChange,
}: {
  sample: Sample;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}) {
  const ignored = { value: '', label: said.ignored };
  return (
    <Table
      variant="embedded"
      header={
        <Header variant="h3" description={said.columnsHelp}>
          {said.columns}
        </Header>
      }
      items={sample.header.map((name, index) => ({ name, place: index + 1 }))}
      trackBy={({ place }) => String(place)}
      columnDefinitions={[
        { id: 'name', header: said.column, cell: ({ name, place }) => name || `${place}`, isRowHeader: true },
        {
          id: 'sample',
          header: said.example,
          cell: ({ place }) => sample.rows.map((row) => row[place - 1] ?? '').filter(Boolean)[0] ?? '',
        },
        {
          id: 'field',
          header: said.holds,
          minWidth: 220,
          cell({ name, place }) {
            const field = mapping[place];
            return (
              <Select
                ariaLabel={said.holdsOf(name || `${place}`)}
                expandToViewport
                options={[ignored, ...FIELDS.map((one) => ({ value: one, label: said.fields[one] }))]}
                selectedOption={field ? { value: field, label: said.fields[field] } : ignored}
                onChange={({ detail }) => {
                  const chosen = FIELDS.find((one) => one === detail.selectedOption.value);
                  // A field stands in one column only.
                  const others = Object.entries(mapping).filter(
                    ([other, held]) => Number(other) !== place && held !== chosen,
                  );
                  onChange(Object.fromEntries(chosen ? [...others, [place, chosen]] : others));
                }}
              />
            );
          },
        },
      ]}
    />
  );
}

function Preview({ report }: { report: Report }) {
  const rows = [...report.added, ...report.changed.map(({ after }) => after)].slice(0, 5);
  return (
    <SpaceBetween size="m">
      {report.counts.errors > 0 && <ErrorTable errors={report.errors} count={report.counts.errors} isSample />}
      {rows.length > 0 && (
        <Table
          variant="embedded"
          header={<Header variant="h3">{said.readAs}</Header>}
          items={rows}
          columnDefinitions={[
            { id: 'kind', header: texts.wireMap.kind, cell: ({ kind }) => texts.wireMap.kinds[kind] },
            { id: 'value', header: texts.wireMap.value, cell: ({ value }) => value, isRowHeader: true },
            { id: 'port', header: texts.wireMap.port, cell: ({ port }) => port },
            { id: 'note', header: texts.wireMap.note, cell: ({ description }) => description },
          ]}
        />
      )}
      {rows.length === 0 && report.counts.errors === 0 && <Alert type="info">{said.sampleChangesNothing}</Alert>}
    </SpaceBetween>
  );
}

/** Of seven days. */
const MOST_RECENT = 1_000;
const RECENT_PAGE = 10;

/** What was imported lately, to be looked at again. */
function Recent() {
  const { data, error } = useQuery({
    queryKey: ['wire-map', 'imports'],
    queryFn: async () =>
      (await api.GET('/api/wire-map/imports', { params: { query: { max: MOST_RECENT } } })).data?.items ?? [],
  });
  if (error) return <ProblemAlert error={error} />;
  if (!data || data.length === 0) return null;
  return (
    <WholeTable
      name="wire-map-imports"
      within="recent"
      title={said.recent}
      headerVariant="h2"
      pageSize={RECENT_PAGE}
      items={data}
      itemKey={({ id }) => id}
      empty={texts.none}
      columns={[
        {
          id: 'at',
          header: said.begun,
          isRowHeader: true,
          csv: ({ createdAt }) => createdAt,
          cell: ({ id, createdAt }) => (
            <PageLink to={`/wire-map/import?id=${id}`}>
              <Moment at={createdAt} />
            </PageLink>
          ),
        },
        {
          id: 'state',
          header: said.state,
          csv: ({ state }) => said.states[state],
          cell: ({ state }) => <ImportState state={state} />,
        },
      ]}
    />
  );
}

export function ChooseFile({ onStarted }: { onStarted: (id: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<Format | ''>('');
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const [replace, setReplace] = useState(false);
  const query = {
    ...(format !== '' && { format }),
    ...(mapping && { columns: columnsText(mapping) }),
    ...(replace && { replace }),
  };
  const sample = useQuery({
    queryKey: ['wire-map', 'sample', file?.name, file?.size, file?.lastModified],
    enabled: file !== null,
    gcTime: 0,
    queryFn: () => readSample(file ?? new File([], '')),
  });
  const preview = useQuery({
    queryKey: ['wire-map', 'preview', sample.data?.text, format, mapping && columnsText(mapping)],
    enabled: sample.data !== undefined,
    gcTime: 0,
    retry: false,
    queryFn: async () =>
      (
        await api.POST('/api/wire-map/import', {
          ...CSV,
          params: { query: { dryRun: true, ...query, replace: false } },
          body: sample.data?.text ?? '',
        })
      ).data ?? null,
  });
  // The columns below say what the header does not.
  const isHeaderUnknown = preview.error instanceof ApiProblem && preview.error.status === 400;
  const start = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/api/wire-map/imports', {
          ...CSV,
          params: { query: { dryRun: true, ...query } },
          // The browser reads it from the disk as it sends it.
          body: file as unknown as string,
        })
      ).data,
    onSuccess: (job) => {
      if (job) onStarted(job.id);
    },
  });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{said.file}</Header>}>
        <SpaceBetween size="m">
          <FormField label={said.csv} description={said.csvHelp}>
            <FileUpload
              accept=".csv,text/csv"
              value={file ? [file] : []}
              showFileSize
              onChange={({ detail }) => {
                setFile(detail.value[0] ?? null);
                setMapping(null);
                start.reset();
              }}
              i18nStrings={{
                uploadButtonText: () => said.choose,
                dropzoneText: () => said.drop,
                removeFileAriaLabel: () => said.removeFile,
                errorIconAriaLabel: said.error,
              }}
            />
          </FormField>
          <FormField label={said.format}>
            <Select
              options={[
                { value: '', label: said.anyFormat },
                ...FORMATS.map((one) => ({ value: one, label: said.formats[one] })),
              ]}
              selectedOption={{ value: format, label: format === '' ? said.anyFormat : said.formats[format] }}
              onChange={({ detail }) => {
                setFormat(FORMATS.find((one) => one === detail.selectedOption.value) ?? '');
                setMapping(null);
              }}
            />
          </FormField>
          <Checkbox
            checked={replace}
            description={said.replaceHelp}
            onChange={({ detail }) => setReplace(detail.checked)}
          >
            {said.replace}
          </Checkbox>
        </SpaceBetween>
      </Container>
      {sample.data && (
        <Container
          header={
            <Header
              variant="h2"
              {...(preview.data && { description: said.readAsFormat(said.formats[preview.data.format]) })}
              {...(preview.isFetching && { info: <StatusIndicator type="loading">{texts.loading}</StatusIndicator> })}
            >
              {said.preview}
            </Header>
          }
        >
          <SpaceBetween size="l">
            <ProblemAlert error={sample.error ?? (isHeaderUnknown ? null : preview.error)} />
            {isHeaderUnknown && <Alert type="warning">{said.headerUnknown}</Alert>}
            <Columns
              sample={sample.data}
              mapping={mapping ?? (preview.data ? mappingOf(preview.data.columns) : {})}
              onChange={setMapping}
            />
            {preview.data && <Preview report={preview.data} />}
          </SpaceBetween>
        </Container>
      )}
      <ProblemAlert error={start.error} />
      <Box float="right">
        <Button
          variant="primary"
          disabled={!preview.data || preview.isFetching}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {said.check}
        </Button>
      </Box>
      <Recent />
    </SpaceBetween>
  );
}
