import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import type { TemplatePreview, TemplateView } from './alert-types.ts';
import type { TemplateName } from './template-page.tsx';
import './alerts.css';
import { useQuery } from '../../api/use-query.ts';

const TYPING_MS = 400;

type Content = NonNullable<TemplatePreview['content']>;

function Mail({ content }: { content: Extract<Content, { channel: 'email' }> }) {
  const [way, setWay] = useState(content.html === null ? 'text' : 'html');
  return (
    <SpaceBetween size="s">
      <Box variant="strong">{content.subject}</Box>
      {content.html !== null && (
        <SegmentedControl
          label={texts.templates.shownAs}
          selectedId={way}
          options={[
            { id: 'html', text: texts.templates.asMail },
            { id: 'text', text: texts.templates.asText },
          ]}
          onChange={({ detail }) => setWay(detail.selectedId)}
        />
      )}
      {way === 'html' && content.html !== null ? (
        // No scripts, no forms, no way out: what a template says stays in its frame.
        <iframe className="mail-preview" title={texts.templates.asMail} sandbox="" srcDoc={content.html} />
      ) : (
        <pre className="message">{content.text}</pre>
      )}
    </SpaceBetween>
  );
}

function Message({ content }: { content: Content }) {
  switch (content.channel) {
    case 'email':
      return <Mail content={content} />;
    case 'sms':
      return <pre className="message">{content.text}</pre>;
    case 'push':
      return (
        <pre className="message">
          <strong>{content.title}</strong>
          {`\n${content.body}`}
        </pre>
      );
    case 'chat':
      return (
        <pre className="message">
          <strong>{content.title}</strong>
          {[
            '',
            ...content.lines.map(({ name, value }) => (name === '' ? value : `${name}: ${value}`)),
            ...content.notices,
            ...content.links.map(({ text, url }) => `${text}: ${url}`),
          ].join('\n')}
        </pre>
      );
    case 'webhook':
      return <pre className="message">{JSON.stringify(content.data, null, 2)}</pre>;
  }
}

/** What a text would say of a sample, while it is written. */
export function TemplatePreviewPane({ path, text }: { path: TemplateName; text: TemplateView['text'] }) {
  const [shown, setShown] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setShown(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error } = useQuery({
    queryKey: ['alert-templates', 'preview', path, shown],
    placeholderData: keepPreviousData,
    queryFn: async () => (await api.POST('/api/alert-templates/preview', { body: { ...path, ...shown } })).data,
  });
  return (
    <Container
      header={
        <Header variant="h2" description={texts.templates.previewHelp}>
          {texts.templates.preview}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={error} />
        {data?.faults.map(({ path: field, message }) => (
          <Alert key={`${field} ${message}`} type="error">
            {field}: {message}
          </Alert>
        ))}
        {data?.warnings.map((warning) => (
          <Alert key={warning} type="warning">
            {warning}
          </Alert>
        ))}
        {data?.content && <Message content={data.content} />}
      </SpaceBetween>
    </Container>
  );
}
