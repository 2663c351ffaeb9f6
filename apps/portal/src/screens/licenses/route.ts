import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Scale } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

const licensesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/licenses',
  component: lazyRouteComponent(() => import('./licenses-screen'), 'LicensesScreen'),
});
export const licenseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/licenses/$id',
  component: lazyRouteComponent(() => import('./license-screen'), 'LicenseScreen'),
});

export const routes = [licensesRoute, licenseRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/licenses',
    label: 'Licences',
    icon: Scale,
    group: 'organization',
    order: 244,
    permission: ['CATALOG_READ', 'CONTRACTS_READ'],
  },
];
