import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Webhook } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

const webhooksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./webhooks-screen'), 'WebhooksScreen'),
});
export const webhookRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('./webhook-screen'), 'WebhookScreen'),
});

export const routes = [webhooksRoute, webhookRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/webhooks',
    label: 'Webhooks',
    icon: Webhook,
    group: 'organization',
    order: 235,
    permission: 'WEBHOOKS_READ',
    only: 'PARTNER',
  },
];
