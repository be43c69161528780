import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

const shared = { isInNavigation: true, section: texts.routing.section } as const;

/** Who answers where, and the data behind it. */
export const ROUTING_PAGES: readonly Page[] = [
  {
    ...shared,
    path: '/routing',
    isWide: true,
    title: texts.routing.page,
    needs: 'GET /api/explain/route',
    content: lazy(() => import('./routing-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/locations',
    isWide: true,
    title: texts.routing.sites.title,
    needs: 'GET /api/route-standings',
    content: lazy(() => import('./sites-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/psaps',
    isWide: true,
    title: texts.routing.psaps.title,
    needs: 'GET /api/psaps',
    content: lazy(() => import('./psaps-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/layers',
    isWide: true,
    title: texts.routing.layers.title,
    needs: 'GET /api/boundaries/layers',
    content: lazy(() => import('./layers-page.tsx')),
  },
  {
    ...shared,
    path: '/routing/boundaries',
    title: texts.routing.boundaries.title,
    needs: 'GET /api/boundaries',
    content: lazy(() => import('./boundaries-page.tsx')),
    isInNavigation: false,
    isWide: true,
    parent: '/routing/layers',
  },
  {
    ...shared,
    path: '/routing/import',
    title: texts.routing.imports.title,
    needs: 'POST /api/boundaries/imports',
    content: lazy(() => import('./import-page.tsx')),
    isInNavigation: false,
    parent: '/routing/layers',
  },
  {
    ...shared,
    path: '/routing/worklist',
    isWide: true,
    title: texts.routing.worklist.title,
    needs: 'GET /api/psap-worklist',
    content: lazy(() => import('./worklist-page.tsx')),
  },
  {
    ...shared,
    path: '/try',
    title: texts.tryIt.title,
    needs: 'POST /api/explain/simulation',
    content: lazy(() => import('../try/try-page.tsx')),
  },
];
