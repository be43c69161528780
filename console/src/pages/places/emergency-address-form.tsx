import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { AddressFields } from './address-fields.tsx';
import { draftOf, type PostalAddress } from './place-types.ts';

const FORM_ID = 'emergency-address-form';

/** Says where help goes for calls that are known by their number alone; what was there is kept as history. */
export function EmergencyAddressForm({
  locationId,
  address: before,
  onClose,
}: {
  locationId: string;
  /** As it stands, or what it begins from. */
  address: PostalAddress;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [address, setAddress] = useState(() => draftOf(before));
  const saving = useMutation({
    mutationFn: () =>
      api.POST('/v1/telephony/pstn/locations/{locationId}/emergencyAddress', {
        params: { path: { locationId } },
        body: address,
      }),
    async onSuccess() {
      await client.invalidateQueries();
      onClose();
    },
  });
  return (
    <Modal
      visible
      size="large"
      header={texts.sites.emergencyAddress}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={FORM_ID} loading={saving.isPending}>
              {texts.sites.save}
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
        <SpaceBetween size="m">
          <ProblemAlert error={saving.error} />
          <Box color="text-body-secondary">{texts.sites.emergencyAddressHelp}</Box>
          <AddressFields value={address} onChange={setAddress} faultOf={(field) => faultOf(saving.error, field)} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
