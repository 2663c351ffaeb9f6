import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { FileSignature } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

const contractsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contracts',
  component: lazyRouteComponent(() => import('./contracts-screen'), 'ContractsScreen'),
});

export interface ContractSearch {
  /** Number of the version that is looked at; the newest if left out. */
  version?: number;
  /** Number of the version that it is compared with; the one accepted before if left out. */
  against?: number;
}

export const contractRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contracts/$id',
  validateSearch: ({ version, against }: Record<string, unknown>): ContractSearch => ({
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof against === 'number' ? { against } : {}),
  }),
  component: lazyRouteComponent(() => import('./contract-screen'), 'ContractScreen'),
});

const newContractRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contracts/new',
  component: lazyRouteComponent(() => import('./drafting/new-contract-screen'), 'NewContractScreen'),
});

export const draftRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/contracts/$id/draft',
  component: lazyRouteComponent(() => import('./drafting/draft-screen'), 'DraftScreen'),
});

export const routes = [contractsRoute, newContractRoute, contractRoute, draftRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/contracts',
    label: 'Contracts',
    icon: FileSignature,
    group: 'organization',
    order: 245,
    permission: 'CONTRACTS_READ',
  },
];
