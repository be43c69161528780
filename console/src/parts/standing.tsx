import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { paths } from '../api/schema.generated.ts';
import { texts } from '../texts/texts.ts';

export type Site =
  paths['/api/compliance']['get']['responses']['200']['content']['application/json']['locations'][number];

export const stageName = (stage: string | null): string =>
  stage === null ? texts.none : (texts.home.stages[stage as keyof typeof texts.home.stages] ?? stage);

export const isExempt = ({ state }: Pick<Site, 'state'>): boolean => state === 'EXEMPTED';

/** How a location of the list of stages stands. */
export const standingOf = (site: Site) => ({ ...site, exempt: isExempt(site) });

type Stands = { exempt: boolean; optedOut: boolean; routingEnabled: boolean; testCallsEnabled: boolean };

function said(standing: Stands): readonly [type: StatusIndicatorProps.Type, text: string] {
  if (standing.exempt) return ['stopped', texts.home.exempted];
  if (standing.optedOut) return ['stopped', texts.sites.optedOut];
  if (standing.routingEnabled) return ['success', texts.sites.routed];
  return standing.testCallsEnabled ? ['warning', texts.sites.testOnly] : ['error', texts.sites.notRouted];
}

/** What happens to an emergency call from a location now, in words. */
export const standingText = (standing: Stands): string => said(standing)[1];

/** What happens to an emergency call from a location now. */
export function Standing({ standing }: { standing: Stands }) {
  const [type, text] = said(standing);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}
