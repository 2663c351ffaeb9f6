import type Stripe from 'stripe';
import type { Currency } from '#libs/kernel';

type BankTransfer = Stripe.InvoiceCreateParams.PaymentSettings.PaymentMethodOptions.CustomerBalance.BankTransfer;

/** Where Stripe offers bank transfers into an account of the customer's own. Elsewhere there is the card. */
const BANK_TRANSFERS: Partial<Record<Currency, BankTransfer>> = {
  USD: { type: 'us_bank_transfer' },
  EUR: { type: 'eu_bank_transfer', eu_bank_transfer: { country: 'IE' } },
  GBP: { type: 'gb_bank_transfer' },
  JPY: { type: 'jp_bank_transfer' },
};

/** By card or, where there is one, by bank transfer. */
export function paymentSettingsFor(currency: Currency): Stripe.InvoiceCreateParams['payment_settings'] {
  const bankTransfer = BANK_TRANSFERS[currency];
  if (!bankTransfer) return { payment_method_types: ['card'] };
  return {
    payment_method_types: ['card', 'customer_balance'],
    payment_method_options: { customer_balance: { funding_type: 'bank_transfer', bank_transfer: bankTransfer } },
  };
}
