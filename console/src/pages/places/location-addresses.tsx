import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { Edited } from '../../parts/edited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { AddressLevel, levelText } from './address-level.tsx';
import { BuildingForm } from './building-form.tsx';
import { EmergencyAddressForm } from './emergency-address-form.tsx';
import { type AddressCheck, addressLine, draftOf, type LocationAddresses, type PostalAddress } from './place-types.ts';

/** What the check of a stored address found, and the address with the corrections made. */
function Findings({
  address,
  check,
  onUse,
}: {
  address: PostalAddress;
  check: AddressCheck | null;
  onUse?: ((address: PostalAddress) => void) | undefined;
}) {
  if (check === null) return null;
  const contents = check.corrections.filter(({ kind }) => kind === 'content');
  const corrected = { ...draftOf(address) };
  for (const { field, to } of contents) corrected[field] = to;
  return (
    <SpaceBetween size="xxs">
      {check.errors.map(({ kind, field, detail }) => (
        <Box key={`${kind} ${field}`} color="text-status-warning">
          {detail}
        </Box>
      ))}
      {contents.length > 0 && (
        <>
          <Box variant="strong">{texts.address.didYouMean(addressLine(corrected))}</Box>
          {contents.map(({ field, from, to, reason }) => (
            <Box key={field} color="text-body-secondary" fontSize="body-s">
              {texts.address.correction(texts.address.fields[field], from, to, reason)}
            </Box>
          ))}
          {onUse && (
            <Button variant="inline-link" onClick={() => onUse(corrected)}>
              {texts.address.useCorrected}
            </Button>
          )}
        </>
      )}
      <Box color="text-body-secondary" fontSize="body-s">
        {texts.address.checkedAgainst(check.source)} · <Moment at={check.checkedAt} />
      </Box>
    </SpaceBetween>
  );
}

function AddressCard({
  title,
  help,
  address,
  check,
  onUse,
  children,
}: {
  title: string;
  help: string;
  address: PostalAddress | null;
  check: AddressCheck | null;
  onUse?: ((address: PostalAddress) => void) | undefined;
  children?: ReactNode;
}) {
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{title}</Box>
      {address === null ? (
        <Box color="text-body-secondary">{help}</Box>
      ) : (
        <>
          <div>{addressLine(address)}</div>
          <AddressLevel check={check} />
          <Findings address={address} check={check} onUse={onUse} />
        </>
      )}
      {children}
    </SpaceBetween>
  );
}

/** The addresses of a location: where help goes for calls that are known by their number alone, the building, the location itself. */
export function AddressesOfLocation({ addresses }: { addresses: LocationAddresses }) {
  const may = useMay();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'emergency' | 'building' | null>(null);
  const { emergencyAddress, building, location, history } = addresses;
  const correcting = useMutation({
    async mutationFn({ of, address }: { of: 'location' | 'emergency'; address: PostalAddress }) {
      const params = { path: { locationId: location.id } };
      if (of === 'location') await api.PUT('/v1/locations/{locationId}', { params, body: { address } });
      else await api.POST('/v1/telephony/pstn/locations/{locationId}/emergencyAddress', { params, body: address });
    },
    onSuccess: () => client.invalidateQueries(),
  });
  const mayBuild = may(building === null ? 'POST /api/buildings' : 'PATCH /api/buildings/{id}');
  const maySetEmergency = may('POST /v1/telephony/pstn/locations/{locationId}/emergencyAddress');
  return (
    <Container
      header={
        <Header variant="h2" description={texts.sites.addressesHelp}>
          {texts.sites.addresses}
        </Header>
      }
      footer={
        history.length > 0 && (
          <ExpandableSection headerText={texts.sites.formerAddresses(history.length)}>
            <WholeTable
              name="former-addresses"
              title={texts.sites.formerAddresses(history.length)}
              variant="embedded"
              items={history}
              itemKey={({ validFrom, validTo }) => `${validFrom} ${validTo}`}
              empty={texts.none}
              columns={[
                {
                  id: 'address',
                  header: texts.sites.address,
                  isRowHeader: true,
                  cell: ({ postalAddress }) => addressLine(postalAddress),
                },
                {
                  id: 'level',
                  header: texts.sites.addressLevel,
                  csv: ({ addressCheck }) =>
                    addressCheck === null ? texts.address.unchecked : levelText(addressCheck),
                  cell: ({ addressCheck }) => <AddressLevel check={addressCheck} />,
                },
                {
                  id: 'from',
                  header: texts.sites.validFrom,
                  csv: ({ validFrom }) => validFrom,
                  cell: ({ validFrom }) => <Moment at={validFrom} />,
                },
                {
                  id: 'to',
                  header: texts.sites.validTo,
                  csv: ({ validTo }) => validTo,
                  cell: ({ validTo }) => <Moment at={validTo} />,
                },
              ]}
            />
          </ExpandableSection>
        )
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={correcting.error} />
        <ColumnLayout columns={3} variant="text-grid">
          <AddressCard
            title={texts.sites.emergencyAddress}
            help={texts.sites.noEmergencyAddress}
            address={emergencyAddress?.postalAddress ?? null}
            check={emergencyAddress?.addressCheck ?? null}
            onUse={maySetEmergency ? (address) => correcting.mutate({ of: 'emergency', address }) : undefined}
          >
            {maySetEmergency && (
              <Button onClick={() => setDialog('emergency')}>
                {emergencyAddress === null ? texts.sites.setEmergencyAddress : texts.sites.change}
              </Button>
            )}
          </AddressCard>
          <AddressCard
            title={texts.sites.building}
            help={texts.sites.needsBuilding}
            address={building?.postalAddress ?? null}
            check={building?.addressCheck ?? null}
          >
            {building && !building.hasOwnAddress && (
              <Box color="text-body-secondary" fontSize="body-s">
                {texts.sites.addressOfLocation}
              </Box>
            )}
            {mayBuild && (
              <Button variant={building === null ? 'primary' : 'normal'} onClick={() => setDialog('building')}>
                {building === null ? texts.sites.addBuilding : texts.sites.editBuilding}
              </Button>
            )}
          </AddressCard>
          <AddressCard
            title={texts.sites.location}
            help=""
            address={location.postalAddress}
            check={location.addressCheck}
            onUse={
              may('PUT /v1/locations/{locationId}')
                ? (address) => correcting.mutate({ of: 'location', address })
                : undefined
            }
          />
        </ColumnLayout>
      </SpaceBetween>
      {dialog === 'building' && building === null && (
        <BuildingForm
          locationId={location.id}
          locationAddress={location.postalAddress}
          building={null}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'building' && building !== null && (
        <Edited
          read={() => api.GET('/api/buildings/{id}', { params: { path: { id: building.id } } })}
          onClose={() => setDialog(null)}
        >
          {(current) => (
            <BuildingForm
              locationId={location.id}
              locationAddress={location.postalAddress}
              building={current}
              onClose={() => setDialog(null)}
            />
          )}
        </Edited>
      )}
      {dialog === 'emergency' && (
        <EmergencyAddressForm
          locationId={location.id}
          address={emergencyAddress?.postalAddress ?? building?.postalAddress ?? location.postalAddress}
          onClose={() => setDialog(null)}
        />
      )}
    </Container>
  );
}
