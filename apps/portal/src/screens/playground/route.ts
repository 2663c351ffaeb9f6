import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface PlaygroundSearch {
  /** Names of models, as programs would give them. */
  left?: string;
  right?: string;
}

export const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/playground',
  validateSearch: (search: Record<string, unknown>): PlaygroundSearch => ({
    ...(typeof search['left'] === 'string' ? { left: search['left'] } : {}),
    ...(typeof search['right'] === 'string' ? { right: search['right'] } : {}),
  }),
  component: lazyRouteComponent(() => import('./playground-screen'), 'PlaygroundScreen'),
});

export const routes = [playgroundRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/playground',
    label: 'Playground',
    icon: MessagesSquare,
    group: 'work',
    order: 150,
    permission: 'INFERENCE_CALL',
  },
];
