import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

export const PLACE_PAGES: readonly Page[] = [
  {
    path: '/places',
    title: texts.pages.places,
    needs: 'GET /api/locations',
    content: lazy(() => import('./places-page.tsx')),
    isInNavigation: true,
  },
  {
    path: '/places/:id',
    title: texts.pages.places,
    needs: 'GET /api/locations/{locationId}',
    content: lazy(() => import('./location-page.tsx')),
    isInNavigation: false,
  },
];
