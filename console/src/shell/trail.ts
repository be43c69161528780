import { matchPath } from 'react-router';
import { PAGES, type Page } from './pages.tsx';

const isBelow = (path: string, above: string): boolean => above !== '/' && path.startsWith(`${above}/`);

/** The page that an address stands below: the one that it names, or the nearest by its address. */
function parentOf({ path, parent }: Page): Page | undefined {
  if (parent !== undefined) return PAGES.find((page) => page.path === parent);
  return PAGES.filter((page) => isBelow(path, page.path)).toSorted(
    (one, other) => other.path.length - one.path.length,
  )[0];
}

/** The way from an entry of the navigation to the page at an address; empty where there is no page. */
export function trailTo(pathname: string): readonly Page[] {
  const trail: Page[] = [];
  let page = PAGES.find(({ path }) => matchPath(path, pathname));
  while (page !== undefined) {
    trail.unshift(page);
    page = page.isInNavigation ? undefined : parentOf(page);
  }
  return trail;
}
