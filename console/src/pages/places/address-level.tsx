import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { texts } from '../../texts/texts.ts';
import type { AddressCheck } from './place-types.ts';

const TYPES: Readonly<Record<keyof typeof texts.address.levels, StatusIndicatorProps.Type>> = {
  point: 'success',
  street: 'success',
  postal: 'info',
  syntax: 'warning',
  none: 'error',
};

type Checked = Pick<AddressCheck, 'level' | 'isDispatchable'>;

/** How deep an address was found right. */
export function AddressLevel({ check, isVouched = false }: { check: Checked | null; isVouched?: boolean }) {
  if (check === null) return <StatusIndicator type="pending">{texts.address.unchecked}</StatusIndicator>;
  if (!check.isDispatchable) return <StatusIndicator type="error">{texts.address.undispatchable}</StatusIndicator>;
  if (isVouched) return <StatusIndicator type="info">{texts.address.vouched}</StatusIndicator>;
  const level = check.level ?? 'none';
  return <StatusIndicator type={TYPES[level]}>{texts.address.levels[level]}</StatusIndicator>;
}
