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

/** How deep an address was found right, in words. */
export function levelText({ level, isDispatchable }: Checked): string {
  return isDispatchable ? texts.address.levels[level ?? 'none'] : texts.address.undispatchable;
}

/** How deep an address was found right. */
export function AddressLevel({ check }: { check: Checked | null }) {
  if (check === null) return <StatusIndicator type="pending">{texts.address.unchecked}</StatusIndicator>;
  const type = check.isDispatchable ? TYPES[check.level ?? 'none'] : 'error';
  return <StatusIndicator type={type}>{levelText(check)}</StatusIndicator>;
}
