import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { DataTable, type ListRequest, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { MapView } from '../../parts/map-view.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Standing, standingText } from '../../parts/standing.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { AddressLevel, levelText } from './address-level.tsx';
import { LocationForm } from './location-form.tsx';
import { addressLine, type LocationItem, type ResponseLocation } from './place-types.ts';

const VIEWS = ['locations', 'rooms', 'map'] as const;
type View = (typeof VIEWS)[number];

/** As many as a page of the API holds. */
const AT_ONCE = 1_000;
const MOST_ON_MAP = 10_000;
const PAGES_AT_ONCE = 4;
const MAP_HEIGHT = 620;

function toneOf({ standing }: LocationItem): 'good' | 'warning' | 'bad' | 'neutral' {
  if (standing.exempt || standing.optedOut) return 'neutral';
  if (standing.routingEnabled) return 'good';
  return standing.testCallsEnabled ? 'warning' : 'bad';
}

async function readAllLocations(): Promise<LocationItem[]> {
  const all: LocationItem[] = [];
  // The first tells whether there are more; some at once do not wait for each other's way.
  for (let start = 0, pages = 1; start < MOST_ON_MAP; start += pages * AT_ONCE, pages = PAGES_AT_ONCE) {
    const starts = Array.from({ length: pages }, (_, page) => start + page * AT_ONCE).filter(
      (one) => one < MOST_ON_MAP,
    );
    const answers = await Promise.all(
      starts.map((one) => api.GET('/api/locations', { params: { query: { start: one, max: AT_ONCE } } })),
    );
    for (const { data } of answers) all.push(...(data?.items ?? []));
    if ((answers.at(-1)?.data?.items.length ?? 0) < AT_ONCE) break;
  }
  return all;
}

function AddLocation() {
  const may = useMay();
  const navigate = useNavigate();
  const [isAdding, setIsAdding] = useState(false);
  if (!may('POST /v1/locations')) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setIsAdding(true)}>
        {texts.sites.add}
      </Button>
      {isAdding && <LocationForm onClose={() => setIsAdding(false)} onDone={(id) => void navigate(`/places/${id}`)} />}
    </>
  );
}

function Locations() {
  return (
    <DataTable<LocationItem>
      title={texts.sites.title}
      description={texts.sites.description}
      listKey="locations"
      isSearchable
      itemKey={({ id }) => id}
      usualSort="name"
      read={async ({ start, max, text, sort }) => {
        const { data, response } = await api.GET('/api/locations', {
          params: { query: { start, max, ...(text !== '' && { text }), ...sortedBy(sort) } },
        });
        return listPage(data?.items ?? [], response);
      }}
      actions={<AddLocation />}
      empty={<Box textAlign="center">{texts.sites.empty}</Box>}
      columns={[
        {
          id: 'name',
          header: texts.sites.name,
          sort: 'name',
          csv: ({ name }) => name,
          isRowHeader: true,
          cell: ({ id, name }) => <PageLink to={`/places/${id}`}>{name}</PageLink>,
        },
        {
          id: 'standing',
          header: texts.sites.emergencyCalls,
          csv: ({ standing }) => standingText(standing),
          cell: ({ standing }) => <Standing standing={standing} />,
        },
        {
          id: 'next',
          header: texts.sites.next,
          cell: ({ standing }) => {
            const [next] = standing.exempt ? [] : standing.missing;
            return next === undefined ? texts.none : texts.home.stages[next];
          },
        },
        {
          id: 'address',
          header: texts.sites.address,
          sort: 'address',
          cell: ({ postalAddress }) => addressLine(postalAddress),
        },
        {
          id: 'level',
          header: texts.sites.addressLevel,
          sort: 'level',
          csv: ({ addressCheck, standing }) =>
            standing.exempt ? texts.none : addressCheck === null ? texts.address.unchecked : levelText(addressCheck),
          cell: ({ addressCheck, standing }) => (standing.exempt ? texts.none : <AddressLevel check={addressCheck} />),
        },
        {
          id: 'rooms',
          header: texts.sites.rooms,
          sort: 'rooms',
          cell: ({ building, responseLocations }) => (building === null ? texts.sites.noBuilding : responseLocations),
        },
      ]}
    />
  );
}

function Rooms() {
  const locations = useLocations();
  const may = useMay();
  return (
    <DataTable<ResponseLocation>
      title={texts.rooms.title}
      description={texts.rooms.description}
      listKey="response-locations"
      isSearchable
      itemKey={({ id }) => id}
      usualSort="name"
      read={async ({ start, max, text, sort }) => {
        const { data, response } = await api.GET('/api/response-locations', {
          params: { query: { start, max, ...(text !== '' && { text }), ...sortedBy(sort) } },
        });
        return listPage(data?.items ?? [], response);
      }}
      {...(may('GET /api/response-locations/export') && {
        exportPath: ({ text, sort }: ListRequest) =>
          pathWith('/api/response-locations/export', { text: text || undefined, sort }),
      })}
      empty={<Box textAlign="center">{texts.rooms.emptyAll}</Box>}
      columns={[
        { id: 'name', header: texts.rooms.name, sort: 'name', isRowHeader: true, cell: ({ name }) => name },
        {
          id: 'location',
          header: texts.rooms.location,
          sort: 'location',
          csv: ({ locationId }) => locations[locationId],
          cell: ({ locationId }) => (
            <PageLink to={`/places/${locationId}`}>{locations[locationId] ?? texts.rooms.openLocation}</PageLink>
          ),
        },
        { id: 'floor', header: texts.rooms.floor, sort: 'floor', cell: ({ detail }) => detail['FLR'] ?? texts.none },
        {
          id: 'room',
          header: texts.rooms.room,
          sort: 'room',
          cell: ({ detail }) => detail['ROOM'] ?? detail['LOC'] ?? texts.none,
        },
        {
          id: 'elins',
          header: texts.rooms.elins,
          csv: ({ elins }) => elins.join(' '),
          cell: ({ elins }) =>
            elins.length === 0 ? texts.none : elins.map((elin) => <Badge key={elin}>{elin}</Badge>),
        },
        {
          id: 'alerts',
          header: texts.rooms.alertEmails,
          cell: ({ alertEmails }) => alertEmails.join(', ') || texts.none,
        },
      ]}
    />
  );
}

function PlacesMap() {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['locations', 'map'], queryFn: readAllLocations });
  const placed = (data ?? []).filter(({ position }) => position !== undefined);
  const left = (data?.length ?? 0) - placed.length;
  return (
    <Container
      header={
        <Header
          variant="h1"
          actions={<AddLocation />}
          description={isPending ? texts.loading : texts.sites.onMap(placed.length, left)}
        >
          {texts.sites.map}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={error} onRetry={() => void refetch()} />
        <MapView
          label={texts.sites.map}
          heightPixels={MAP_HEIGHT}
          isTall
          places={placed.flatMap((location) =>
            location.position === undefined
              ? []
              : [{ id: location.id, name: location.name, position: location.position, tone: toneOf(location) }],
          )}
          onOpen={(id) => void navigate(`/places/${id}`)}
        />
        <Box color="text-body-secondary" fontSize="body-s">
          {texts.sites.mapHelp}
        </Box>
      </SpaceBetween>
    </Container>
  );
}

/** Locations and what is in them: as tables with search, and on the map. */
export default function PlacesPage() {
  const [search, setSearch] = useSearchParams();
  const view: View = VIEWS.find((one) => one === search.get('view')) ?? 'locations';
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={texts.sites.views}
        selectedId={view}
        options={VIEWS.map((id) => ({ id, text: texts.sites.viewNames[id] }))}
        onChange={({ detail }) =>
          setSearch(detail.selectedId === 'locations' ? {} : { view: detail.selectedId }, { replace: false })
        }
      />
      {view === 'map' ? <PlacesMap /> : view === 'rooms' ? <Rooms /> : <Locations />}
    </SpaceBetween>
  );
}
