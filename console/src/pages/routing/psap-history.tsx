import Box from '@cloudscape-design/components/box';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import type { Psap } from './psaps-page.tsx';

const said = texts.routing.psaps;

type Values = Readonly<Record<string, unknown>>;

const valuesOf = (state: unknown): Values => (typeof state === 'object' && state !== null ? (state as Values) : {});
const shown = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return texts.none;
  if (Array.isArray(value)) return value.length === 0 ? texts.none : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** What differs between two states, when it changed aside. */
function differences(before: Values, after: Values): { name: string; from: string; to: string }[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => name !== 'updatedAt' && name !== 'id')
    .map((name) => ({ name, from: shown(before[name]), to: shown(after[name]) }))
    .filter(({ from, to }) => from !== to);
}

/** Every change of a PSAP: when, by whom, what it was before. */
export function PsapHistory({ psap, onClose }: { psap: Psap; onClose: () => void }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['psaps', psap.id, 'history'],
    queryFn: async () =>
      (await api.GET('/api/psaps/{id}/history', { params: { path: { id: psap.id } } })).data?.items ?? [],
  });
  return (
    <Modal
      visible
      closeAriaLabel={texts.edit.close}
      size="large"
      header={said.historyOf(psap.name)}
      onDismiss={onClose}
    >
      <ProblemAlert error={error} />
      {isPending && <Spinner />}
      <SpaceBetween size="l">
        {(data ?? []).map(({ sequence, at, actor, actorRole, before, after }) => (
          <section key={sequence}>
            <Box variant="h3">
              <Moment at={at} />
            </Box>
            <Box color="text-body-secondary">
              {said.by(actor, texts.roles[actorRole as keyof typeof texts.roles] ?? actorRole ?? '')}
            </Box>
            <ul>
              {differences(valuesOf(before), valuesOf(after)).map(({ name, from, to }) => (
                <li key={name}>
                  {said.fields[name as keyof typeof said.fields] ?? name}: {from} → {to}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </SpaceBetween>
    </Modal>
  );
}
