import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { MapView } from '../../parts/map-view.tsx';
import { texts } from '../../texts/texts.ts';
import type { AddressDraft, Position, Verdict } from './place-types.ts';
import { useVerdict } from './use-verdict.ts';

/** Finer than a metre says nothing about a house. */
const DIGITS = 6;
const rounded = (degrees: number): number => Number(degrees.toFixed(DIGITS));

const written = (position: Position | null): [string, string] =>
  position === null ? ['', ''] : [String(position.latitude), String(position.longitude)];

function readPosition(latitude: string, longitude: string): Position | null {
  const read = { latitude: Number(latitude), longitude: Number(longitude) };
  const isRead =
    latitude.trim() !== '' &&
    longitude.trim() !== '' &&
    Math.abs(read.latitude) <= 90 &&
    Math.abs(read.longitude) <= 180;
  return isRead ? read : null;
}

/** The house itself, or its place along the street. */
function exactOf(known: Verdict['geocode']): { position: Position; precision: 'point' | 'interpolated' } | null {
  if (known?.precision !== 'point' && known?.precision !== 'interpolated') return null;
  return { position: known.position, precision: known.precision };
}

/** Where a house stands: as coordinates, by a pin on the map, or where the address data have it. */
export function PositionField({
  address,
  value,
  onChange,
  errorText,
}: {
  address: AddressDraft;
  value: Position | null;
  onChange: (position: Position | null) => void;
  errorText: string;
}) {
  const [[latitude, longitude], setTyped] = useState(() => written(value));
  useEffect(() => setTyped((typed) => (sameAs(typed, value) ? typed : written(value))), [value]);
  const { verdict } = useVerdict(address);
  const known = verdict?.geocode;
  // The middle of a postal code would be taken for the house: it is only where the map begins.
  const exact = exactOf(known);
  function type(next: [string, string]): void {
    setTyped(next);
    onChange(readPosition(...next));
  }
  return (
    <SpaceBetween size="s">
      <FormField
        label={texts.sites.position}
        description={texts.sites.positionHelp}
        errorText={errorText}
        stretch
        secondaryControl={
          exact && (
            <Button formAction="none" onClick={() => onChange(pointOf(exact.position))}>
              {texts.sites.useGeocode(texts.sites.precisions[exact.precision])}
            </Button>
          )
        }
      >
        <ColumnLayout columns={2}>
          <Input
            value={latitude}
            inputMode="decimal"
            ariaLabel={texts.sites.latitude}
            placeholder={texts.sites.latitude}
            onChange={({ detail }) => type([detail.value, longitude])}
          />
          <Input
            value={longitude}
            inputMode="decimal"
            ariaLabel={texts.sites.longitude}
            placeholder={texts.sites.longitude}
            onChange={({ detail }) => type([latitude, detail.value])}
          />
        </ColumnLayout>
      </FormField>
      <MapView
        label={texts.sites.pinMap}
        heightPixels={260}
        places={value === null ? [] : [{ id: 'pin', name: texts.sites.pin, position: value }]}
        focus={value ?? known?.position ?? null}
        onPick={(position) => onChange(pointOf(position))}
      />
      <Box color="text-body-secondary" fontSize="body-s">
        {texts.sites.pinHelp}
      </Box>
    </SpaceBetween>
  );
}

function pointOf({ latitude, longitude }: Position): Position {
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
}

function sameAs([latitude, longitude]: [string, string], position: Position | null): boolean {
  const read = readPosition(latitude, longitude);
  return read === null
    ? position === null
    : read.latitude === position?.latitude && read.longitude === position.longitude;
}
