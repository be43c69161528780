import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useNavigate } from 'react-router';
import { texts } from '../../texts/texts.ts';

/** The way back from a page to those above it. */
export function Crumbs({ items }: { items: readonly { text: string; href: string }[] }) {
  const navigate = useNavigate();
  return (
    <BreadcrumbGroup
      ariaLabel={texts.breadcrumbs}
      items={items}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href);
      }}
    />
  );
}
