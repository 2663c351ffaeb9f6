import { useNavigate, useRouterState, useSearch } from '@tanstack/react-router';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { Provider as GraphqlProvider } from 'urql';
import { closeSocket, createClient, csrfHeaders, type Failure, needsPassword, type ResultOf, useRequest } from '../api';
import type { SessionViewer } from './documents';
import { SessionViewer as SESSION_VIEWER } from './documents';
import { paths } from './paths';
import type { SharedSearch } from './routes';

type Viewer = ResultOf<typeof SessionViewer>;
export type Permission = Viewer['me']['permissions'][number];
export type Project = Viewer['projects']['nodes'][number];

/** Who is signed in, and what they may do. */
export interface Session {
  user: { id: string; displayName: string; email: string };
  organization: { id: string; kind: 'LAB' | 'PARTNER'; name: string; slug: string };
  projects: Project[];
  may: (permission: Permission) => boolean;
  /** It is good for choosing another one, and for nothing else. */
  hasInitialPassword: boolean;
}

const SessionContext = createContext<Session | null>(null);
const RenewContext = createContext<() => Promise<void>>(async () => undefined);

/** Holds the connection to the api: another session is another connection, with nothing of the last one's data. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [generation, setGeneration] = useState(0);
  const [refused, setRefused] = useState<Failure | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation is a new client.
  const client = useMemo(() => createClient({ onRefused: setRefused }), [generation]);
  const renew = useCallback(async () => {
    await closeSocket();
    setRefused(null);
    setGeneration((count) => count + 1);
  }, []);
  return (
    <RenewContext value={renew}>
      <GraphqlProvider value={client}>
        <Refused failure={refused} onLed={renew} />
        {children}
      </GraphqlProvider>
    </RenewContext>
  );
}

/** Leads to where a session is begun, or its password chosen, and afterwards back to the page that was asked for. */
function Refused({ failure, onLed }: { failure: Failure | null; onLed: () => Promise<void> }) {
  const navigate = useNavigate();
  const href = useRouterState({ select: ({ location }) => location.href });
  useEffect(() => {
    if (!failure) return;
    const to = needsPassword(failure) ? paths.password() : paths.signIn();
    if (href.startsWith(paths.signIn()) || href.startsWith(paths.password())) return;
    void onLed().then(() => navigate({ to, search: href === '/' ? {} : { to: href }, replace: true }));
  }, [failure, href, navigate, onLed]);
  return null;
}

/** After sign-in and sign-out: forget what the last session saw. */
export function useRenewSession(): () => Promise<void> {
  return use(RenewContext);
}

export function useSignOut(): () => Promise<void> {
  const renew = useRenewSession();
  const navigate = useNavigate();
  return useCallback(async () => {
    await fetch('/auth/sign-out', { method: 'POST', headers: csrfHeaders() });
    await navigate({ to: paths.signIn(), search: {} });
    await renew();
  }, [navigate, renew]);
}

/** The session of the shell: asks who it is before anything else is shown. */
export function useSessionRequest() {
  const request = useRequest(SESSION_VIEWER, {}, { requestPolicy: 'cache-first' });
  const viewer = request.status === 'ready' ? request.data : null;
  const session = useMemo(() => (viewer ? sessionOf(viewer) : null), [viewer]);
  return { request, session };
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession is for what is below the shell');
  return session;
}

/** The project that is looked at: as the address says, else the first one. Null where one has none. */
export function useProject(): Project | null {
  const { projects } = useSession();
  const { project } = useSearch({ strict: false }) as SharedSearch;
  return projects.find(({ slug }) => slug === project) ?? projects[0] ?? null;
}

function sessionOf({ me, projects }: Viewer): Session | null {
  if (!me.user || !me.organization) return null;
  const permissions = new Set<Permission>(me.permissions);
  return {
    user: me.user,
    organization: me.organization,
    // Ids sort by time: a new project does not become everybody's first one.
    projects: [...projects.nodes].sort((left, right) => (left.id < right.id ? -1 : 1)),
    may: (permission) => permissions.has(permission),
    // Every role has more than that.
    hasInitialPassword: permissions.size === 1 && permissions.has('SELF_WRITE'),
  };
}
