import { useMay } from '../session/session.ts';
import { PAGES } from './pages.tsx';

/** The first of these addresses that stands in the console and that one may open; null: none. */
export function useFirstPage(): (paths: readonly string[]) => string | null {
  const may = useMay();
  return (paths) =>
    paths.find((path) => PAGES.some((page) => page.path === path.split('?')[0] && may(page.needs))) ?? null;
}
