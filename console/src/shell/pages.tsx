import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { ALERT_PAGES } from '../pages/alerts/alert-pages.ts';
import { NETWORK_PAGES } from '../pages/network-pages.ts';
import { PLACE_PAGES } from '../pages/places/place-pages.ts';
import { ROUTING_PAGES } from '../pages/routing/routing-pages.ts';
import { SETTINGS_PAGES } from '../pages/settings/settings-pages.ts';
import type { Operation } from '../session/session.ts';
import { texts } from '../texts/texts.ts';

/** One place of the navigation. Each page is loaded when it is opened first. */
export type Page = {
  /** As the address bar shows it, with `:name` for what varies; the platform answers it too (`console-files.ts`). */
  path: string;
  title: string;
  /** What it needs; whoever may not do that does not see it. */
  needs: Operation;
  content: LazyExoticComponent<ComponentType>;
  /** Shown in the navigation; others are reached from their parent. */
  isInNavigation: boolean;
  /** Lists with many columns and maps take the whole of a large screen; what is read stays as wide as one reads. */
  isWide?: boolean;
  /** Of pages that are not in the navigation: which of it they belong to, where their address does not say it. */
  parent?: string;
  /** Under which heading of the navigation; pages of one heading stand together. */
  section?: string;
};

export const PAGES: readonly Page[] = [
  {
    path: '/',
    title: texts.pages.home,
    needs: 'GET /api/session',
    content: lazy(() => import('../pages/home-page.tsx')),
    isInNavigation: true,
    isWide: true,
  },
  ...PLACE_PAGES,
  {
    path: '/calls',
    title: texts.pages.calls,
    needs: 'GET /api/calls',
    content: lazy(() => import('../pages/calls-page.tsx')),
    isInNavigation: true,
    isWide: true,
  },
  {
    path: '/calls/:id',
    title: texts.pages.calls,
    needs: 'GET /api/calls/{id}',
    content: lazy(() => import('../pages/call-page.tsx')),
    isInNavigation: false,
  },
  ...NETWORK_PAGES,
  ...ALERT_PAGES,
  ...ROUTING_PAGES,
  ...SETTINGS_PAGES,
];
