import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { CallOutcome } from '../../parts/call-status.tsx';
import { PageLink } from '../../parts/links.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';

const said = texts.tryIt.test;
const LOOK_AGAIN_MS = 1_000;

/** A 933 that was placed from here, as it goes on. */
export function TestCall({ callId }: { callId: string }) {
  const { data: call, error } = useQuery({
    queryKey: ['test-call', callId],
    refetchInterval: ({ state }) => (state.data?.endedAt ? false : LOOK_AGAIN_MS),
    queryFn: async () => {
      const { data } = await api.GET('/api/calls', { params: { query: { text: callId, max: 1 } } });
      return data?.items[0] ?? null;
    },
  });
  const result = call?.testResult ?? null;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={said.help}
          actions={call && <PageLink to={`/calls/${call.id}`}>{said.open}</PageLink>}
        >
          {said.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={error} />
        <div aria-live="polite">
          {call ? (
            <CallOutcome outcome={call.outcome} />
          ) : (
            <StatusIndicator type="in-progress">{said.dialing}</StatusIndicator>
          )}
        </div>
        {call && (
          <KeyValuePairs
            columns={3}
            items={[
              { label: texts.calls.caller, value: call.callerNumber ?? texts.unknown },
              { label: texts.calls.place, value: call.location?.text ?? texts.unknown },
              { label: said.readsBack, value: call.callbackNumber ?? texts.none },
              ...(result
                ? [
                    {
                      label: said.spoken,
                      value: (
                        <StatusIndicator type={result.spoken === 'speech' ? 'success' : 'warning'}>
                          {said.spokenAs[result.spoken]}
                        </StatusIndicator>
                      ),
                    },
                    {
                      label: said.audio,
                      value: (
                        <StatusIndicator type={result.heard ? 'success' : 'error'}>
                          {result.heard ? said.bothWays : said.oneWay}
                        </StatusIndicator>
                      ),
                    },
                    {
                      label: said.line,
                      value: said.lineOf(result.packetsReceived, result.packetsLost, result.jitterMs),
                    },
                  ]
                : []),
            ]}
          />
        )}
        {result?.fault && <StatusIndicator type="error">{result.fault}</StatusIndicator>}
        {call?.spokenText && (
          <div>
            <Box variant="awsui-key-label">{texts.call.spoken}</Box>
            {call.spokenText}
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}
