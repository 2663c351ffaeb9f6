import { createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { LoadingState, Toasts } from '../ui';
import { Crash, NotFound } from './crash';
import { readReturn } from './return-to';
import { rootRoute, shellRoute } from './routes';
import { screenRoutes } from './screens';
import { ApiProvider } from './session';
import { Shell } from './shell';

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: readReturn,
  component: lazyRouteComponent(() => import('./sign-in'), 'SignIn'),
});
const passwordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/password',
  validateSearch: readReturn,
  component: lazyRouteComponent(() => import('./password'), 'Password'),
});

rootRoute.update({ component: Root });
shellRoute.update({ component: Shell });

export const router = createRouter({
  routeTree: rootRoute.addChildren([signInRoute, passwordRoute, shellRoute.addChildren(screenRoutes)]),
  defaultPreload: 'intent',
  defaultPendingComponent: LoadingState,
  defaultErrorComponent: Crash,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

function Root() {
  return (
    <ApiProvider>
      <Outlet />
      <Toasts />
    </ApiProvider>
  );
}
