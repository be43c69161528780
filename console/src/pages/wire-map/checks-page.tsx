import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { LintTable, lintCount } from './import-findings.tsx';

const said = texts.wireMapChecks;

export default function ChecksPage() {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['wire-map', 'lint'],
    queryFn: async () => (await api.GET('/api/wire-map/lint')).data ?? null,
  });
  const count = data ? lintCount(data) : 0;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={said.description}
        {...(data && { counter: `(${count.toLocaleString()})` })}
        actions={
          <Button
            iconName="refresh"
            ariaLabel={texts.table.refresh}
            loading={isFetching && data !== undefined}
            onClick={() => void refetch()}
          />
        }
      >
        {said.title}
      </Header>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {!data && !error && <Spinner size="large" />}
      {data && (
        <Container>
          {count === 0 ? <StatusIndicator type="success">{said.clean}</StatusIndicator> : <LintTable lint={data} />}
        </Container>
      )}
    </SpaceBetween>
  );
}
