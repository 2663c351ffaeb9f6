import { useCallback, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failuresOf, useAction, type VariablesOf } from '../../../api';
import { type FineTunePreparation, PreparationOfFineTune, PrepareForFineTune } from '../documents';

type PrepareInput = Omit<VariablesOf<typeof PrepareForFineTune>['input'], 'idempotencyKey'>;

export type PreparationState =
  | { status: 'waiting' }
  | { status: 'validating' }
  | { status: 'refused'; failures: readonly Failure[] }
  | { status: 'ended'; preparation: FineTunePreparation };

const POLL_MILLISECONDS = 700;

/** Has a file validated for a checkpoint as soon as both are known, and follows that to its end. */
export function usePreparation(input: PrepareInput | null): { state: PreparationState; retry: () => void } {
  const client = useClient();
  const { run } = useAction(PrepareForFineTune, ({ prepareDataset }) => prepareDataset);
  const [round, setRound] = useState(0);
  const [known, setKnown] = useState<{ key: string; state: PreparationState }>({
    key: '',
    state: { status: 'waiting' },
  });
  const key = input ? JSON.stringify(input) : '';

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round tries the same again.
  useEffect(() => {
    if (key === '') return;
    let left = false;
    const tell = (state: PreparationState) => !left && setKnown({ key, state });
    const follow = async () => {
      tell({ status: 'validating' });
      const begun = await run(JSON.parse(key) as PrepareInput);
      if (!begun.ok) return tell({ status: 'refused', failures: begun.failures });
      let preparation = begun.payload.preparation ?? null;
      while (!left && preparation?.status === 'PENDING') {
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
        const { data, error } = await client
          .query(PreparationOfFineTune, { id: preparation.id }, { requestPolicy: 'network-only' })
          .toPromise();
        // A connection that is away for a moment: the validation goes on without us.
        if (error?.networkError) continue;
        if (error) return tell({ status: 'refused', failures: failuresOf(error) });
        preparation = (data?.node as FineTunePreparation | null) ?? null;
      }
      if (preparation) tell({ status: 'ended', preparation });
    };
    void follow();
    return () => {
      left = true;
    };
  }, [client, key, round, run]);

  const retry = useCallback(() => setRound((count) => count + 1), []);
  if (key === '') return { state: { status: 'waiting' }, retry };
  return { state: known.key === key ? known.state : { status: 'validating' }, retry };
}
