import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';
import type { ReportTab } from '../../preparation';

export const datasetsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/datasets',
  component: lazyRouteComponent(() => import('./datasets-screen'), 'DatasetsScreen'),
});

export interface DatasetSearch {
  /** Id of the version that is looked at; the newest without it. */
  version?: string;
  /** Id of the check that is looked at; the newest of the version without it. */
  check?: string;
  view?: ReportTab;
}

const VIEWS: ReadonlySet<unknown> = new Set<ReportTab>(['errors', 'preview', 'lengths']);

export const datasetRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/datasets/$id',
  validateSearch: (search: Record<string, unknown>): DatasetSearch => ({
    ...(typeof search['version'] === 'string' ? { version: search['version'] } : {}),
    ...(typeof search['check'] === 'string' ? { check: search['check'] } : {}),
    ...(VIEWS.has(search['view']) ? { view: search['view'] as ReportTab } : {}),
  }),
  component: lazyRouteComponent(() => import('./dataset-screen'), 'DatasetScreen'),
});

export const routes = [datasetsRoute, datasetRoute];
export const navigation: NavigationEntry[] = [
  { to: '/datasets', label: 'Datasets', icon: Database, group: 'work', order: 100, permission: 'DATASETS_READ' },
];
