import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { paths } from '../api/schema.generated.ts';
import { texts } from '../texts/texts.ts';

export type Site =
  paths['/api/compliance']['get']['responses']['200']['content']['application/json']['locations'][number];

export const stageName = (stage: string | null): string =>
  stage === null ? texts.none : (texts.home.stages[stage as keyof typeof texts.home.stages] ?? stage);

export const isExempt = ({ state }: Pick<Site, 'state'>): boolean => state === 'EXEMPTED';

/** How a location of the list of stages stands. */
export const standingOf = (site: Site) => ({ ...site, exempt: isExempt(site) });

/** What happens to an emergency call from a location now. */
export function Standing({
  standing: { exempt, optedOut, routingEnabled, testCallsEnabled },
}: {
  standing: { exempt: boolean; optedOut: boolean; routingEnabled: boolean; testCallsEnabled: boolean };
}) {
  if (exempt) return <StatusIndicator type="stopped">{texts.home.exempted}</StatusIndicator>;
  if (optedOut) return <StatusIndicator type="stopped">{texts.sites.optedOut}</StatusIndicator>;
  if (routingEnabled) return <StatusIndicator type="success">{texts.sites.routed}</StatusIndicator>;
  if (testCallsEnabled) return <StatusIndicator type="warning">{texts.sites.testOnly}</StatusIndicator>;
  return <StatusIndicator type="error">{texts.sites.notRouted}</StatusIndicator>;
}
