import { lazy } from 'react';
import type { Page } from '../shell/pages.tsx';
import { texts } from '../texts/texts.ts';

const section = texts.network;

/** What finds phones, who has which number, and the peers that calls come from. */
export const NETWORK_PAGES: readonly Page[] = [
  {
    path: '/wire-map',
    title: texts.pages.wireMap,
    needs: 'GET /api/wire-map',
    content: lazy(() => import('./wire-map/wire-map-page.tsx')),
    isInNavigation: true,
    section,
  },
  {
    path: '/wire-map/inbox',
    title: texts.inbox.title,
    needs: 'GET /api/wire-map/unmapped',
    content: lazy(() => import('./wire-map/inbox-page.tsx')),
    isInNavigation: true,
    section,
  },
  {
    path: '/wire-map/import',
    title: texts.imports.title,
    needs: 'POST /api/wire-map/imports',
    content: lazy(() => import('./wire-map/import-page.tsx')),
    isInNavigation: false,
    section,
  },
  {
    path: '/wire-map/history',
    title: texts.wireMapHistory.title,
    needs: 'GET /api/wire-map/versions',
    content: lazy(() => import('./wire-map/history-page.tsx')),
    isInNavigation: false,
    section,
  },
  {
    path: '/wire-map/checks',
    title: texts.wireMapChecks.title,
    needs: 'GET /api/wire-map/lint',
    content: lazy(() => import('./wire-map/checks-page.tsx')),
    isInNavigation: false,
    section,
  },
  {
    path: '/wire-map/addresses',
    title: texts.ownAddresses.title,
    needs: 'GET /api/address-ranges',
    content: lazy(() => import('./wire-map/own-addresses-page.tsx')),
    isInNavigation: false,
    section,
  },
  {
    path: '/trunks',
    title: texts.trunks.title,
    needs: 'GET /api/trunks',
    content: lazy(() => import('./trunks/trunks-page.tsx')),
    isInNavigation: true,
    section,
  },
  {
    path: '/members',
    title: texts.members.title,
    needs: 'GET /api/members',
    content: lazy(() => import('./members/members-page.tsx')),
    isInNavigation: true,
    section: texts.members.section,
  },
  {
    path: '/members/numbers',
    title: texts.numbers.title,
    needs: 'GET /api/numbers',
    content: lazy(() => import('./members/numbers-page.tsx')),
    isInNavigation: true,
    section: texts.members.section,
  },
  {
    path: '/members/callbacks',
    title: texts.callbacks.pageTitle,
    needs: 'GET /v1/telephony/config/locations/{locationId}/features/emergencyCallbackNumber',
    content: lazy(() => import('./members/callbacks-page.tsx')),
    isInNavigation: true,
    section: texts.members.section,
  },
  {
    path: '/members/elins',
    title: texts.elins.title,
    needs: 'GET /api/elin-bindings',
    content: lazy(() => import('./members/elins-page.tsx')),
    isInNavigation: true,
    section: texts.members.section,
  },
  {
    path: '/members/:id',
    title: texts.members.title,
    needs: 'GET /api/members/{memberId}',
    content: lazy(() => import('./members/member-page.tsx')),
    isInNavigation: false,
    section: texts.members.section,
  },
];
