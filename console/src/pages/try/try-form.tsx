import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { MapView } from '../../parts/map-view.tsx';
import { pointText, readPoint } from '../../parts/read-point.ts';
import { ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { type Asked, isComplete, PLACE_KINDS, type PlaceKind } from './simulation.ts';

const said = texts.tryIt;
const SUGGESTED = 20;
const DIALED = ['911', '933'] as const;
const MAP_PIXELS = 280;

function NumberField({ value, onChange }: { value: string; onChange: (number: string) => void }) {
  const may = useMay();
  const { data, isFetching } = useQuery({
    queryKey: ['numbers', 'suggested', value],
    enabled: may('GET /api/numbers'),
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { max: SUGGESTED, ...(value !== '' && { text: value }) };
      return (await api.GET('/api/numbers', { params: { query } })).data?.items ?? [];
    },
  });
  return (
    <Autosuggest
      value={value}
      onChange={({ detail }) => onChange(detail.value)}
      filteringType="manual"
      statusType={isFetching && !data ? 'loading' : 'finished'}
      loadingText={texts.loading}
      placeholder={said.numberExample}
      ariaLabel={said.number}
      enteredTextLabel={(text) => said.useNumber(text)}
      options={(data ?? []).flatMap(({ number, owner }) =>
        number === null ? [] : [{ value: number, ...(owner && { description: owner.displayName }) }],
      )}
    />
  );
}

/** Who calls from where. */
export function TryForm(props: {
  asked: Asked;
  onAsk: (asked: Asked) => void;
  /** Places a 933; absent where one may not. */
  onTest?: ((asked: Asked) => void) | undefined;
  isTesting: boolean;
}) {
  const [asked, setAsked] = useState(props.asked);
  const change = (changes: Partial<Asked>): void => setAsked((before) => ({ ...before, ...changes }));
  const { kind, value } = asked;
  const point = kind === 'point' ? readPoint(value) : null;
  const isReady = isComplete(asked);
  const mayTest =
    props.onTest !== undefined && asked.from.trim() !== '' && (kind === 'number' || kind === 'response-location');
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isReady) props.onAsk(asked);
  }
  return (
    <form onSubmit={submit}>
      <Container
        header={<Header variant="h2">{said.who}</Header>}
        footer={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" disabled={!isReady}>
              {said.simulate}
            </Button>
            {props.onTest && (
              <Button
                formAction="none"
                disabled={!mayTest}
                disabledReason={said.test.needs}
                loading={props.isTesting}
                onClick={() => props.onTest?.(asked)}
              >
                {said.test.place}
              </Button>
            )}
          </SpaceBetween>
        }
      >
        <SpaceBetween size="m">
          <ColumnLayout columns={3}>
            <FormField
              label={kind === 'number' || kind === 'point' ? said.number : said.numberOptional}
              constraintText={said.numberHelp}
            >
              <NumberField value={asked.from} onChange={(from) => change({ from })} />
            </FormField>
            <FormField label={said.from}>
              <Select
                options={PLACE_KINDS.map((one) => ({
                  value: one,
                  label: said.kinds[one],
                  description: said.kindHelp[one],
                }))}
                selectedOption={{ value: kind, label: said.kinds[kind] }}
                onChange={({ detail }) =>
                  change({ kind: detail.selectedOption.value as PlaceKind, value: '', port: '', name: '' })
                }
              />
            </FormField>
            <FormField label={said.dialed}>
              <Select
                options={DIALED.map((value) => ({ value, label: said.dialedAs[value] }))}
                selectedOption={{ value: asked.dialed, label: said.dialedAs[asked.dialed] }}
                onChange={({ detail }) => change({ dialed: detail.selectedOption.value === '933' ? '933' : '911' })}
              />
            </FormField>
          </ColumnLayout>
          {kind === 'response-location' ? (
            <FormField label={said.kinds[kind]}>
              <ResponseLocationPicker
                label={said.kinds[kind]}
                value={value === '' ? null : { id: value, name: asked.name }}
                onChange={({ id, name }) => change({ value: id, name })}
              />
            </FormField>
          ) : (
            kind !== 'number' && (
              <ColumnLayout columns={kind === 'switch-port' ? 2 : 1}>
                <FormField label={said.valueOf[kind]} constraintText={said.valueHelp[kind]}>
                  <Input value={value} onChange={({ detail }) => change({ value: detail.value })} />
                </FormField>
                {kind === 'switch-port' && (
                  <FormField label={said.port} constraintText={said.portHelp}>
                    <Input value={asked.port} onChange={({ detail }) => change({ port: detail.value })} />
                  </FormField>
                )}
              </ColumnLayout>
            )
          )}
          {kind === 'point' && (
            <MapView
              label={said.map}
              heightPixels={MAP_PIXELS}
              places={point ? [{ id: 'point', name: said.here, position: point }] : []}
              onPick={(position) => change({ value: pointText(position) })}
            />
          )}
        </SpaceBetween>
      </Container>
    </form>
  );
}
