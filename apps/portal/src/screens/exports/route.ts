import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { FileDown } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export const EXPORT_KINDS = ['USAGE', 'JOURNAL'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export interface ExportsSearch {
  /** Files of usage if left out. */
  kind?: ExportKind;
  /** For the lab: the partner that a new one begins with, by id. */
  organization?: string;
}

export const exportsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/exports',
  validateSearch: ({ kind, organization }: Record<string, unknown>): ExportsSearch => ({
    ...(EXPORT_KINDS.some((one) => one === kind) ? { kind: kind as ExportKind } : {}),
    ...(typeof organization === 'string' && organization ? { organization } : {}),
  }),
  component: lazyRouteComponent(() => import('./exports-screen'), 'ExportsScreen'),
});

export const routes = [exportsRoute];
export const navigation: NavigationEntry[] = [
  { to: '/exports', label: 'Exports', icon: FileDown, group: 'organization', order: 250, permission: 'INVOICES_READ' },
];
