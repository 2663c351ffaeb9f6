import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { SlidersHorizontal } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface NewFineTuneSearch {
  /** Name of the checkpoint to start from. */
  base?: string;
  /** Id of the dataset version to train on. */
  file?: string;
}
export interface FineTuneListSearch {
  status?: string;
}
export interface CompareSearch {
  /** Ids of the jobs, with commas between them. */
  jobs?: string;
  /** Name of the curves that are shown. */
  metric?: string;
}
export interface JobSearch {
  tab?: 'logs' | 'settings';
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const fineTunesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/fine-tunes',
  validateSearch: (search: Record<string, unknown>): FineTuneListSearch => ({ status: text(search['status']) }),
  component: lazyRouteComponent(() => import('./fine-tunes-screen'), 'FineTunesScreen'),
});
export const newFineTuneRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/fine-tunes/new',
  validateSearch: (search: Record<string, unknown>): NewFineTuneSearch => ({
    base: text(search['base']),
    file: text(search['file']),
  }),
  component: lazyRouteComponent(() => import('./new/new-fine-tune-screen'), 'NewFineTuneScreen'),
});
export const compareFineTunesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/fine-tunes/compare',
  validateSearch: (search: Record<string, unknown>): CompareSearch => ({
    jobs: text(search['jobs']),
    metric: text(search['metric']),
  }),
  component: lazyRouteComponent(() => import('./compare/compare-screen'), 'CompareScreen'),
});
export const jobRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/fine-tunes/$id',
  validateSearch: (search: Record<string, unknown>): JobSearch => ({
    ...(search['tab'] === 'logs' || search['tab'] === 'settings' ? { tab: search['tab'] } : {}),
  }),
  component: lazyRouteComponent(() => import('./job/job-screen'), 'JobScreen'),
});

export const routes = [fineTunesRoute, newFineTuneRoute, compareFineTunesRoute, jobRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/fine-tunes',
    label: 'Fine-tunes',
    icon: SlidersHorizontal,
    group: 'work',
    order: 120,
    permission: 'JOBS_READ',
  },
];
