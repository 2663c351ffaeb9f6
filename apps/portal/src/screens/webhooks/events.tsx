import { words } from '../../format';
import { Badge } from '../../ui';
import type { Endpoint } from './documents';

/** All that an endpoint can be told of; docs/guides/webhooks.md has the body of each. */
export const EVENTS = [
  'SPEND_CAP_THRESHOLD_REACHED',
  'SPEND_CAP_EXHAUSTED',
  'INVOICE_FINALIZED',
  'INVOICE_PAID',
  'INVOICE_OVERDUE',
  'SERVICE_STOPPED',
  'SERVICE_RESTORED',
  'CONTENT_REMOVAL_DUE',
] as const satisfies ReadonlyArray<Endpoint['events'][number]>;

export function Events({ events }: { events: Endpoint['events'] }) {
  return (
    <ul className="flex min-w-40 flex-wrap gap-1">
      {events.map((event) => (
        <li key={event}>
          <Badge>{words(event)}</Badge>
        </li>
      ))}
    </ul>
  );
}
