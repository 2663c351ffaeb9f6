import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { BookOpenText } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export const SPANS_DAYS = [31, 92, 366, 3_660] as const;

export interface LedgerSearch {
  /** The partner whose books the lab looks at, by id. */
  organization?: string;
  account?: string;
  currency?: string;
  /** How far back the statement goes. */
  days?: number;
}

const TEXTS = ['organization', 'account', 'currency'] as const;

export const ledgerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/ledger',
  validateSearch: (search: Record<string, unknown>): LedgerSearch => ({
    ...Object.fromEntries(TEXTS.flatMap((name) => (typeof search[name] === 'string' ? [[name, search[name]]] : []))),
    ...(SPANS_DAYS.some((days) => days === search['days']) ? { days: search['days'] as number } : {}),
  }),
  component: lazyRouteComponent(() => import('./ledger-screen'), 'LedgerScreen'),
});

export const routes = [ledgerRoute];
export const navigation: NavigationEntry[] = [
  { to: '/ledger', label: 'Ledger', icon: BookOpenText, group: 'organization', order: 249, permission: 'LEDGER_READ' },
];
