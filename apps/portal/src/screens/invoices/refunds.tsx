import { BilledAmount, Time } from '../../ui';
import type { Refund } from './documents';

const MEANS: Record<Refund['state'], string> = {
  REQUESTED: 'asked for',
  PENDING: 'on its way',
  SUCCEEDED: 'given back',
  FAILED: 'failed',
};

/** What became of what was to go back of a credit note. */
export function Refunds({ refunds }: { refunds: readonly Refund[] }) {
  if (refunds.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1">
      {refunds.map(({ id, amount, state, requestedAt, failure }) => (
        <li key={id}>
          <BilledAmount amount={amount} /> {MEANS[state]}, <Time at={requestedAt} style="day" />
          {failure && <p className="max-w-64 text-sm text-ink-faint">{failure}</p>}
        </li>
      ))}
    </ul>
  );
}
