import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { paths } from '../api/schema.generated.ts';
import { texts } from '../texts/texts.ts';

export type Site =
  paths['/api/compliance']['get']['responses']['200']['content']['application/json']['locations'][number];

export const stageName = (stage: string | null): string =>
  stage === null ? texts.none : (texts.home.stages[stage as keyof typeof texts.home.stages] ?? stage);

export const isExempt = ({ state }: Pick<Site, 'state'>): boolean => state === 'EXEMPTED';

/** What happens to an emergency call from there now. */
export function Standing({ site }: { site: Site }) {
  if (isExempt(site)) return <StatusIndicator type="stopped">{texts.home.exempted}</StatusIndicator>;
  if (site.optedOut) return <StatusIndicator type="stopped">{texts.home.optedOut}</StatusIndicator>;
  if (site.routingEnabled) return <StatusIndicator type="success">{texts.home.canCall}</StatusIndicator>;
  if (site.testCallsEnabled) return <StatusIndicator type="warning">{texts.home.canTest}</StatusIndicator>;
  return <StatusIndicator type="error">{texts.home.cannot}</StatusIndicator>;
}
