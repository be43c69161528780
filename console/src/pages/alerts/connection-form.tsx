import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Connection } from './alert-types.ts';
import './alerts.css';

type Body = NonNullable<paths['/api/alert-connections']['post']['requestBody']>['content']['application/json'];
type Kind = Connection['kind'];
type Sms = Extract<Connection, { kind: 'sms-gateway' }>['settings'];
type Flavour = Extract<Connection, { kind: 'chat' }>['settings']['flavour'];

const METHODS = ['POST', 'PUT', 'GET'] as const;
const CONTENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/xml',
  'text/plain',
] as const;

type Draft = {
  name: string;
  isEnabled: boolean;
  /** What stands in it to be kept secret is not shown: it is sent only when it was typed anew. */
  url: string;
  flavour: Flavour;
  method: Sms['method'];
  contentType: NonNullable<Sms['contentType']>;
  body: string;
  from: string;
  credential: string;
  headers: readonly { name: string; value: string }[];
  bodyContains: string;
};

function draftOf(connection: Connection | null): Draft {
  const sms = connection?.kind === 'sms-gateway' ? connection.settings : undefined;
  return {
    name: connection?.name ?? '',
    isEnabled: connection?.isEnabled ?? true,
    url: connection?.settings.url ?? '',
    flavour: connection?.kind === 'chat' ? connection.settings.flavour : 'webex',
    method: sms?.method ?? 'POST',
    contentType: sms?.contentType ?? 'application/json',
    body: sms === undefined ? '{"to": "{number}", "from": "{from}", "text": "{text}"}' : (sms.body ?? ''),
    from: sms?.from ?? '',
    credential: '',
    headers: (sms?.headerNames ?? []).map((name) => ({ name, value: '' })),
    bodyContains: sms?.successRule.bodyContains ?? '',
  };
}

function settingsOf(kind: Kind, draft: Draft, before: Connection | null): NonNullable<Body['settings']> {
  const url = before !== null && draft.url === before.settings.url ? {} : { url: draft.url.trim() };
  if (kind === 'webhook') return url;
  if (kind === 'chat') return { ...url, flavour: draft.flavour };
  const rule = before?.kind === 'sms-gateway' ? before.settings.successRule : undefined;
  return {
    ...url,
    method: draft.method,
    body: draft.method === 'GET' ? null : draft.body,
    contentType: draft.method === 'GET' ? null : draft.contentType,
    from: draft.from.trim() || null,
    ...(draft.credential !== '' && { credential: draft.credential }),
    headers: draft.headers
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, value }) => ({ name: name.trim(), ...(value !== '' && { value }) })),
    successRule: { ...rule, bodyContains: draft.bodyContains || null },
  };
}

function SmsFields(props: {
  draft: Draft;
  isNew: boolean;
  hasCredential: boolean;
  error: Error | null;
  change: (changes: Partial<Draft>) => void;
}) {
  const { draft, isNew, hasCredential, error, change } = props;
  const methods = METHODS.map((value) => ({ value }));
  const types = CONTENT_TYPES.map((value) => ({ value }));
  return (
    <>
      <FormField label={texts.connections.method} errorText={faultOf(error, 'settings.method')}>
        <Select
          options={methods}
          selectedOption={{ value: draft.method }}
          onChange={({ detail }) => change({ method: detail.selectedOption.value as Draft['method'] })}
        />
      </FormField>
      {draft.method !== 'GET' && (
        <>
          <FormField label={texts.connections.contentType}>
            <Select
              options={types}
              selectedOption={{ value: draft.contentType }}
              onChange={({ detail }) => change({ contentType: detail.selectedOption.value as Draft['contentType'] })}
            />
          </FormField>
          <FormField
            label={texts.connections.body}
            description={texts.connections.placeholders}
            errorText={faultOf(error, 'settings.body')}
          >
            <Textarea
              rows={4}
              spellcheck={false}
              value={draft.body}
              onChange={({ detail }) => change({ body: detail.value })}
            />
          </FormField>
        </>
      )}
      <FormField
        label={texts.connections.from}
        description={texts.optional}
        errorText={faultOf(error, 'settings.from')}
      >
        <Input value={draft.from} onChange={({ detail }) => change({ from: detail.value })} />
      </FormField>
      <FormField
        label={texts.connections.credential}
        description={hasCredential ? texts.connections.credentialKept : texts.connections.credentialHelp}
        errorText={faultOf(error, 'settings.credential')}
      >
        <Input
          type="password"
          autoComplete="off"
          value={draft.credential}
          onChange={({ detail }) => change({ credential: detail.value })}
        />
      </FormField>
      <FormField
        label={texts.connections.headers}
        description={texts.connections.headersHelp}
        errorText={faultOf(error, 'settings.headers')}
        stretch
      >
        <SpaceBetween size="xs">
          {draft.headers.map((header, at) => {
            const label = texts.connections.header(at + 1);
            const set = (changes: Partial<typeof header>): void =>
              change({
                headers: draft.headers.map((other, index) => (index === at ? { ...header, ...changes } : other)),
              });
            return (
              <div key={`header ${at}`} className="row-of-fields">
                <Input
                  ariaLabel={`${label}: ${texts.recipients.name}`}
                  placeholder="authorization"
                  value={header.name}
                  onChange={({ detail }) => set({ name: detail.value })}
                />
                <Input
                  ariaLabel={`${label}: ${texts.connections.value}`}
                  placeholder={isNew || header.name === '' ? 'Bearer {secret}' : texts.connections.valueKept}
                  value={header.value}
                  onChange={({ detail }) => set({ value: detail.value })}
                />
                <Button
                  formAction="none"
                  iconName="remove"
                  variant="icon"
                  ariaLabel={texts.remove(label)}
                  onClick={() => change({ headers: draft.headers.filter((_, index) => index !== at) })}
                />
              </div>
            );
          })}
          <Button
            formAction="none"
            iconName="add-plus"
            onClick={() => change({ headers: [...draft.headers, { name: '', value: '' }] })}
          >
            {texts.connections.addHeader}
          </Button>
        </SpaceBetween>
      </FormField>
      <FormField
        label={texts.connections.success}
        description={texts.connections.successHelp}
        errorText={faultOf(error, 'settings.successRule.bodyContains')}
      >
        <Input value={draft.bodyContains} onChange={({ detail }) => change({ bodyContains: detail.value })} />
      </FormField>
    </>
  );
}

/** Sets up a way to reach people, or changes one. */
export function ConnectionForm(props: {
  connection: Connection | null;
  onClose: () => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const { connection, onClose, onSecret } = props;
  const client = useQueryClient();
  const notify = useNotify();
  const [kind, setKind] = useState<Kind>(connection?.kind ?? 'webhook');
  const [draft, setDraft] = useState<Draft>(() => draftOf(connection));
  const change = (changes: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changes }));
  const saving = useMutation({
    async mutationFn(): Promise<{ name: string; secret: string | null } | undefined> {
      const { name, isEnabled } = draft;
      const settings = settingsOf(kind, draft, connection);
      if (connection === null) {
        return (await api.POST('/api/alert-connections', { body: { name, kind, isEnabled, settings } })).data;
      }
      const params = { path: { id: connection.id } };
      const { data } = await api.PATCH('/api/alert-connections/{id}', { params, body: { name, isEnabled, settings } });
      return data && { name: data.name, secret: null };
    },
    async onSuccess(saved) {
      await client.invalidateQueries({ queryKey: ['alert-connections'] });
      notify({ type: 'success', content: texts.saved(draft.name) });
      if (saved && saved.secret !== null) onSecret(saved.name, saved.secret);
      else onClose();
    },
  });
  const { error } = saving;
  return (
    <FormModal
      title={connection === null ? texts.connections.add : texts.connections.editOf(connection.name)}
      action={texts.save}
      isPending={saving.isPending}
      isReady={draft.name.trim() !== '' && draft.url.trim() !== ''}
      error={error}
      onSubmit={() => saving.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        {connection === null && (
          <Tiles
            ariaLabel={texts.connections.kind}
            value={kind}
            columns={1}
            onChange={({ detail }) => setKind(detail.value as Kind)}
            items={Object.entries(texts.connections.kinds).map(([value, label]) => ({
              value,
              label,
              description: texts.connections.kindHelp[value as Kind],
            }))}
          />
        )}
        {connection?.disabledReason && (
          <Alert type="warning">{texts.connections.wasOff(connection.disabledReason)}</Alert>
        )}
        <FormField label={texts.recipients.name} errorText={faultOf(error, 'name')}>
          <Input value={draft.name} onChange={({ detail }) => change({ name: detail.value })} />
        </FormField>
        {kind === 'chat' && (
          <FormField label={texts.connections.flavour}>
            <Select
              options={Object.entries(texts.connections.flavours).map(([value, label]) => ({ value, label }))}
              selectedOption={{ value: draft.flavour, label: texts.connections.flavours[draft.flavour] }}
              onChange={({ detail }) => change({ flavour: detail.selectedOption.value as Flavour })}
            />
          </FormField>
        )}
        <FormField
          label={texts.connections.url}
          description={connection === null ? texts.connections.urlHelp[kind] : texts.connections.urlKept}
          errorText={faultOf(error, 'settings.url')}
        >
          <Input
            inputMode="url"
            placeholder="https://"
            spellcheck={false}
            value={draft.url}
            onChange={({ detail }) => change({ url: detail.value })}
          />
        </FormField>
        {kind === 'sms-gateway' && (
          <SmsFields
            draft={draft}
            isNew={connection === null}
            hasCredential={connection?.kind === 'sms-gateway' && connection.settings.hasCredential}
            error={error}
            change={change}
          />
        )}
        <Toggle checked={draft.isEnabled} onChange={({ detail }) => change({ isEnabled: detail.checked })}>
          {draft.isEnabled ? texts.connections.on : texts.connections.off}
        </Toggle>
      </SpaceBetween>
    </FormModal>
  );
}
