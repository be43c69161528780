import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

const said = texts.routing.registry;
const EARLIER_PAGE = 5;
const MOST_EARLIER = 100;

const AS_IS = {
  headers: { 'content-type': 'application/octet-stream' },
  bodySerializer: (body: unknown) => body as BodyInit,
} as const;

/** Imports a PSAP registry after it has been shown what that changes, and goes back to an earlier one. */
export function ImportRegistry({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = async (dryRun: boolean) =>
    (await api.POST('/api/psap-registry/imports', { ...AS_IS, params: { query: { dryRun } }, body: file })).data;
  const changed = (): Promise<unknown> =>
    Promise.all(
      ['psap-worklist', 'psap-registry', 'explain-route', 'route-standings'].map((key) =>
        client.invalidateQueries({ queryKey: [key] }),
      ),
    );
  const preview = useQuery({
    queryKey: ['psap-registry', 'preview', file?.name, file?.size, file?.lastModified],
    enabled: file !== null,
    gcTime: 0,
    retry: false,
    queryFn: () => send(true),
  });
  const store = useMutation({
    mutationFn: () => send(false),
    onSuccess: async () => {
      await changed();
      notify({ type: 'success', content: said.imported });
      onClose();
    },
  });
  const earlier = useQuery({
    queryKey: ['psap-registry', 'imports'],
    queryFn: async () =>
      (await api.GET('/api/psap-registry/imports', { params: { query: { max: MOST_EARLIER } } })).data?.items ?? [],
  });
  const restore = useMutation({
    mutationFn: async (id: string) => api.POST('/api/psap-registry/imports/{id}/restore', { params: { path: { id } } }),
    onSuccess: async () => {
      await changed();
      notify({ type: 'success', content: said.restored });
      onClose();
    },
  });
  const report = preview.data;
  return (
    <FormModal
      title={said.title}
      action={said.import}
      error={preview.error ?? store.error ?? restore.error}
      isReady={report !== undefined && !preview.isFetching}
      isPending={store.isPending}
      onSubmit={() => store.mutate()}
      onClose={onClose}
    >
      <FormField label={said.file} description={said.fileHelp}>
        <FileUpload
          accept=".xlsx,.csv"
          value={file ? [file] : []}
          showFileSize
          onChange={({ detail }) => setFile(detail.value[0] ?? null)}
          i18nStrings={{
            uploadButtonText: () => texts.imports.choose,
            dropzoneText: () => texts.imports.drop,
            removeFileAriaLabel: () => texts.imports.removeFile,
            errorIconAriaLabel: texts.imports.error,
          }}
        />
      </FormField>
      {report && (
        <>
          <KeyValuePairs
            columns={4}
            items={[
              { label: said.added, value: report.counts.added },
              { label: said.changed, value: report.counts.changed },
              { label: said.removed, value: report.counts.removed },
              { label: said.ambiguous, value: report.boundaries['several'] ?? 0 },
            ]}
          />
          {report.newlyToRelay.length > 0 && (
            <Alert type="warning">{said.newlyToRelay(report.newlyToRelay.length)}</Alert>
          )}
        </>
      )}
      <ProblemAlert error={earlier.error} />
      {earlier.data !== undefined && earlier.data.length > 0 && (
        <WholeTable
          name="registry-imports"
          within={null}
          title={said.earlier}
          headerVariant="h3"
          variant="embedded"
          pageSize={EARLIER_PAGE}
          items={earlier.data}
          itemKey={({ id }) => id}
          empty={texts.none}
          columns={[
            {
              id: 'at',
              header: said.at,
              isRowHeader: true,
              csv: ({ importedAt }) => importedAt,
              cell: ({ importedAt }) => <Moment at={importedAt} />,
            },
            { id: 'title', header: said.name, cell: ({ title, entryCount }) => `${title} (${entryCount})` },
            {
              id: 'back',
              header: texts.actions,
              csv: null,
              cell: ({ id, isKept }) => (
                <Button
                  formAction="none"
                  variant="inline-link"
                  disabled={!isKept}
                  loading={restore.isPending && restore.variables === id}
                  onClick={() => restore.mutate(id)}
                >
                  {said.goBack}
                </Button>
              ),
            },
          ]}
        />
      )}
    </FormModal>
  );
}
