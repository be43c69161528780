import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useNavigate } from 'react-router';
import { texts } from '../../texts/texts.ts';

/** Where a page below the wire map stands, and the way back. */
export function BackToWireMap({ title, path }: { title: string; path: string }) {
  const navigate = useNavigate();
  return (
    <BreadcrumbGroup
      items={[
        { text: texts.wireMap.title, href: '/wire-map' },
        { text: title, href: path },
      ]}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href);
      }}
    />
  );
}
