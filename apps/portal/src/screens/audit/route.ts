import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export interface AuditSearch {
  /** Who acted, by id. */
  actor?: string;
  /** The mutation, or signIn and signOut. */
  action?: string;
  /** What it was about, by id. */
  target?: string;
}

export const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  validateSearch: ({ actor, action, target }: Record<string, unknown>): AuditSearch => ({
    ...(typeof actor === 'string' && actor ? { actor } : {}),
    ...(typeof action === 'string' && action ? { action } : {}),
    ...(typeof target === 'string' && target ? { target } : {}),
  }),
  component: lazyRouteComponent(() => import('./audit-screen'), 'AuditScreen'),
});

export const routes = [auditRoute];
export const navigation: NavigationEntry[] = [
  { to: '/audit', label: 'Audit log', icon: ScrollText, group: 'organization', order: 260, permission: 'AUDIT_READ' },
];
