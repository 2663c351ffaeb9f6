import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

/** A name may hold slashes: all of the rest of the address is the name. Without one it is the list. */
export const modelRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models/$',
  component: lazyRouteComponent(() => import('./models-or-model'), 'ModelsOrModel'),
});

export const routes = [modelRoute];
export const navigation: NavigationEntry[] = [
  { to: '/models', label: 'Your models', icon: Boxes, group: 'work', order: 115, permission: 'CATALOG_READ' },
];
