import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

const section = texts.settings.title;

/** What an organization settles about itself, and what runs here. */
export const SETTINGS_PAGES: readonly Page[] = [
  {
    path: '/settings',
    title: texts.pages.settings,
    needs: 'GET /api/e911-account',
    content: lazy(() => import('./settings-page.tsx')),
    isInNavigation: true,
    section,
  },
  {
    path: '/settings/tokens',
    title: texts.pages.tokens,
    needs: 'GET /api/tokens',
    content: lazy(() => import('./tokens-page.tsx')),
    isInNavigation: true,
    isWide: true,
    section,
  },
  {
    path: '/settings/audit',
    title: texts.pages.audit,
    needs: 'GET /api/audit',
    content: lazy(() => import('./audit-page.tsx')),
    isInNavigation: true,
    isWide: true,
    section,
  },
  {
    path: '/settings/removed',
    title: texts.pages.removed,
    needs: 'GET /api/removed',
    content: lazy(() => import('./removed-page.tsx')),
    isInNavigation: true,
    isWide: true,
    section,
  },
  {
    path: '/about',
    title: texts.pages.about,
    needs: 'GET /api/about',
    content: lazy(() => import('../about-page.tsx')),
    isInNavigation: true,
    section,
  },
];
