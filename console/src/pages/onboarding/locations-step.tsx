import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { AddressLevel, levelText } from '../places/address-level.tsx';
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
      <WholeTable
        name="locations"
        title={texts.sites.title}
        headerVariant="h2"
        actions={
          may('POST /v1/locations') && <Button onClick={() => setDialog({ kind: 'add' })}>{texts.sites.add}</Button>
        }
        items={locations}
        itemKey={({ id }) => id}
        empty={<Box textAlign="center">{said.empty}</Box>}
        {...(locations.length === SHOWN && { footer: <Box>{said.more(SHOWN)}</Box> })}
        columns={[
          {
            id: 'name',
            header: texts.sites.name,
            isRowHeader: true,
            csv: ({ name }) => name,
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
            csv: ({ addressCheck, standing }) =>
              standing.exempt
                ? texts.home.exempted
                : addressCheck === null
                  ? texts.address.unchecked
                  : levelText(addressCheck),
            cell: ({ addressCheck, standing }) =>
              standing.exempt ? texts.home.exempted : <AddressLevel check={addressCheck} />,
          },
          {
            id: 'building',
            header: said.building,
            csv: ({ building }) => building?.alertingEmail ?? texts.sites.noBuilding,
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
