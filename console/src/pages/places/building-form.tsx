import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { AddressFields } from './address-fields.tsx';
import { type AddressDraft, addressLine, type Building, draftOf, type PostalAddress } from './place-types.ts';

const FORM_ID = 'building-form';

/** The address as a building names its fields. */
const NAMES: Readonly<Record<keyof AddressDraft, string>> = {
  address1: 'addressLine1',
  address2: 'addressLine2',
  city: 'city',
  state: 'stateOrProvince',
  postalCode: 'zipOrPostalCode',
  country: 'country',
};

/** Makes the building of a location or changes it, in a dialog. */
export function BuildingForm({
  locationId,
  locationAddress,
  building,
  onClose,
}: {
  locationId: string;
  locationAddress: PostalAddress;
  /** The one to change; null: the first one. */
  building: Building | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [alertingEmail, setAlertingEmail] = useState(building?.alertingEmail ?? '');
  const [isOwn, setIsOwn] = useState(building?.hasOwnAddress ?? false);
  const [address, setAddress] = useState(() => draftOf(building?.postalAddress ?? locationAddress));
  const saving = useMutation({
    async mutationFn() {
      const own = Object.fromEntries(
        Object.entries(NAMES).map(([from, to]) => [to, address[from as keyof AddressDraft]]),
      );
      const body = { alertingEmail, ...(isOwn && { address: own }) };
      if (building === null) await api.POST('/api/buildings', { body: { locationId, ...body } });
      else await api.PATCH('/api/buildings/{id}', { params: { path: { id: building.id } }, body });
    },
    async onSuccess() {
      await client.invalidateQueries();
      onClose();
    },
  });
  const fault = (field: string): string => faultOf(saving.error, field) ?? '';
  return (
    <Modal
      visible
      size="large"
      header={building === null ? texts.sites.addBuilding : texts.sites.editBuilding}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={FORM_ID} loading={saving.isPending} disabled={alertingEmail.trim() === ''}>
              {building === null ? texts.sites.addBuilding : texts.sites.save}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={FORM_ID}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <SpaceBetween size="l">
          <FormField
            label={texts.sites.alertingEmail}
            description={texts.sites.alertingEmailHelp}
            errorText={fault('alertingEmail')}
          >
            <Input
              type="email"
              value={alertingEmail}
              autoFocus
              onChange={({ detail }) => setAlertingEmail(detail.value)}
            />
          </FormField>
          {building?.hasOwnAddress !== true && (
            <FormField label={texts.sites.buildingAddress}>
              <RadioGroup
                value={isOwn ? 'own' : 'location'}
                onChange={({ detail }) => setIsOwn(detail.value === 'own')}
                items={[
                  {
                    value: 'location',
                    label: texts.sites.addressOfLocation,
                    description: addressLine(locationAddress),
                  },
                  { value: 'own', label: texts.sites.ownAddress },
                ]}
              />
            </FormField>
          )}
          {isOwn && (
            <AddressFields
              value={address}
              onChange={setAddress}
              faultOf={(field) => fault(`address.${NAMES[field]}`)}
            />
          )}
          <ProblemAlert error={saving.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
