import { formatMinor } from '#libs/kernel';
import type { Refund } from './refund.js';

/** What the lab is told when money that it gave back did not arrive. */
export function failedRefundMail({
  id,
  creditNoteId,
  invoiceId,
  organizationId,
  currency,
  amountMinor,
  failure,
}: Refund) {
  const paragraphs = [
    `The refund ${id} of ${formatMinor(amountMinor, currency)} to ${organizationId} did not come through: ${failure}`,
    `It was for the credit note ${creditNoteId} of the invoice ${invoiceId}. The books have taken it back, and the amount is owed to the partner as before.`,
    'Refund it again once the cause is gone, or agree with the partner on another way.',
  ];
  return { subject: 'A refund failed', text: `${paragraphs.join('\n\n')}\n` };
}
