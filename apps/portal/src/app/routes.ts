import { createRootRoute, createRoute, redirect, retainSearchParams } from '@tanstack/react-router';
import { mayBeSignedIn } from '../api';
import { paths } from './paths';

export interface SharedSearch {
  /** The slug of the project whose data is looked at; without it the first one. */
  project?: string;
}

/** Below it is every page. */
export const rootRoute = createRootRoute({
  validateSearch: (search: Record<string, unknown>): SharedSearch =>
    typeof search['project'] === 'string' ? { project: search['project'] } : {},
  search: { middlewares: [retainSearchParams(['project'])] },
});

/** Pages for who is signed in: with navigation, and the session at hand. A screen's routes are its children. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: ({ location: { href } }) => {
    if (!mayBeSignedIn()) throw redirect({ to: paths.signIn(), search: href === '/' ? {} : { to: href } });
  },
});
