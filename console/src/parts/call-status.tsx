import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { paths } from '../api/schema.generated.ts';
import { texts } from '../texts/texts.ts';

export type CallItem = paths['/api/calls']['get']['responses']['200']['content']['application/json']['items'][number];

const OUTCOME_TYPES: Readonly<Record<CallItem['outcome'], StatusIndicatorProps.Type>> = {
  routing: 'in-progress',
  answered: 'in-progress',
  completed: 'success',
  abandoned: 'warning',
  failed: 'error',
  redirected: 'info',
};

export function CallOutcome({ outcome }: { outcome: CallItem['outcome'] }) {
  return <StatusIndicator type={OUTCOME_TYPES[outcome]}>{texts.calls.outcomes[outcome]}</StatusIndicator>;
}

const RECEIPT_TYPES = { accepted: 'success', queued: 'pending', failed: 'warning', exhausted: 'error' } as const;

export function ReceiptState({ state }: { state: keyof typeof RECEIPT_TYPES }) {
  return <StatusIndicator type={RECEIPT_TYPES[state]}>{texts.receipts.states[state]}</StatusIndicator>;
}
