import { plural } from '../../format';
import { Status } from '../../ui';

interface CheckStatusProps {
  status: 'PENDING' | 'READY' | 'INVALID' | 'FAILED';
  errorCount?: number;
}

/** What a check of data came to. */
export function CheckStatus({ status, errorCount }: CheckStatusProps) {
  if (status === 'PENDING') {
    return (
      <Status tone="accent" live>
        Checking
      </Status>
    );
  }
  if (status === 'READY') return <Status tone="ok">Ready</Status>;
  if (status === 'FAILED') return <Status tone="warn">No result</Status>;
  return <Status tone="bad">{errorCount === undefined ? 'Errors' : plural(errorCount, 'error')}</Status>;
}
