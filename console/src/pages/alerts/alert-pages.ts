import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

const section = texts.pages.alerts;

/** The pages about alerts, in the order of the navigation. */
export const ALERT_PAGES: readonly Page[] = [
  {
    path: '/alerts',
    title: texts.pages.incidents,
    needs: 'GET /api/incidents',
    content: lazy(() => import('./incidents-page.tsx')),
    isInNavigation: true,
    section,
  },
  {
    path: '/alerts/incidents/:id',
    title: texts.pages.incidents,
    needs: 'GET /api/incidents/{id}',
    content: lazy(() => import('./incident-page.tsx')),
    isInNavigation: false,
  },
];
