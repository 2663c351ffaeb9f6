import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Gauge } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface CapsSearch {
  /** For the lab: only those of this partner, by its id. */
  organization?: string;
}

export const capsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/caps',
  validateSearch: ({ organization }: Record<string, unknown>): CapsSearch =>
    typeof organization === 'string' && organization ? { organization } : {},
  component: lazyRouteComponent(() => import('./caps-screen'), 'CapsScreen'),
});

export const routes = [capsRoute];
export const navigation: NavigationEntry[] = [
  { to: '/caps', label: 'Spend caps', icon: Gauge, group: 'organization', order: 243, permission: 'USAGE_READ' },
];
