import { Status, Time } from '../../ui';
import type { Endpoint } from './documents';

/** Whether an endpoint is told of what happens, and whether it takes it. */
export function Standing({ endpoint: { disabledAt, failingSince } }: { endpoint: Endpoint }) {
  if (disabledAt) {
    return (
      <>
        <Status tone="bad">Disabled</Status>
        <span className="block text-sm text-ink-faint">
          <Time at={disabledAt} />
        </span>
      </>
    );
  }
  if (!failingSince) return <Status tone="ok">Told</Status>;
  return (
    <>
      <Status tone="warn">Failing</Status>
      <span className="block text-sm text-ink-faint">
        since <Time at={failingSince} style="minute" />
      </span>
    </>
  );
}
