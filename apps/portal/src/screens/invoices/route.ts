import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ReceiptText } from 'lucide-react';
import { type NavigationEntry, shellRoute } from '../../app';

export const INVOICE_STATES = ['DRAFT', 'OPEN', 'FINALIZED', 'PAID', 'VOID', 'UNCOLLECTIBLE'] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];

export interface InvoicesSearch {
  state?: InvoiceState;
  /** Only those of this contract, by its id. */
  contract?: string;
}

export const invoicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/invoices',
  validateSearch: ({ state, contract }: Record<string, unknown>): InvoicesSearch => ({
    ...(INVOICE_STATES.some((one) => one === state) ? { state: state as InvoiceState } : {}),
    ...(typeof contract === 'string' && contract ? { contract } : {}),
  }),
  component: lazyRouteComponent(() => import('./invoices-screen'), 'InvoicesScreen'),
});

export const invoiceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/invoices/$id',
  component: lazyRouteComponent(() => import('./invoice-screen'), 'InvoiceScreen'),
});

export const routes = [invoicesRoute, invoiceRoute];
export const navigation: NavigationEntry[] = [
  {
    to: '/invoices',
    label: 'Invoices',
    icon: ReceiptText,
    group: 'organization',
    order: 246,
    permission: 'INVOICES_READ',
  },
];
