import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { GitFork } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface LineageSearch {
  /** Name of the checkpoint that is picked. */
  at?: string;
  /** Name of the one that it is compared with. */
  with?: string;
  view?: 'list';
}

const validateSearch = (search: Record<string, unknown>): LineageSearch => ({
  ...(typeof search['at'] === 'string' ? { at: search['at'] } : {}),
  ...(typeof search['with'] === 'string' ? { with: search['with'] } : {}),
  ...(search['view'] === 'list' ? { view: 'list' } : {}),
});
const component = lazyRouteComponent(() => import('./lineage-screen'), 'LineageScreen');

export const lineageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lineage/$family',
  validateSearch,
  component,
});
/** The one family, or the first of several. */
const anyLineageRoute = createRoute({ getParentRoute: () => shellRoute, path: '/lineage', validateSearch, component });

export const routes = [anyLineageRoute, lineageRoute];
export const navigation: NavigationEntry[] = [
  { to: '/lineage', label: 'Lineage', icon: GitFork, group: 'explore', order: 20, permission: 'CATALOG_READ' },
];
