import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Users } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

const route = createRoute({
  getParentRoute: () => shellRoute,
  path: '/members',
  component: lazyRouteComponent(() => import('./members-screen'), 'MembersScreen'),
});

export const routes = [route];
export const navigation: NavigationEntry[] = [
  { to: '/members', label: 'Members', icon: Users, group: 'organization', order: 220, permission: 'MEMBERS_READ' },
];
