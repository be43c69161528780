import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

const shared = { isInNavigation: true, section: texts.routing.section } as const;

/** Who answers where, and the data behind it. */
export const ROUTING_PAGES: readonly Page[] = [
  {
    ...shared,
    path: '/routing',
    title: texts.routing.page,
    needs: 'GET /api/explain/route',
    content: lazy(() => import('./routing-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/locations',
    title: texts.routing.sites.title,
    needs: 'GET /api/route-standings',
    content: lazy(() => import('./sites-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/psaps',
    title: texts.routing.psaps.title,
    needs: 'GET /api/psaps',
    content: lazy(() => import('./psaps-page.tsx')),
  },
  {
    path: '/try',
    title: texts.tryIt.title,
    needs: 'POST /api/explain/simulation',
    content: lazy(() => import('../try/try-page.tsx')),
    isInNavigation: true,
    section: texts.routing.section,
  },
];
