import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';
import { isTrafficSpan, type TrafficSpan } from './traffic-span';

export interface DeploymentsSearch {
  /** Opens the form for a new deployment with this checkpoint chosen: where pages of models and jobs lead. */
  checkpoint?: string;
}

export interface DeploymentSearch {
  /** The time that its traffic is shown of; the last hour if left out. */
  traffic?: TrafficSpan;
}

export const deploymentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments',
  validateSearch: (search: Record<string, unknown>): DeploymentsSearch =>
    typeof search['checkpoint'] === 'string' ? { checkpoint: search['checkpoint'] } : {},
  component: lazyRouteComponent(() => import('./deployments-screen'), 'DeploymentsScreen'),
});
export const deploymentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments/$id',
  validateSearch: ({ traffic }: Record<string, unknown>): DeploymentSearch =>
    isTrafficSpan(traffic) ? { traffic } : {},
  component: lazyRouteComponent(() => import('./deployment-screen'), 'DeploymentScreen'),
});

export const routes = [deploymentsRoute, deploymentRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/deployments',
    label: 'Deployments',
    icon: Rocket,
    group: 'work',
    order: 150,
    permission: 'DEPLOYMENTS_READ',
  },
];
