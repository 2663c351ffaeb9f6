import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Store } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';
import { isReviewFilter, type ReviewFilter } from './states';

export interface ListingsSearch {
  /** Which of the listings of partners the lab looks at; those that wait for it if left out. */
  state?: ReviewFilter;
}

export const listingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/listings',
  validateSearch: ({ state }: Record<string, unknown>): ListingsSearch => (isReviewFilter(state) ? { state } : {}),
  component: lazyRouteComponent(() => import('./listings-screen'), 'ListingsScreen'),
});
export const listingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/listings/$id',
  component: lazyRouteComponent(() => import('./listing-screen'), 'ListingScreen'),
});

const entry = { to: '/listings', label: 'Listings', icon: Store } as const;

export const routes = [listingsRoute, listingRoute];
export const navigation: NavigationEntry[] = [
  { ...entry, group: 'explore', order: 30, permission: 'CATALOG_READ', only: 'PARTNER' },
  { ...entry, group: 'lab', order: 335, permission: 'LISTINGS_REVIEW', only: 'LAB' },
];
