import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { AddressLevel } from '../places/address-level.tsx';
import { BuildingForm } from '../places/building-form.tsx';
import { EditLocation, LocationForm } from '../places/location-form.tsx';
import { addressLine, type LocationItem } from '../places/place-types.ts';
import { SHOWN } from './use-progress.ts';

const said = texts.onboarding.locations;

type Dialog = { kind: 'add' } | { kind: 'edit' | 'build'; location: LocationItem };

/** Locations with their addresses, and the building of each. */
export function LocationsStep({ locations }: { locations: readonly LocationItem[] }) {
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = (): void => setDialog(null);
  return (
    <SpaceBetween size="s">
      <Table
        variant="container"
        header={
          <Header
            variant="h2"
            actions={
              may('POST /v1/locations') && <Button onClick={() => setDialog({ kind: 'add' })}>{texts.sites.add}</Button>
            }
          >
            {texts.sites.title}
          </Header>
        }
        items={locations}
        trackBy="id"
        empty={<Box textAlign="center">{said.empty}</Box>}
        {...(locations.length === SHOWN && { footer: <Box>{said.more(SHOWN)}</Box> })}
        columnDefinitions={[
          {
            id: 'name',
            header: texts.sites.name,
            isRowHeader: true,
            cell: (location) =>
              may('PUT /v1/locations/{locationId}') ? (
                <Button
                  variant="inline-link"
                  ariaLabel={`${texts.sites.editShort}: ${location.name}`}
                  onClick={() => setDialog({ kind: 'edit', location })}
                >
                  {location.name}
                </Button>
              ) : (
                location.name
              ),
          },
          { id: 'address', header: texts.sites.address, cell: ({ postalAddress }) => addressLine(postalAddress) },
          {
            id: 'level',
            header: texts.sites.addressLevel,
            cell: ({ addressCheck, standing }) =>
              standing.exempt ? texts.home.exempted : <AddressLevel check={addressCheck} />,
          },
          {
            id: 'building',
            header: said.building,
            cell: (location) =>
              location.building !== null || !may('POST /api/buildings') ? (
                (location.building?.alertingEmail ?? texts.sites.noBuilding)
              ) : (
                <Button
                  variant="inline-link"
                  ariaLabel={`${texts.sites.addBuilding}: ${location.name}`}
                  onClick={() => setDialog({ kind: 'build', location })}
                >
                  {texts.sites.addBuilding}
                </Button>
              ),
          },
        ]}
      />
      {dialog?.kind === 'add' && <LocationForm onClose={close} onDone={close} />}
      {dialog?.kind === 'edit' && <EditLocation id={dialog.location.id} onClose={close} onDone={close} />}
      {dialog?.kind === 'build' && (
        <BuildingForm
          locationId={dialog.location.id}
          locationAddress={dialog.location.postalAddress}
          building={null}
          onClose={close}
        />
      )}
    </SpaceBetween>
  );
}
