import { ShieldCheck } from 'lucide-react';
import { formatCount, plural } from '../../format';
import { Button, Card, CopyButton, ErrorState, Notice } from '../../ui';
import type { Verification } from './documents';
import { useVerification } from './use-verification';

const FAULTS: Record<NonNullable<Verification['fault']>, string> = {
  CHANGED: 'says something else than was recorded',
  MISSING: 'is missing',
  OUT_OF_PLACE: 'does not follow the one before it',
};

/** Recomputes the hashes that tie every entry to the ones before. */
export function VerificationCard() {
  const { state, verify } = useVerification();
  return (
    <Card
      title="Is the log whole?"
      description="Each entry's hash covers all entries before it. Verifying recomputes them."
      actions={
        <Button icon={ShieldCheck} busy={state.status === 'running'} onClick={() => void verify()}>
          {state.status === 'done' ? 'Verify again' : 'Verify'}
        </Button>
      }
    >
      <div role="status" className="empty:hidden">
        {state.status === 'running' && (
          <p className="text-ink-soft">{formatCount(state.verified)} entries are in order so far…</p>
        )}
        {state.status === 'done' && <Outcome verified={state.verified} last={state.last} />}
      </div>
      {state.status === 'failed' && <ErrorState failure={state.failure} onRetry={() => void verify()} />}
    </Card>
  );
}

function Outcome({ verified, last }: { verified: number; last: Verification }) {
  if (!last.intact) {
    const broken = BigInt(last.headSequence) + 1n;
    return (
      <Notice tone="bad" title={`Entry ${formatCount(broken)} ${last.fault ? FAULTS[last.fault] : 'is not in order'}`}>
        {plural(verified, 'entry', 'entries')} before it are in order. Tell whoever runs the platform, with the number
        of the entry.
      </Notice>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <p className="font-medium text-ok">
        All {plural(verified, 'entry', 'entries')} are there, unchanged and in order.
      </p>
      <p className="flex min-w-0 items-center gap-1 text-sm text-ink-soft">
        <span className="min-w-0">
          Hash of entry {formatCount(last.headSequence)}: <span className="font-mono break-all">{last.headSha256}</span>
        </span>
        <CopyButton text={last.headSha256} what="the hash" />
      </p>
      <p className="text-sm text-ink-faint">
        Keep it elsewhere: it shows later that nothing up to this entry was rewritten or cut off.
      </p>
    </div>
  );
}
