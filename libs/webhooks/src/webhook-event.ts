/** What an endpoint can be told of. A name never changes its meaning; data is only ever added to. */
export const WEBHOOK_EVENTS = [
  'spend_cap.threshold_reached',
  'spend_cap.exhausted',
  'invoice.finalized',
  'invoice.paid',
  'invoice.overdue',
  'service.stopped',
  'service.restored',
  'content.removal_due',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export const WEBHOOK_EVENT_MEANINGS: Record<WebhookEvent, string> = {
  'spend_cap.threshold_reached': 'A spend cap reached one of its thresholds below 100 percent.',
  'spend_cap.exhausted': 'A spend cap reached a threshold of 100 percent or more.',
  'invoice.finalized': 'An invoice has its number and is due.',
  'invoice.paid': 'Nothing is open on an invoice any more.',
  'invoice.overdue': 'An invoice was not paid in time.',
  'service.stopped': 'New work or inference is refused from now on.',
  'service.restored': 'What was stopped goes on.',
  'content.removal_due':
    'The last contract has ended, and by its retention clause all content of the organization will be deleted.',
};
