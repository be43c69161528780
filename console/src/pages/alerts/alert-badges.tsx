import Badge, { type BadgeProps } from '@cloudscape-design/components/badge';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useIsLive } from '../../session/live-events.ts';
import { texts } from '../../texts/texts.ts';
import type { Incident, Severity } from './alert-types.ts';

const COLORS: Readonly<Record<Severity, NonNullable<BadgeProps['color']>>> = {
  emergency: 'severity-critical',
  critical: 'severity-high',
  warning: 'severity-medium',
  info: 'severity-neutral',
};

export function SeverityBadge({ severity }: { severity: Severity }) {
  return <Badge color={COLORS[severity]}>{texts.alerts.severities[severity]}</Badge>;
}

const STATES: Readonly<Record<Incident['state'], StatusIndicatorProps.Type>> = {
  open: 'error',
  acknowledged: 'in-progress',
  resolved: 'success',
};

export function IncidentState({ state }: { state: Incident['state'] }) {
  return <StatusIndicator type={STATES[state]}>{texts.incidents.states[state]}</StatusIndicator>;
}

/** Whether the page hears of things at once. */
export function LiveState() {
  const isLive = useIsLive();
  return (
    <StatusIndicator type={isLive ? 'success' : 'pending'}>
      {isLive ? texts.alerts.live : texts.alerts.notLive}
    </StatusIndicator>
  );
}
