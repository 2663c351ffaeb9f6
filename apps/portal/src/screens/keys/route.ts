import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Bot, KeyRound } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface KeysSearch {
  /** Opens the form for a new key: for calling models, or with everything to choose. */
  create?: 'inference' | 'any';
  /** The service account whose key the form makes. */
  account?: string;
}

export const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  validateSearch: (search: Record<string, unknown>): KeysSearch => {
    const { create, account } = search;
    if (create !== 'inference' && create !== 'any') return {};
    return { create, ...(typeof account === 'string' ? { account } : {}) };
  },
  component: lazyRouteComponent(() => import('./keys-screen'), 'KeysScreen'),
});
export const serviceAccountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/service-accounts',
  component: lazyRouteComponent(() => import('./service-accounts-screen'), 'ServiceAccountsScreen'),
});

export const routes = [keysRoute, serviceAccountsRoute];
export const navigation: NavigationEntry[] = [
  { to: '/keys', label: 'API keys', icon: KeyRound, group: 'organization', order: 210, permission: 'KEYS_READ' },
  {
    to: '/service-accounts',
    label: 'Service accounts',
    icon: Bot,
    group: 'organization',
    order: 230,
    permission: 'MEMBERS_READ',
  },
];
