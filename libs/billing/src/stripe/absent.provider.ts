import type { PaymentProvider } from '../payments/payment-provider.js';
import { PAYMENT_ERRORS } from '../payments/payments.errors.js';

const refuse = (): never => {
  throw PAYMENT_ERRORS.PAYMENT_PROVIDER_ABSENT();
};

/** Where nobody collects: everything else of the platform works without. */
export class AbsentProvider implements PaymentProvider {
  ensureCustomer = refuse;
  issueInvoice = refuse;
  invoice = refuse;
  payments = refuse;
  voidInvoice = refuse;
  markUncollectible = refuse;
  creditNote = refuse;
  refund = refuse;
  refunds = refuse;
  refundsSince = refuse;
  billingPortalUrl = refuse;
  invoicesSince = refuse;
  verifyWebhook = refuse;
}
