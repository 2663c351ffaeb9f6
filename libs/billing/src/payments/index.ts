export { type PaymentDrift, PaymentDrifts } from './payment-drift.js';
export { PaymentEvents, type ToldInvoice } from './payment-events.js';
export * from './payment-provider.js';
export { PaymentRefunds } from './payment-refunds.js';
export { merged, type PaymentState } from './payment-state.js';
export { PAYMENT_ERRORS } from './payments.errors.js';
export { type PaymentOptions, PaymentsModule } from './payments.module.js';
export type { PaymentInvoice } from './payments.repository.js';
export { Payments } from './payments.service.js';
