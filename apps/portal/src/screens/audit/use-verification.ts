import { useCallback, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failureOf } from '../../api';
import { type Verification, VerifyAudit } from './documents';

export type VerificationState =
  | { status: 'idle' }
  | { status: 'running'; verified: number }
  | { status: 'failed'; failure: Failure }
  | { status: 'done'; verified: number; last: Verification };

/** Verifies the whole chain, piece after piece, each begun where the one before ended. */
export function useVerification(): { state: VerificationState; verify: () => Promise<void> } {
  const client = useClient();
  const [state, setState] = useState<VerificationState>({ status: 'idle' });
  const verify = useCallback(async () => {
    setState({ status: 'running', verified: 0 });
    let verified = 0;
    let head: { afterSequence?: string; afterSha256?: string } = {};
    for (;;) {
      const { data, error } = await client.query(VerifyAudit, head, { requestPolicy: 'network-only' }).toPromise();
      if (error) return setState({ status: 'failed', failure: failureOf(error) });
      const piece = data?.auditVerification;
      if (!piece) return setState({ status: 'idle' });
      verified += piece.verified;
      if (!piece.intact || !piece.more) return setState({ status: 'done', verified, last: piece });
      setState({ status: 'running', verified });
      head = { afterSequence: piece.headSequence, afterSha256: piece.headSha256 };
    }
  }, [client]);
  return { state, verify };
}
