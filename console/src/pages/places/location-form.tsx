import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Edited } from '../../parts/edited.tsx';
import { useKnown } from '../../parts/editing.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { AddressFields } from './address-fields.tsx';
import { type AddressDraft, draftOf, EMPTY_ADDRESS, type LocationItem, type Position } from './place-types.ts';
import { PositionField } from './position-field.tsx';

const FORM_ID = 'location-form';
const ZONES = Intl.supportedValuesOf('timeZone').map((value) => ({ value }));
const LANGUAGES = Object.entries(texts.sites.languages).map(([value, label]) => ({ value, label }));

type Draft = {
  name: string;
  timeZone: string;
  language: string;
  address: AddressDraft;
  position: Position | null;
  notes: string;
};

function draftFrom(location: LocationItem | undefined): Draft {
  if (location === undefined) {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { name: '', timeZone, language: 'en_us', address: EMPTY_ADDRESS, position: null, notes: '' };
  }
  const { name, timeZone, preferredLanguage, postalAddress, position, notes } = location;
  return {
    name,
    timeZone,
    language: preferredLanguage,
    address: draftOf(postalAddress),
    position: position ?? null,
    notes: notes ?? '',
  };
}

const isOther = (now: unknown, then: unknown): boolean => JSON.stringify(now) !== JSON.stringify(then);

function withTheirs(mine: Draft, before: Draft, theirs: Draft): Draft {
  const one = <Key extends keyof Draft>(key: Key): Draft[Key] =>
    isOther(mine[key], before[key]) ? mine[key] : theirs[key];
  return {
    name: one('name'),
    timeZone: one('timeZone'),
    language: one('language'),
    address: one('address'),
    position: one('position'),
    notes: one('notes'),
  };
}

/** What the form sends: fields that did not change stay out, so that a position is not lost with its address unasked, nor what others changed unbeknownst to its user. */
function bodyOf(draft: Draft, before: Draft, isNew: boolean) {
  const { name, timeZone, language, address, position, notes } = draft;
  const { address2, ...lines } = address;
  return {
    ...((isNew || name !== before.name) && { name }),
    ...((isNew || timeZone !== before.timeZone) && { timeZone }),
    ...((isNew || language !== before.language) && { preferredLanguage: language }),
    ...((isNew || language !== before.language) && { announcementLanguage: language }),
    ...((isNew || isOther(address, before.address)) && { address: { ...lines, ...(address2 !== '' && { address2 }) } }),
    ...(position !== null &&
      (isNew || isOther(position, before.position)) && {
        latitude: String(position.latitude),
        longitude: String(position.longitude),
      }),
    ...(notes !== before.notes && { notes }),
  };
}

/** Makes or changes a location, in a dialog. */
export function LocationForm({
  location,
  onClose,
  onDone,
}: {
  /** The one to change; undefined: a new one. */
  location?: LocationItem;
  onClose: () => void;
  onDone: (id: string) => void;
}) {
  const client = useQueryClient();
  // As it was when the form opened: the page behind it goes on reading.
  const [before, setBefore] = useState(() => draftFrom(location));
  const [draft, setDraft] = useState(before);
  const known = useKnown(location);
  const [seen, setSeen] = useState(known);
  // Whoever goes on knowing what others changed: where they typed nothing, the form shows what stays, theirs.
  if (seen !== known) {
    const theirs = draftFrom(known);
    setSeen(known);
    setBefore(theirs);
    setDraft(withTheirs(draft, before, theirs));
  }
  const change = (changes: Partial<Draft>): void => setDraft((last) => ({ ...last, ...changes }));
  const saving = useMutation({
    async mutationFn(): Promise<string> {
      const body = bodyOf(draft, before, location === undefined);
      if (location !== undefined) {
        await api.PUT('/v1/locations/{locationId}', { params: { path: { locationId: location.id } }, body });
        return location.id;
      }
      const { name, timeZone, language } = draft;
      const { address = EMPTY_ADDRESS, ...rest } = body;
      const made = await api.POST('/v1/locations', {
        body: { ...rest, name, timeZone, preferredLanguage: language, announcementLanguage: language, address },
      });
      // The id as this door names it.
      const path = { locationId: made.data?.id ?? '' };
      return (await api.GET('/api/locations/{locationId}', { params: { path } })).data?.id ?? path.locationId;
    },
    async onSuccess(id) {
      await client.invalidateQueries();
      onDone(id);
    },
  });
  const fault = (field: string): string => faultOf(saving.error, field) ?? '';
  return (
    <Modal
      visible
      size="large"
      header={location ? texts.sites.edit : texts.sites.add}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={FORM_ID} loading={saving.isPending}>
              {location ? texts.sites.save : texts.sites.add}
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
          <FormField label={texts.sites.name} description={texts.sites.nameHelp} errorText={fault('name')}>
            <Input value={draft.name} autoFocus onChange={({ detail }) => change({ name: detail.value })} />
          </FormField>
          <AddressFields
            value={draft.address}
            onChange={(address) => change({ address })}
            faultOf={(field) => fault(`address.${field}`)}
          />
          <PositionField
            address={draft.address}
            value={draft.position}
            onChange={(position) => change({ position })}
            errorText={fault('latitude') || fault('longitude')}
          />
          <ColumnLayout columns={2}>
            <FormField label={texts.sites.timeZone} errorText={fault('timeZone')}>
              <Autosuggest
                value={draft.timeZone}
                options={ZONES}
                enteredTextLabel={(value) => value}
                ariaLabel={texts.sites.timeZone}
                empty={texts.table.noMatch}
                onChange={({ detail }) => change({ timeZone: detail.value })}
              />
            </FormField>
            <FormField label={texts.sites.language} errorText={fault('preferredLanguage')}>
              <Select
                options={LANGUAGES}
                selectedOption={
                  LANGUAGES.find(({ value }) => value === draft.language) ?? {
                    value: draft.language,
                    label: draft.language,
                  }
                }
                onChange={({ detail }) => change({ language: detail.selectedOption.value ?? 'en_us' })}
              />
            </FormField>
          </ColumnLayout>
          <FormField label={texts.sites.notes} errorText={fault('notes')}>
            <Input value={draft.notes} onChange={({ detail }) => change({ notes: detail.value })} />
          </FormField>
          <ProblemAlert error={saving.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}

/** Changes a location as it stands now. */
export function EditLocation({ id, ...props }: { id: string; onClose: () => void; onDone: (id: string) => void }) {
  return (
    <Edited
      read={() => api.GET('/api/locations/{locationId}', { params: { path: { locationId: id } } })}
      changedAt={`/v1/locations/${id}`}
      onClose={props.onClose}
    >
      {(location) => <LocationForm location={location} {...props} />}
    </Edited>
  );
}
