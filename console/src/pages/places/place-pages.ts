import { lazy } from 'react';
import type { Page } from '../../shell/pages.tsx';
import { texts } from '../../texts/texts.ts';

/** The way to emergency calls, and the places that they come from. */
export const PLACE_PAGES: readonly Page[] = [
  {
    path: '/onboarding',
    title: texts.onboarding.page,
    needs: 'PUT /v1/telephony/config/redSky/status',
    content: lazy(() => import('../onboarding/onboarding-page.tsx')),
    isInNavigation: true,
  },
  {
    path: '/places',
    title: texts.pages.places,
    needs: 'GET /api/locations',
    content: lazy(() => import('./places-page.tsx')),
    isInNavigation: true,
    isWide: true,
  },
  {
    path: '/places/:id',
    title: texts.pages.places,
    needs: 'GET /api/locations/{locationId}',
    content: lazy(() => import('./location-page.tsx')),
    isInNavigation: false,
    isWide: true,
  },
];
