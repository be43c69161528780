import AppLayout from '@cloudscape-design/components/app-layout';
import Header from '@cloudscape-design/components/header';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import Spinner from '@cloudscape-design/components/spinner';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { lazy, memo, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { matchPath, Route, Routes, useLocation, useNavigate } from 'react-router';
import { addressOf, SIGN_OUT_AT_PROVIDER, signOut } from '../api/client.ts';
import { FailureBoundary } from '../parts/failure-boundary.tsx';
import { keepActing } from '../session/acting-for.ts';
import { useLiveEvents } from '../session/live-events.ts';
import { useForgetSession, useMay, useSession, useSignInWays } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { Crumbs, WindowTitle } from './crumbs.tsx';
import { Notices, useNotify } from './notices.tsx';
import { ActingStrip, OrganizationSwitch } from './organization-switch.tsx';
import { PageNameProvider } from './page-name.tsx';
import { PAGES, type Page } from './pages.tsx';
import { IS_MAC, useShortcutKeys, useSingleKeys } from './shortcut-keys.ts';
import { type Theme, useTheme } from './theme.ts';
import { trailTo } from './trail.ts';

const Finder = lazy(() => import('./finder.tsx'));
const ShortcutList = lazy(() => import('./shortcut-list.tsx'));

const CONTENT_ID = 'content';
/** Where the navigation covers the page (Cloudscape's own breakpoint is near). */
const NARROW_PX = 900;
const FIND_KEYS = IS_MAC ? `${texts.shortcuts.command}K` : `${texts.shortcuts.control}+K`;

type Go = (path: string) => void;

const isTheme = (id: string): id is Theme => id === 'light' || id === 'dark' || id === 'system';

function Top({ onGo }: { onGo: Go }) {
  const session = useSession();
  const forget = useForgetSession();
  const [theme, setTheme] = useTheme();
  const may = useMay();
  const [isSwitching, setIsSwitching] = useState(false);
  const [shown, setShown] = useState<'finder' | 'shortcuts' | null>(null);
  const [areSingleOn, setAreSingleOn] = useSingleKeys();
  useShortcutKeys(areSingleOn, {
    find: () => setShown('finder'),
    list: () => setShown('shortcuts'),
    go(path) {
      if (PAGES.some((page) => page.path === path && may(page.needs))) onGo(path);
    },
  });
  const provider = useSignInWays().data?.openId;
  const notify = useNotify();
  async function leave(): Promise<void> {
    try {
      await signOut();
    } catch (error) {
      // Nobody is told that they have left while the browser would still let the next one in.
      const reason = error instanceof Error ? error.message : String(error);
      notify({ type: 'error', content: texts.shell.notSignedOut(reason) });
      return;
    }
    forget();
  }
  const mark = (own: Theme, name: string): string => (own === theme ? `✓ ${name}` : name);
  return (
    <div id="top">
      <TopNavigation
        identity={{
          href: '/',
          title: texts.product,
          onFollow(event) {
            event.preventDefault();
            onGo('/');
          },
        }}
        utilities={[
          {
            type: 'button',
            iconName: 'search',
            text: texts.finder.title,
            ariaLabel: texts.finder.withKeys(FIND_KEYS),
            title: texts.finder.withKeys(FIND_KEYS),
            disableUtilityCollapse: true,
            onClick: () => setShown('finder'),
          },
          {
            type: 'button',
            text: texts.shell.desk,
            href: addressOf('/desk'),
            external: true,
            externalIconAriaLabel: texts.newWindow,
          },
          {
            type: 'menu-dropdown',
            iconName: 'settings',
            ariaLabel: texts.shell.theme,
            title: texts.shell.theme,
            items: [
              { id: 'system', text: mark('system', texts.shell.system) },
              { id: 'light', text: mark('light', texts.shell.light) },
              { id: 'dark', text: mark('dark', texts.shell.dark) },
            ],
            onItemClick: ({ detail }) => {
              if (isTheme(detail.id)) setTheme(detail.id);
            },
          },
          {
            type: 'menu-dropdown',
            iconName: 'user-profile',
            text: session.organization.name,
            description: `${session.label} · ${texts.roles[session.role as keyof typeof texts.roles] ?? session.role}`,
            ariaLabel: `${texts.shell.account}: ${session.organization.name}`,
            items: [
              ...(may('GET /api/customers') ? [{ id: 'switch', text: texts.shell.switchOrganization }] : []),
              { id: 'shortcuts', text: texts.shortcuts.title },
              { id: 'docs', text: texts.shell.documentation, href: '/docs', external: true },
              { id: 'sign-out', text: texts.shell.signOut },
              ...(session.endsAtProvider && provider
                ? [{ id: 'sign-out-everywhere', text: texts.shell.signOutAt(provider.label) }]
                : []),
            ],
            onItemClick({ detail }) {
              if (detail.id === 'switch') setIsSwitching(true);
              if (detail.id === 'shortcuts') setShown('shortcuts');
              if (detail.id === 'sign-out') void leave();
              if (detail.id === 'sign-out-everywhere') {
                keepActing(null);
                window.location.assign(SIGN_OUT_AT_PROVIDER);
              }
            },
          },
        ]}
      />
      <ActingStrip onSwitch={() => setIsSwitching(true)} />
      <Suspense fallback={null}>
        {shown === 'finder' && <Finder onClose={() => setShown(null)} />}
        {shown === 'shortcuts' && (
          <ShortcutList areSingleOn={areSingleOn} onChange={setAreSingleOn} onClose={() => setShown(null)} />
        )}
      </Suspense>
      {isSwitching && <OrganizationSwitch onClose={() => setIsSwitching(false)} />}
    </div>
  );
}

function Content() {
  const may = useMay();
  const { pathname } = useLocation();
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    // Whoever reads by ear or goes by keyboard begins at the new page, not behind the link that led there.
    if (shown.current !== pathname) place.current?.focus({ preventScroll: true });
    shown.current = pathname;
  }, [pathname]);
  return (
    <div id={CONTENT_ID} ref={place} tabIndex={-1}>
      <FailureBoundary key={pathname}>
        <Suspense fallback={<Spinner size="large" />}>
          <Routes>
            {PAGES.filter(({ needs }) => may(needs)).map(({ path, content: Page }) => (
              <Route key={path} path={path} element={<Page />} />
            ))}
            <Route path="*" element={<NotThere />} />
          </Routes>
        </Suspense>
      </FailureBoundary>
    </div>
  );
}

function NotThere() {
  return <Header variant="h1">{texts.notThere}</Header>;
}

const isWide = (pathname: string): boolean =>
  PAGES.find(({ path }) => matchPath(path, pathname) !== null)?.isWide === true;

/** Links in the order of the pages; those of one section stand under its heading. */
function navigationItems(pages: readonly Page[]): SideNavigationProps.Item[] {
  const items: SideNavigationProps.Item[] = [];
  for (const { path, title, section } of pages) {
    const link = { type: 'link', href: path, text: title } as const;
    const last = items.at(-1);
    if (section === undefined) items.push(link);
    else if (last?.type === 'section' && last.text === section)
      items[items.length - 1] = { ...last, items: [...last.items, link] };
    else items.push({ type: 'section', text: section, items: [link] });
  }
  return items;
}

/** What stands around every page: who is signed in, where one can go, what just happened. */
export function Shell() {
  useLiveEvents();
  return (
    <PageNameProvider>
      <Frame />
    </PageNameProvider>
  );
}

/** Follows the address bar; what only a page shows there changes nothing around it. */
function Frame() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const latest = useRef(navigate);
  latest.current = navigate;
  const go = useCallback<Go>((path) => void latest.current(path), []);
  return <Surroundings pathname={pathname} onGo={go} />;
}

const Surroundings = memo(function Surroundings({ pathname, onGo }: { pathname: string; onGo: Go }) {
  const may = useMay();
  const [isOpen, setIsOpen] = useState(() => window.innerWidth > NARROW_PX);
  const shown = PAGES.filter(({ isInNavigation, needs }) => isInNavigation && may(needs));
  const trail = trailTo(pathname);
  return (
    <>
      <WindowTitle trail={trail} />
      <a
        className="skip"
        href={`#${CONTENT_ID}`}
        onClick={(event) => {
          event.preventDefault();
          document.getElementById(CONTENT_ID)?.focus();
        }}
      >
        {texts.shell.skip}
      </a>
      <Top onGo={onGo} />
      <AppLayout
        headerSelector="#top"
        toolsHide
        {...(isWide(pathname) && { maxContentWidth: Number.MAX_SAFE_INTEGER })}
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setIsOpen(detail.open)}
        ariaLabels={{
          navigation: texts.shell.navigation,
          navigationClose: texts.shell.closeNavigation,
          navigationToggle: texts.shell.openNavigation,
          notifications: texts.shell.notifications,
        }}
        stickyNotifications
        notifications={<Notices />}
        navigation={
          <SideNavigation
            activeHref={trail[0]?.path ?? ''}
            items={navigationItems(shown)}
            onFollow={(event) => {
              if (event.detail.external) return;
              event.preventDefault();
              if (window.innerWidth <= NARROW_PX) setIsOpen(false);
              onGo(event.detail.href);
            }}
          />
        }
        breadcrumbs={<Crumbs trail={trail} />}
        content={<Content />}
      />
    </>
  );
});
