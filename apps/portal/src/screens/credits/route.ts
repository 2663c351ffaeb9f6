import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Gift } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface CreditsSearch {
  /** Whose credits, by the id of the contract; the newest one in force if left out. */
  contract?: string;
}

export const creditsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/credits',
  validateSearch: ({ contract }: Record<string, unknown>): CreditsSearch =>
    typeof contract === 'string' && contract ? { contract } : {},
  component: lazyRouteComponent(() => import('./credits-screen'), 'CreditsScreen'),
});

export const routes = [creditsRoute];
export const navigation: NavigationEntry[] = [
  { to: '/credits', label: 'Credits', icon: Gift, group: 'organization', order: 247, permission: 'INVOICES_READ' },
];
