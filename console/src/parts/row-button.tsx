import Icon, { type IconProps } from '@cloudscape-design/components/icon';

/** What one does with a row, as an icon: tables have dozens of them, and each of the design system's buttons costs a browser as much as a row. */
export function RowButton({ icon, label, onClick }: { icon: IconProps.Name; label: string; onClick: () => void }) {
  return (
    <button type="button" className="row-button" aria-label={label} onClick={onClick}>
      <Icon name={icon} variant="link" />
    </button>
  );
}
