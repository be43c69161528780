import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { RecipientImport } from './alert-types.ts';

const SHOWN = 50;

async function importFile(file: File, dryRun: boolean): Promise<RecipientImport | undefined> {
  const body = await file.text();
  const { data } = await api.POST('/api/alert-recipients/import', {
    params: { query: { dryRun } },
    body,
    bodySerializer: (text: string) => text,
    headers: { 'content-type': 'text/csv' },
  });
  return data;
}

/** Recipients from a file: first what would change, then all of it or nothing. */
export function ImportRecipients({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const notify = useNotify();
  const [file, setFile] = useState<File | null>(null);
  const planning = useMutation({ mutationFn: (chosen: File) => importFile(chosen, true) });
  const importing = useMutation({
    mutationFn: (chosen: File) => importFile(chosen, false),
    async onSuccess(done) {
      await client.invalidateQueries({ queryKey: ['alert-recipients'] });
      const { added = 0, changed = 0 } = done?.counts ?? {};
      notify({ type: 'success', content: texts.recipients.imported(added, changed) });
      onClose();
    },
  });
  const plan = planning.data;
  const changes = plan === undefined ? 0 : plan.counts.added + plan.counts.changed;
  return (
    <FormModal
      title={texts.recipients.import}
      action={plan === undefined ? texts.recipients.import : texts.recipients.importCount(changes)}
      isPending={importing.isPending || planning.isPending}
      isReady={file !== null && changes > 0 && plan?.counts.errors === 0}
      error={planning.error ?? importing.error}
      onSubmit={() => file !== null && importing.mutate(file)}
      onClose={onClose}
    >
      <FormField label={texts.recipients.file} description={texts.recipients.fileHelp}>
        <FileUpload
          accept=".csv,text/csv"
          value={file === null ? [] : [file]}
          showFileSize
          i18nStrings={{
            uploadButtonText: () => texts.recipients.chooseFile,
            dropzoneText: () => texts.recipients.dropFile,
            removeFileAriaLabel: () => texts.remove(file?.name ?? ''),
            limitShowFewer: '',
            limitShowMore: '',
            errorIconAriaLabel: texts.problem.title,
          }}
          onChange={({ detail }) => {
            const [chosen = null] = detail.value;
            setFile(chosen);
            planning.reset();
            if (chosen !== null) planning.mutate(chosen);
          }}
        />
      </FormField>
      {plan !== undefined && (
        <Alert type={plan.counts.errors > 0 ? 'error' : 'info'}>
          {plan.counts.errors > 0 ? texts.recipients.faulty(plan.counts.errors) : texts.recipients.plan(plan.counts)}
        </Alert>
      )}
      {plan !== undefined && plan.errors.length > 0 && (
        <WholeTable
          name="recipients-errors"
          within={null}
          title={texts.recipients.fault}
          variant="embedded"
          items={plan.errors}
          itemKey={(error) => String(plan.errors.indexOf(error))}
          empty={texts.none}
          columns={[
            { id: 'line', header: texts.recipients.line, cell: ({ line }) => line, isRowHeader: true },
            { id: 'column', header: texts.recipients.column, cell: ({ column }) => column },
            { id: 'message', header: texts.recipients.fault, cell: ({ message }) => message },
          ]}
        />
      )}
      {plan !== undefined && plan.counts.errors === 0 && plan.changed.length > 0 && (
        <Box fontSize="body-s">
          {plan.changed.slice(0, SHOWN).map(({ id, name, fields }) => (
            <div key={id}>
              {name}: {fields.join(', ')}
            </div>
          ))}
        </Box>
      )}
    </FormModal>
  );
}
