import Icon, { type IconProps } from '@cloudscape-design/components/icon';
import type { ReactElement } from 'react';

const icons = new Map<IconProps.Name, ReactElement>();

/** One element for all rows: React does not look into what is the same as before. */
function iconOf(name: IconProps.Name): ReactElement {
  const icon = icons.get(name) ?? <Icon name={name} variant="link" />;
  icons.set(name, icon);
  return icon;
}

/** What one does with a row, as an icon: tables have dozens of them, and each of the design system's buttons costs a browser as much as a row. */
export function RowButton({ icon, label, onClick }: { icon: IconProps.Name; label: string; onClick: () => void }) {
  return (
    <button type="button" className="row-button" aria-label={label} onClick={onClick}>
      {iconOf(icon)}
    </button>
  );
}
