import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useLocation, useNavigate } from 'react-router';
import { useSession } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { useShownPageName } from './page-name.tsx';
import type { Page } from './pages.tsx';

const isAboutOne = ({ path }: Page): boolean => path.includes(':');

/** The way back from a page that the navigation does not list, to the one that it does. */
export function Crumbs({ trail }: { trail: readonly Page[] }) {
  const name = useShownPageName();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  if (trail.length < 2) return null;
  return (
    <BreadcrumbGroup
      ariaLabel={texts.breadcrumbs}
      items={trail.map((page) =>
        page === trail.at(-1)
          ? { text: name ?? (isAboutOne(page) ? '…' : page.title), href: pathname }
          : { text: page.title, href: page.path },
      )}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href);
      }}
    />
  );
}

/** The title of the window: the thing, the page, its list; and for whom one acts, where it is not one's own organization. */
export function WindowTitle({ trail }: { trail: readonly Page[] }) {
  const name = useShownPageName();
  const { organization, homeOrganizationId } = useSession();
  const titles = trail.toReversed().map(({ title }) => title);
  const parts = [
    ...(name === undefined ? [] : [name]),
    ...(titles.length === 0 ? [texts.notThereTitle] : new Set(titles)),
    ...(organization.id === homeOrganizationId ? [] : [organization.name]),
    texts.product,
  ];
  return <title>{parts.join(' · ')}</title>;
}
