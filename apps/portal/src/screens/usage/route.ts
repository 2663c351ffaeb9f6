import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';
import { MEASURES, type Measure, SPANS_DAYS, SPLITS, type Split } from './choices';

export interface UsageSearch {
  days?: number;
  by?: Split;
  measure?: Measure;
  /** Usage of one project, by its id. */
  of?: string;
  /** For the lab: usage of a partner, by its id. */
  organization?: string;
}

export const usageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/usage',
  validateSearch: ({ days, by, measure, of, organization }: Record<string, unknown>): UsageSearch => ({
    ...(SPANS_DAYS.some((span) => span === days) ? { days: days as number } : {}),
    ...(SPLITS.some((split) => split === by) ? { by: by as Split } : {}),
    ...(MEASURES.some((one) => one === measure) ? { measure: measure as Measure } : {}),
    ...(typeof of === 'string' ? { of } : {}),
    ...(typeof organization === 'string' ? { organization } : {}),
  }),
  component: lazyRouteComponent(() => import('./usage-screen'), 'UsageScreen'),
});

export const routes = [usageRoute];
export const navigation: NavigationEntry[] = [
  { to: '/usage', label: 'Usage', icon: ChartColumn, group: 'organization', order: 240, permission: 'USAGE_READ' },
];
