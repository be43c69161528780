import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { paths } from '../../api/schema.generated.ts';
import { texts } from '../../texts/texts.ts';

export type ImportJob = paths['/api/wire-map/imports/{id}']['get']['responses']['200']['content']['application/json'];

const TYPES = {
  reading: 'in-progress',
  comparing: 'in-progress',
  checked: 'pending',
  applying: 'in-progress',
  applied: 'success',
  failed: 'error',
} as const;

export function ImportState({ state }: { state: ImportJob['state'] }) {
  return <StatusIndicator type={TYPES[state]}>{texts.imports.states[state]}</StatusIndicator>;
}
