import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useSession } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Token } from './tokens-page.tsx';

type NewToken = NonNullable<paths['/api/tokens']['post']['requestBody']>['content']['application/json'];
type Role = NewToken['role'];

const options = (choices: Readonly<Record<string, string>>): { value: string; label: string }[] =>
  Object.entries(choices).map(([value, label]) => ({ value, label }));

const LIFETIMES = options(texts.tokens.lifetimes);
const OVERLAPS = options(texts.tokens.overlaps);
const DAY_SECONDS = '86400';
const QUARTER_SECONDS = '7776000';

function Chosen(props: {
  label: string;
  help?: string;
  value: string;
  choices: SelectProps.Option[];
  onChange: (value: string) => void;
}) {
  const { choices, help, label, value } = props;
  return (
    <FormField label={label} description={help}>
      <Select
        selectedOption={choices.find((choice) => choice.value === value) ?? null}
        options={choices}
        onChange={({ detail }) => props.onChange(detail.selectedOption.value ?? '')}
      />
    </FormField>
  );
}

export function CreateToken({
  like,
  onClose,
  onMade,
}: {
  /** The rights that it begins with; those of nobody unless told. */
  like?: Token | undefined;
  onClose: () => void;
  onMade: (token: string) => void;
}) {
  const { role: own } = useSession();
  const [label, setLabel] = useState(like?.label ?? '');
  const [role, setRole] = useState<Role>((like?.role as Role | undefined) ?? 'readOnlyAdmin');
  const [lifetime, setLifetime] = useState(QUARTER_SECONDS);
  const [locationIds, setLocationIds] = useState<string[]>([...(like?.locationIds ?? [])]);
  // Nobody makes what is above oneself: the platform refuses it.
  const roles = options(texts.roles).filter(
    ({ value }) => own === 'operator' || (value !== 'operator' && (own === 'partnerAdmin' || value !== 'partnerAdmin')),
  );
  const isBound = role === 'locationAdmin';
  const choices = options(useLocations());
  return (
    <Confirm
      title={texts.tokens.createTitle}
      action={texts.tokens.create}
      isDisabled={label.trim() === '' || (isBound && locationIds.length === 0)}
      onClose={onClose}
      run={async () => {
        const { data } = await api.POST('/api/tokens', {
          body: {
            label: label.trim(),
            role,
            ...(isBound && { locationIds }),
            ...(lifetime !== '0' && { lifetimeSeconds: Number(lifetime) }),
          },
        });
        if (data) onMade(data.token);
      }}
    >
      <FormField label={texts.tokens.name} description={texts.tokens.nameHelp}>
        <Input value={label} onChange={({ detail }) => setLabel(detail.value)} />
      </FormField>
      <FormField label={texts.tokens.role} description={texts.tokens.roleHelp}>
        <Select
          selectedOption={roles.find(({ value }) => value === role) ?? null}
          options={roles}
          onChange={({ detail }) => setRole(detail.selectedOption.value as Role)}
        />
      </FormField>
      {isBound && (
        <FormField label={texts.tokens.locations} description={texts.tokens.locationsHelp}>
          <Multiselect
            filteringType="auto"
            placeholder={texts.tokens.chooseLocations}
            options={choices}
            selectedOptions={choices.filter(({ value }) => locationIds.includes(value))}
            onChange={({ detail }) => setLocationIds(detail.selectedOptions.map(({ value }) => value ?? ''))}
          />
        </FormField>
      )}
      <Chosen
        label={texts.tokens.lifetime}
        help={texts.tokens.lifetimeHelp}
        value={lifetime}
        choices={LIFETIMES}
        onChange={setLifetime}
      />
    </Confirm>
  );
}

type OfToken = { token: Token; onClose: () => void };

export function ReplaceToken({ token, onClose, onMade }: OfToken & { onMade: (made: string) => void }) {
  const [overlap, setOverlap] = useState(DAY_SECONDS);
  return (
    <Confirm
      title={texts.tokens.rotateTitle(token.label)}
      action={texts.tokens.rotate}
      onClose={onClose}
      run={async () => {
        const { data } = await api.POST('/api/tokens/{tokenId}/rotate', {
          params: { path: { tokenId: token.id }, query: { overlapSeconds: Number(overlap) } },
        });
        if (data) onMade(data.token);
      }}
    >
      <Box>{texts.tokens.rotateText}</Box>
      <Chosen label={texts.tokens.overlap} value={overlap} choices={OVERLAPS} onChange={setOverlap} />
    </Confirm>
  );
}

export function RenameToken({ token, onClose }: OfToken) {
  const [label, setLabel] = useState(token.label);
  return (
    <Confirm
      title={texts.tokens.rename}
      action={texts.edit.save}
      isDisabled={label.trim() === ''}
      onClose={onClose}
      run={() =>
        api.PATCH('/api/tokens/{tokenId}', { params: { path: { tokenId: token.id } }, body: { label: label.trim() } })
      }
    >
      <FormField label={texts.tokens.name} description={texts.tokens.nameHelp}>
        <Input value={label} onChange={({ detail }) => setLabel(detail.value)} />
      </FormField>
    </Confirm>
  );
}

/** A revoked token stays dead, as whoever found it must not have it back: one with the same rights is made instead. */
export function RevokeToken({ token, onClose }: OfToken) {
  const { label: own } = useSession();
  const notify = useNotify();
  return (
    <Confirm
      title={texts.tokens.revokeTitle(token.label)}
      action={texts.tokens.revoke}
      onClose={onClose}
      run={async () => {
        await api.DELETE('/api/tokens/{tokenId}', { params: { path: { tokenId: token.id } } });
        notify({ type: 'success', content: texts.tokens.revoked(token.label) });
      }}
    >
      <SpaceBetween size="s">
        <Box>{texts.tokens.revokeText}</Box>
        <Box>
          {texts.tokens.lastUsed}: {token.lastUsedAt === null ? texts.tokens.unused : <Moment at={token.lastUsedAt} />}
        </Box>
        {token.label === own && <Alert type="warning">{texts.tokens.own}</Alert>}
      </SpaceBetween>
    </Confirm>
  );
}
