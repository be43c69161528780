import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Age } from '../../parts/age.tsx';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/texts.ts';
import type { Incident } from './alert-types.ts';

/** How far an incident went: who took it on, or when the next people are told unless somebody does. */
export function Escalation({ incident }: { incident: Incident }) {
  const {
    state,
    isDrill,
    nextStepAt,
    stepsTold,
    stepsWaiting,
    acknowledgedBy,
    acknowledgedAt,
    resolvedBy,
    resolvedAt,
  } = incident;
  if (state === 'resolved') return <By who={resolvedBy} at={resolvedAt} />;
  if (state === 'acknowledged') return <By who={acknowledgedBy} at={acknowledgedAt} />;
  if (nextStepAt !== null) {
    return (
      <StatusIndicator type="pending">
        {texts.incidents.nextStep(stepsTold + 1, stepsTold + stepsWaiting)} <Age at={nextStepAt} />
      </StatusIndicator>
    );
  }
  return (
    <StatusIndicator type={isDrill ? 'info' : 'warning'}>
      {stepsTold === 0 ? texts.incidents.noSteps : texts.incidents.allStepsTold(stepsTold)}
    </StatusIndicator>
  );
}

function By({ who, at }: { who: string | null; at: string | null }) {
  return (
    <>
      {who ?? texts.unknown}
      {at !== null && (
        <>
          {', '}
          <Moment at={at} />
        </>
      )}
    </>
  );
}
