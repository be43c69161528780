import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from './place-types.ts';

/** What happens to an emergency call from a location now. */
export function Standing({ standing }: { standing: LocationItem['standing'] }) {
  if (standing.exempt) return <StatusIndicator type="stopped">{texts.home.exempted}</StatusIndicator>;
  if (standing.optedOut) return <StatusIndicator type="stopped">{texts.sites.optedOut}</StatusIndicator>;
  if (standing.routingEnabled) return <StatusIndicator type="success">{texts.sites.routed}</StatusIndicator>;
  if (standing.testCallsEnabled) return <StatusIndicator type="warning">{texts.sites.testOnly}</StatusIndicator>;
  return <StatusIndicator type="error">{texts.sites.notRouted}</StatusIndicator>;
}
