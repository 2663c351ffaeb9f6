import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { BadgeDollarSign, Building2, Handshake, PackageCheck, ServerCog, TrendingUp } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';
import { parseProgrammeSearch } from './programme/search';

export const CHECKPOINT_STATUSES = ['DRAFT', 'VERIFYING', 'PUBLISHED', 'RETIRED'] as const;
export type CheckpointStatus = (typeof CHECKPOINT_STATUSES)[number];

export const labCheckpointsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/checkpoints',
  validateSearch: ({ status }: Record<string, unknown>): { status?: CheckpointStatus } =>
    CHECKPOINT_STATUSES.some((one) => one === status) ? { status: status as CheckpointStatus } : {},
  component: lazyRouteComponent(() => import('./checkpoints-screen'), 'CheckpointsScreen'),
});
const pricesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/prices',
  component: lazyRouteComponent(() => import('./prices-screen'), 'PricesScreen'),
});
export const entitlementsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/entitlements',
  validateSearch: ({ partner }: Record<string, unknown>): { partner?: string } =>
    typeof partner === 'string' ? { partner } : {},
  component: lazyRouteComponent(() => import('./entitlements-screen'), 'EntitlementsScreen'),
});
export const labQueueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/queue',
  validateSearch: ({ ended }: Record<string, unknown>): { ended?: boolean } => (ended === true ? { ended } : {}),
  component: lazyRouteComponent(() => import('./queue/queue-screen'), 'QueueScreen'),
});
const partnersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/partners',
  component: lazyRouteComponent(() => import('./partners-screen'), 'PartnersScreen'),
});
export const programmeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/lab/programme',
  validateSearch: parseProgrammeSearch,
  component: lazyRouteComponent(() => import('./programme/programme-screen'), 'ProgrammeScreen'),
});

export const routes = [
  labCheckpointsRoute,
  pricesRoute,
  entitlementsRoute,
  labQueueRoute,
  partnersRoute,
  programmeRoute,
];
export const navigation: NavigationEntry[] = [
  {
    to: '/lab/checkpoints',
    label: 'Checkpoints',
    icon: PackageCheck,
    group: 'lab',
    order: 310,
    permission: 'CATALOG_PUBLISH',
    only: 'LAB',
  },
  {
    to: '/lab/prices',
    label: 'Prices',
    icon: BadgeDollarSign,
    group: 'lab',
    order: 320,
    permission: 'PRICES_WRITE',
    only: 'LAB',
  },
  {
    to: '/lab/entitlements',
    label: 'Entitlements',
    icon: Handshake,
    group: 'lab',
    order: 330,
    permission: 'ENTITLEMENTS_WRITE',
    only: 'LAB',
  },
  {
    to: '/lab/queue',
    label: 'Queue and engines',
    icon: ServerCog,
    group: 'lab',
    order: 340,
    permission: 'CLUSTER_READ',
    only: 'LAB',
  },
  {
    to: '/lab/partners',
    label: 'Partners',
    icon: Building2,
    group: 'lab',
    order: 350,
    permission: 'ENTITLEMENTS_WRITE',
    only: 'LAB',
  },
  {
    to: '/lab/programme',
    label: 'Programme',
    icon: TrendingUp,
    group: 'lab',
    order: 360,
    permission: 'PROGRAMME_READ',
    only: 'LAB',
  },
];
