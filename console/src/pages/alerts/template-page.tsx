import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import type { TemplateItem, TemplateView, TemplateVersion as Version } from './alert-types.ts';
import { TemplatePreviewPane } from './template-preview.tsx';

export type TemplateName = Pick<TemplateItem, 'trigger' | 'channel' | 'language'>;
type Text = TemplateView['text'];

/** One text: written, seen as it would be sent, put back. */
export default function TemplatePage() {
  const { id = '' } = useParams();
  const [trigger, channel, language] = id.split('.');
  const path = { trigger, channel, language } as TemplateName;
  return (
    <Edited
      key={id}
      isPage
      read={() => api.GET('/api/alert-templates/{trigger}/{channel}/{language}', { params: { path } })}
    >
      {(template, again) => <TemplateForm id={id} path={path} template={template} onChanged={again} />}
    </Edited>
  );
}

function TemplateForm(props: { id: string; path: TemplateName; template: TemplateView; onChanged: () => void }) {
  const { id, path, template, onChanged } = props;
  const may = useMay();
  const client = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState<Text>(template.text);
  const change = (changes: Partial<Text>): void => setDraft((before) => ({ ...before, ...changes }));
  const isChanged = JSON.stringify(draft) !== JSON.stringify(template.text);
  const mayWrite = may('PUT /api/alert-templates/{trigger}/{channel}/{language}');
  const title = `${texts.alerts.triggers[path.trigger]} · ${texts.alerts.channels[path.channel]} · ${texts.alerts.languages[path.language]}`;
  usePageName(title);
  async function settled(content: string): Promise<void> {
    await client.invalidateQueries({ queryKey: ['alert-templates'] });
    onChanged();
    notify({ type: 'success', content });
  }
  const saving = useMutation({
    mutationFn: () => api.PUT('/api/alert-templates/{trigger}/{channel}/{language}', { params: { path }, body: draft }),
    onSuccess: () => settled(texts.saved(title)),
  });
  const resetting = useMutation({
    mutationFn: () => api.DELETE('/api/alert-templates/{trigger}/{channel}/{language}', { params: { path } }),
    onSuccess: () => settled(texts.templates.wasReset),
  });
  const { error } = saving;
  const hasTitle = path.channel !== 'sms';
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={template.isDefault ? texts.templates.isOurs : texts.templates.isOwn}
        actions={
          mayWrite && (
            <SpaceBetween direction="horizontal" size="xs">
              {!template.isDefault && (
                <Button loading={resetting.isPending} onClick={() => resetting.mutate()}>
                  {texts.templates.reset}
                </Button>
              )}
              <Button disabled={!isChanged} onClick={() => setDraft(template.text)}>
                {texts.templates.discard}
              </Button>
              <Button
                variant="primary"
                disabled={!isChanged}
                loading={saving.isPending}
                onClick={() => saving.mutate()}
              >
                {texts.save}
              </Button>
            </SpaceBetween>
          )
        }
      >
        {title}
      </Header>
      {template.lastFault !== null && (
        <Alert type="error" header={texts.templates.lastFault}>
          <Moment at={template.lastFault.at} />: {template.lastFault.fault}
        </Alert>
      )}
      <ProblemAlert error={error ?? resetting.error} />
      <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}>
        <Container header={<Header variant="h2">{texts.templates.words}</Header>}>
          <SpaceBetween size="m">
            {hasTitle && (
              <FormField
                label={path.channel === 'email' ? texts.templates.subject : texts.templates.firstLine}
                description={texts.templates.emptyIsOurs}
                errorText={faultOf(error, 'title')}
              >
                <Input
                  disabled={!mayWrite}
                  spellcheck={false}
                  placeholder={template.defaultText.title ?? ''}
                  value={draft.title ?? ''}
                  onChange={({ detail }) => change({ title: detail.value === '' ? null : detail.value })}
                />
              </FormField>
            )}
            <FormField
              label={texts.templates.body}
              description={texts.templates.bodyHelp}
              errorText={faultOf(error, 'body')}
              stretch
            >
              <Textarea
                disabled={!mayWrite}
                rows={14}
                spellcheck={false}
                value={draft.body}
                onChange={({ detail }) => change({ body: detail.value })}
              />
            </FormField>
            {path.channel === 'email' && (
              <ExpandableSection headerText={texts.templates.html} defaultExpanded={draft.html !== null}>
                <FormField description={texts.templates.htmlHelp} errorText={faultOf(error, 'html')} stretch>
                  <Textarea
                    ariaLabel={texts.templates.html}
                    disabled={!mayWrite}
                    rows={10}
                    spellcheck={false}
                    value={draft.html ?? ''}
                    onChange={({ detail }) => change({ html: detail.value === '' ? null : detail.value })}
                  />
                </FormField>
              </ExpandableSection>
            )}
            <Facts />
          </SpaceBetween>
        </Container>
        <TemplatePreviewPane path={path} text={draft} />
      </Grid>
      <Versions id={id} path={path} current={template.version} mayWrite={mayWrite} onUndone={settled} />
    </SpaceBetween>
  );
}

function Facts() {
  const [isOpen, setIsOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['alert-templates', 'facts'],
    enabled: isOpen,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await api.GET('/api/alert-templates/facts')).data?.items ?? [],
  });
  return (
    <ExpandableSection
      headerText={texts.templates.facts}
      expanded={isOpen}
      onChange={({ detail }) => setIsOpen(detail.expanded)}
    >
      <ProblemAlert error={error} />
      <WholeTable
        name="facts"
        title={texts.templates.facts}
        variant="embedded"
        items={data ?? []}
        itemKey={({ name }) => name}
        contentDensity="compact"
        empty={<WhenEmpty error={error}>{texts.none}</WhenEmpty>}
        columns={[
          {
            id: 'name',
            header: texts.recipients.name,
            csv: ({ name }) => name,
            cell: ({ name }) => <code>{`{{ ${name} }}`}</code>,
            isRowHeader: true,
          },
          { id: 'meaning', header: texts.templates.meaning, cell: ({ meaning, kind }) => `${meaning} (${kind})` },
        ]}
      />
    </ExpandableSection>
  );
}

function Versions(props: {
  id: string;
  path: TemplateName;
  current: number;
  mayWrite: boolean;
  onUndone: (content: string) => Promise<void>;
}) {
  const { id, path, current, mayWrite, onUndone } = props;
  const { data, error } = useQuery({
    queryKey: ['alert-templates', 'versions', id],
    queryFn: async () =>
      (await api.GET('/api/alert-templates/{trigger}/{channel}/{language}/versions', { params: { path } })).data
        ?.items ?? [],
  });
  const undoing = useMutation({
    mutationFn: (version: number) =>
      api.POST('/api/alert-templates/{trigger}/{channel}/{language}/actions/undo/invoke', {
        params: { path },
        body: { version },
      }),
    onSuccess: (_, version) => onUndone(texts.templates.backTo(version)),
  });
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error ?? undoing.error} />
      <WholeTable<Version>
        name="versions"
        title={texts.templates.history}
        headerVariant="h2"
        description={texts.templates.historyHelp}
        items={data ?? []}
        itemKey={({ version }) => String(version)}
        empty={<WhenEmpty error={error}>{texts.templates.neverChanged}</WhenEmpty>}
        columns={[
          { id: 'version', header: texts.templates.version, cell: ({ version }) => version, isRowHeader: true },
          {
            id: 'at',
            header: texts.templates.changed,
            csv: ({ changedAt }) => changedAt,
            cell: ({ changedAt }) => <Moment at={changedAt} />,
          },
          { id: 'by', header: texts.drills.by, cell: ({ changedBy }) => changedBy },
          {
            id: 'text',
            header: texts.templates.words,
            cell: ({ text }) =>
              text === null
                ? texts.templates.whose.ours
                : [text.title, text.body].filter(Boolean).join(' · ').slice(0, 160),
          },
          ...(mayWrite
            ? [
                {
                  id: 'actions',
                  header: texts.actions,
                  csv: null,
                  cell: ({ version }: Version) =>
                    version !== current && (
                      <Button
                        variant="inline-link"
                        ariaLabel={`${texts.templates.goBack}: ${version}`}
                        loading={undoing.isPending && undoing.variables === version}
                        onClick={() => undoing.mutate(version)}
                      >
                        {texts.templates.goBack}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
    </SpaceBetween>
  );
}
