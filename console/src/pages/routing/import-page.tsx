import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { texts } from '../../texts/texts.ts';
import { ImportState } from '../wire-map/import-state.tsx';
import { BoundaryImportProgress } from './boundary-import-progress.tsx';

const said = texts.routing.imports;
/** Of seven days. */
const MOST_RECENT = 1_000;
const RECENT_PAGE = 10;
const DEFAULT_LAYER = 'default';

/** The file goes as it is, read from the disk as it is sent. */
const AS_IS = {
  headers: { 'content-type': 'application/octet-stream' },
  bodySerializer: (body: unknown) => body as BodyInit,
} as const;

function ChooseFile({ onStarted }: { onStarted: (id: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [layer, setLayer] = useState(DEFAULT_LAYER);
  const [skipFaulty, setSkipFaulty] = useState(false);
  const start = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/api/boundaries/imports', {
          ...AS_IS,
          params: { query: { layer: layer.trim(), dryRun: true, ...(skipFaulty && { skipFaulty }) } },
          body: file,
        })
      ).data,
    onSuccess: (job) => {
      if (job) onStarted(job.id);
    },
  });
  return (
    <Container header={<Header variant="h2">{said.file}</Header>}>
      <SpaceBetween size="m">
        <FormField label={said.file} description={said.fileHelp}>
          <FileUpload
            value={file ? [file] : []}
            showFileSize
            onChange={({ detail }) => {
              setFile(detail.value[0] ?? null);
              start.reset();
            }}
            i18nStrings={{
              uploadButtonText: () => texts.imports.choose,
              dropzoneText: () => texts.imports.drop,
              removeFileAriaLabel: () => texts.imports.removeFile,
              errorIconAriaLabel: texts.imports.error,
            }}
          />
        </FormField>
        <FormField label={said.layer} description={said.layerHelp}>
          <Input value={layer} onChange={({ detail }) => setLayer(detail.value)} />
        </FormField>
        <Checkbox
          checked={skipFaulty}
          description={said.skipFaultyHelp}
          onChange={({ detail }) => setSkipFaulty(detail.checked)}
        >
          {said.skipFaulty}
        </Checkbox>
        <ProblemAlert error={start.error} />
        <Button
          variant="primary"
          disabled={file === null || layer.trim() === ''}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {said.check}
        </Button>
      </SpaceBetween>
    </Container>
  );
}

/** What was imported lately, to be looked at again. */
function Recent() {
  const { data, error } = useQuery({
    queryKey: ['boundary-imports'],
    queryFn: async () =>
      (await api.GET('/api/boundaries/imports', { params: { query: { max: MOST_RECENT } } })).data?.items ?? [],
  });
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error} />
      <WholeTable
        name="boundary-imports"
        within="recent"
        title={said.recent}
        headerVariant="h2"
        pageSize={RECENT_PAGE}
        items={data ?? []}
        itemKey={({ id }) => id}
        empty={
          <WhenEmpty error={error}>
            <Box textAlign="center">{said.noneYet}</Box>
          </WhenEmpty>
        }
        columns={[
          {
            id: 'at',
            header: texts.imports.begun,
            isRowHeader: true,
            csv: ({ createdAt }) => createdAt,
            cell: ({ id, createdAt }) => (
              <PageLink to={`/routing/import?id=${id}`}>
                <Moment at={createdAt} />
              </PageLink>
            ),
          },
          { id: 'layer', header: said.layer, cell: ({ layer }) => layer },
          {
            id: 'state',
            header: texts.imports.state,
            csv: ({ state }) => texts.imports.states[state],
            cell: ({ state }) => <ImportState state={state} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

/** Takes a file of boundaries in: looked at first, then stored. Its id stands in the address bar: a reload goes on. */
export default function ImportPage() {
  const [search, setSearch] = useSearchParams();
  const id = search.get('id');
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={said.description}>
        {said.title}
      </Header>
      {id === null ? (
        <SpaceBetween size="l">
          <ChooseFile onStarted={(started) => setSearch({ id: started })} />
          <Recent />
        </SpaceBetween>
      ) : (
        <BoundaryImportProgress id={id} onAgain={() => setSearch({})} />
      )}
    </SpaceBetween>
  );
}
