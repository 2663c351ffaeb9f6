import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ClipboardCheck } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface EvaluationsSearch {
  tab?: 'suites';
  /** Id of the suite whose runs are listed. */
  suite?: string;
  /** Opens the form for a run on the checkpoint of this name: where pages of models and jobs lead. */
  checkpoint?: string;
}
export interface EvaluationSearch {
  /** Only what went wrong. */
  wrong?: true;
}
export type ComparisonPart = 'regressions' | 'improvements' | 'ties';
export interface ComparisonSearch {
  /** Ids of the runs. */
  baseline?: string;
  candidate?: string;
  show?: ComparisonPart;
}

const PARTS: readonly unknown[] = ['regressions', 'improvements', 'ties'] satisfies ComparisonPart[];

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const evaluationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/evaluations',
  validateSearch: (search: Record<string, unknown>): EvaluationsSearch => ({
    tab: search['tab'] === 'suites' ? 'suites' : undefined,
    suite: text(search['suite']),
    checkpoint: text(search['checkpoint']),
  }),
  component: lazyRouteComponent(() => import('./evaluations-screen'), 'EvaluationsScreen'),
});
export const compareEvaluationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/evaluations/compare',
  validateSearch: (search: Record<string, unknown>): ComparisonSearch => ({
    baseline: text(search['baseline']),
    candidate: text(search['candidate']),
    show: PARTS.includes(search['show']) ? (search['show'] as ComparisonPart) : undefined,
  }),
  component: lazyRouteComponent(() => import('./compare-screen'), 'CompareScreen'),
});
export const evaluationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/evaluations/$id',
  validateSearch: (search: Record<string, unknown>): EvaluationSearch => (search['wrong'] ? { wrong: true } : {}),
  component: lazyRouteComponent(() => import('./run-screen'), 'RunScreen'),
});

export const routes = [evaluationsRoute, compareEvaluationsRoute, evaluationRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/evaluations',
    label: 'Evaluations',
    icon: ClipboardCheck,
    group: 'work',
    order: 130,
    permission: 'EVALUATIONS_READ',
  },
];
