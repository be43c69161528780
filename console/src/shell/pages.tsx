import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { ALERT_PAGES } from '../pages/alerts/alert-pages.ts';
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
  },
  ...PLACE_PAGES,
  {
    path: '/calls',
    title: texts.pages.calls,
    needs: 'GET /api/calls',
    content: lazy(() => import('../pages/calls-page.tsx')),
    isInNavigation: true,
  },
  {
    path: '/calls/:id',
    title: texts.pages.calls,
    needs: 'GET /api/calls/{id}',
    content: lazy(() => import('../pages/call-page.tsx')),
    isInNavigation: false,
  },
  {
    path: '/wire-map',
    title: texts.pages.wireMap,
    needs: 'GET /api/wire-map',
    content: lazy(() => import('../pages/wire-map/wire-map-page.tsx')),
    isInNavigation: true,
    section: texts.network,
  },
  {
    path: '/wire-map/inbox',
    title: texts.pages.inbox,
    needs: 'GET /api/wire-map/unmapped',
    content: lazy(() => import('../pages/wire-map/inbox-page.tsx')),
    isInNavigation: true,
    section: texts.network,
  },
  {
    path: '/wire-map/import',
    title: texts.imports.title,
    needs: 'POST /api/wire-map/imports',
    content: lazy(() => import('../pages/wire-map/import-page.tsx')),
    isInNavigation: false,
    section: texts.network,
  },
  {
    path: '/wire-map/history',
    title: texts.wireMapHistory.title,
    needs: 'GET /api/wire-map/versions',
    content: lazy(() => import('../pages/wire-map/history-page.tsx')),
    isInNavigation: false,
    section: texts.network,
  },
  {
    path: '/wire-map/checks',
    title: texts.wireMapChecks.title,
    needs: 'GET /api/wire-map/lint',
    content: lazy(() => import('../pages/wire-map/checks-page.tsx')),
    isInNavigation: false,
    section: texts.network,
  },
  {
    path: '/wire-map/addresses',
    title: texts.ownAddresses.title,
    needs: 'GET /api/address-ranges',
    content: lazy(() => import('../pages/wire-map/own-addresses-page.tsx')),
    isInNavigation: false,
    section: texts.network,
  },
  ...ALERT_PAGES,
  ...ROUTING_PAGES,
  ...SETTINGS_PAGES,
];
