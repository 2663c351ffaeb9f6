import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { House } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

const route = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./home-screen'), 'HomeScreen'),
});

export const routes = [route];
export const navigation: NavigationEntry[] = [{ to: '/', label: 'Home', icon: House, group: 'explore', order: 10 }];
