import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { useAddressBar } from '../../parts/address-bar.ts';
import { PageLink } from '../../parts/links.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { LocationRooms } from '../places/location-rooms.tsx';
import type { LocationItem } from '../places/place-types.ts';
import { ROOMS_AFRESH } from '../places/rooms-address.ts';
import { ChooseFile } from '../wire-map/choose-file.tsx';
import { ElementForm } from '../wire-map/element-form.tsx';
import { ImportProgress } from '../wire-map/import-progress.tsx';

const said = texts.onboarding.network;
const COUNTED = 100;
/** Imports that somebody has to do something about, or that go on. */
const WAITING: ReadonlySet<string> = new Set(['reading', 'comparing', 'checked', 'applying']);

/** Rooms, and what of the network is in them: by hand or from a file, whose import stands in the address bar. */
export function NetworkStep({ locations }: { locations: readonly LocationItem[] }) {
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const [, changeAddress] = useAddressBar();
  const [chosen, setChosen] = useState<string | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const location =
    locations.find(({ id }) => id === chosen) ?? locations.find(({ building }) => building !== null) ?? locations[0];
  const { data, error } = useQuery({
    queryKey: ['wire-map', 'onboarding'],
    queryFn: async () => {
      const answer = await api.GET('/api/wire-map', { params: { query: { max: COUNTED } } });
      return { count: answer.data?.items.length ?? 0, hasMore: answer.response.headers.has('link') };
    },
  });
  // Whoever left while a file was read, or before it was stored, goes on with it.
  const { data: waiting } = useQuery({
    queryKey: ['wire-map', 'imports', 'waiting'],
    queryFn: async () => {
      const last = (await api.GET('/api/wire-map/imports', { params: { query: { max: 1 } } })).data?.items[0];
      return last && WAITING.has(last.state) ? last : null;
    },
  });
  const imported = search.get('import');
  const setImported = (id: string | null): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (id === null) next.delete('import');
        else next.set('import', id);
        return next;
      },
      { replace: true },
    );
  // What one looked for in one location is not looked for in the next.
  const choose = (id: string): void => {
    changeAddress(ROOMS_AFRESH);
    setChosen(id);
  };
  return (
    <SpaceBetween size="l" className="in-order">
      {locations.length > 1 && (
        <FormField label={said.at}>
          <LocationSelect label={said.at} among={locations} value={location?.id ?? ''} onChange={choose} />
        </FormField>
      )}
      {location && <LocationRooms key={location.id} location={location} />}
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {may('POST /api/wire-map') && <Button onClick={() => setIsAdding(true)}>{said.byHand}</Button>}
                {may('POST /api/wire-map/imports') && (
                  <Button onClick={() => setImported(imported === null ? '' : null)} ariaExpanded={imported !== null}>
                    {imported === null ? said.byFile : said.hideFile}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            {said.elements}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <ProblemAlert error={error} />
          {data &&
            (data.count === 0 ? (
              <Alert type="info">{said.none}</Alert>
            ) : (
              <StatusIndicator>{said.mapped(data.count, data.hasMore)}</StatusIndicator>
            ))}
          {imported === null && waiting && (
            <Alert type="warning" action={<Button onClick={() => setImported(waiting.id)}>{said.lookAtImport}</Button>}>
              {said.importWaits(texts.imports.states[waiting.state])}
            </Alert>
          )}
          <PageLink to="/wire-map">{said.all}</PageLink>
        </SpaceBetween>
      </Container>
      {imported === '' && <ChooseFile onStarted={setImported} />}
      {imported !== null && imported !== '' && <ImportProgress id={imported} onAgain={() => setImported('')} />}
      {isAdding && <ElementForm element={null} onClose={() => setIsAdding(false)} />}
    </SpaceBetween>
  );
}
