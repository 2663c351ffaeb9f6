import { Link, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon, X } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { classNames, ErrorState, IconButton, LoadingState, PopupContainer, useMedia } from '../ui';
import { Account } from './account-button';
import { Mark } from './mark';
import { GROUP_LABELS, isShownTo, NAVIGATION_GROUPS } from './navigation';
import { Opening } from './opening';
import { paths } from './paths';
import { ProjectSwitcher } from './project-switcher';
import { navigation } from './screens';
import { SessionProvider, useSession, useSessionRequest } from './session';

/** Tailwind's `lg`: there is room for the navigation beside the page. */
const WIDE = '(width >= 64rem)';

/** What is around every page of who is signed in. */
export function Shell() {
  const isWide = useMedia(WIDE);
  const { request, session } = useSessionRequest();
  const mustChoosePassword = session?.hasInitialPassword ?? false;
  useLeadToPassword(mustChoosePassword);
  if (!session && request.status === 'failed' && !LEADS_ELSEWHERE.has(request.failure.code)) {
    return (
      <main className="mx-auto max-w-3xl px-6 py-16">
        <ErrorState failure={request.failure} onRetry={request.refresh} />
      </main>
    );
  }
  if (!session || mustChoosePassword) return <Opening />;
  return (
    <SessionProvider session={session}>
      <a
        href="#content"
        className="sr-only z-60 rounded-md bg-accent px-4 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <div className="grid min-h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[auto_1fr] lg:grid-cols-[14.5rem_minmax(0,1fr)] lg:grid-rows-1">
        {isWide ? (
          <aside className="sticky top-0 flex h-dvh flex-col border-r border-line bg-surface">
            <SideBar />
          </aside>
        ) : (
          <TopBar />
        )}
        <main id="content" tabIndex={-1} className="min-w-0 px-5 py-6 outline-none md:px-8 lg:py-7">
          <div className="mx-auto max-w-7xl">
            <Suspense fallback={<LoadingState lines={6} />}>
              <Outlet />
            </Suspense>
          </div>
        </main>
      </div>
    </SessionProvider>
  );
}

/** Pages that ask for nothing would take the lack of permissions for the role's. */
function useLeadToPassword(mustChoose: boolean): void {
  const router = useRouter();
  const navigate = useNavigate();
  useEffect(() => {
    if (!mustChoose) return;
    const { href } = router.state.location;
    void navigate({ to: paths.password(), search: href === '/' ? {} : { to: href }, replace: true });
  }, [mustChoose, router, navigate]);
}

/** Answered by going to sign-in or to the choice of a password. */
const LEADS_ELSEWHERE = new Set(['UNAUTHENTICATED', 'PASSWORD_CHANGE_REQUIRED']);

function SideBar() {
  return (
    <>
      <Link to="/" className="flex items-center gap-2 px-4 pt-4 pb-3 text-lg font-semibold tracking-tight">
        <Mark />
        Forkpoint
      </Link>
      <div className="px-3 pb-2">
        <ProjectSwitcher />
      </div>
      <Navigation />
      <div className="border-t border-line p-2">
        <Account />
      </div>
    </>
  );
}

function Navigation() {
  const session = useSession();
  const shown = navigation.filter((entry) => isShownTo(entry, session));
  return (
    <nav aria-label="Main" className="flex grow flex-col gap-4 overflow-y-auto px-2 py-2">
      {NAVIGATION_GROUPS.map((group) => {
        const entries = shown.filter((entry) => entry.group === group);
        if (entries.length === 0) return null;
        return (
          <div key={group}>
            <p id={`nav-${group}`} className="px-2 pb-1 text-xs font-medium text-ink-faint">
              {GROUP_LABELS[group]}
            </p>
            <ul aria-labelledby={`nav-${group}`} className="flex flex-col gap-px">
              {entries.map(({ to, label, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    activeOptions={{ exact: to === '/', includeSearch: false }}
                    className={classNames(
                      'flex items-center gap-2.5 rounded-md px-2 py-1.25 text-ink-soft hover:bg-sunken hover:text-ink',
                      'aria-[current=page]:bg-accent-wash aria-[current=page]:font-medium aria-[current=page]:text-accent',
                    )}
                  >
                    <Icon aria-hidden className="size-4 shrink-0" />
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

/** On narrow screens the side bar comes, and is made, when it is asked for. */
function TopBar() {
  const [drawer, setDrawer] = useState<HTMLDialogElement | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever arrives somewhere has used the navigation.
  useEffect(() => drawer?.close(), [pathname]);
  const open = () => {
    setIsOpen(true);
    drawer?.showModal();
  };
  return (
    <header className="flex items-center gap-2 border-b border-line bg-surface px-3 py-2">
      <IconButton icon={MenuIcon} label="Open navigation" onClick={open} />
      <dialog
        ref={setDrawer}
        aria-label="Navigation"
        onClose={() => setIsOpen(false)}
        className="fixed inset-y-0 left-0 m-0 h-dvh max-h-none w-68 flex-col border-r border-line bg-surface text-ink backdrop:bg-[#000]/35 open:flex"
      >
        <IconButton
          icon={X}
          label="Close navigation"
          className="absolute top-3 right-2"
          onClick={() => drawer?.close()}
        />
        <PopupContainer value={drawer ?? undefined}>{isOpen && <SideBar />}</PopupContainer>
      </dialog>
      <Link to="/" className="flex items-center gap-2 font-semibold">
        <Mark />
        Forkpoint
      </Link>
    </header>
  );
}
