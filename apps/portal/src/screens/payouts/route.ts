import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { HandCoins } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface PayoutsSearch {
  /** The publisher whose payouts the lab looks at, by id; all if left out. */
  organization?: string;
}

export const payoutsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/payouts',
  validateSearch: ({ organization }: Record<string, unknown>): PayoutsSearch =>
    typeof organization === 'string' && organization ? { organization } : {},
  component: lazyRouteComponent(() => import('./payouts-screen'), 'PayoutsScreen'),
});

export const routes = [payoutsRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/payouts',
    label: 'Payouts',
    icon: HandCoins,
    group: 'organization',
    order: 248,
    permission: 'INVOICES_READ',
  },
];
