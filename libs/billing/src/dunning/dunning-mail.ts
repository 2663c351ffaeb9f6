import type { ServiceState, Standing } from './schedule.js';

interface DunningMail {
  subject: string;
  text: string;
}

const SUBJECT: Record<ServiceState, string> = {
  current: 'Everything overdue is paid',
  overdue: 'An invoice is overdue',
  warned: 'Overdue: new work will be stopped',
  no_new_work: 'Overdue: new work is stopped, inference will be',
  inference_off: 'Overdue: new work and inference are stopped',
};

const MEANS: Record<ServiceState, string> = {
  current: 'All services go on without restriction. Thank you.',
  overdue: 'All services go on. Should the payment be on its way, there is nothing to do.',
  warned: 'All services go on for the time being.',
  no_new_work:
    'Fine-tunes, evaluations and new revisions are refused from now on. What runs goes on, and deployments answer.',
  inference_off: 'Fine-tunes, evaluations, new revisions and calls of models are refused from now on.',
};

const COMES: Record<ServiceState, string> = {
  current: '',
  overdue: 'a reminder follows',
  warned: 'a warning follows',
  no_new_work: 'new work is stopped',
  inference_off: 'inference is stopped as well',
};

/** What people are told when an organization moves to a state. */
export function dunningMail({ state, because, next }: Standing): DunningMail {
  const invoices = because.map(({ number, dueAt }) => `- invoice ${number}, due on ${dayOf(dueAt)}`);
  const paragraphs = [
    ...(invoices.length > 0 ? [`Not paid yet:\n${invoices.join('\n')}`] : []),
    MEANS[state],
    ...(next && state !== 'current' ? [`If nothing is paid, ${COMES[next.state]} on ${dayOf(next.at)}.`] : []),
    ...(state === 'no_new_work' || state === 'inference_off'
      ? ['Everything goes on again as soon as the payment arrives.']
      : []),
  ];
  return { subject: SUBJECT[state], text: `${paragraphs.join('\n\n')}\n` };
}

/** The reason of a stop: it changes with the invoices, not by the day. */
export function overdueReason({ because }: Standing): string {
  const named = because.slice(0, 5).map(({ number }) => number);
  const more = because.length - named.length;
  const numbers = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${because.length > 1 ? 'invoices' : 'invoice'} ${numbers} not paid, due since ${dayOf(because[0]!.dueAt)}`;
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10);
