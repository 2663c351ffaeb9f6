import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failuresOf, type RequestState } from '../../../api';
import { type ComparedRun, CompareEvaluations } from './documents';

type Runs = ReadonlyMap<string, readonly ComparedRun[]>;

/** The evaluation runs of several checkpoints, side by side: the api lists those of one. */
export function useEvaluations(checkpointIds: readonly string[]): RequestState<Runs> {
  const client = useClient();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ key: string; runs: Runs; failures: Failure[] } | null>(null);
  const key = checkpointIds.join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round asks for the same again.
  useEffect(() => {
    let left = false;
    const ids = key === '' ? [] : key.split(',');
    const read = async () => {
      const answers = await Promise.all(
        ids.map((checkpointId) =>
          client.query(CompareEvaluations, { checkpointId }, { requestPolicy: 'network-only' }).toPromise(),
        ),
      );
      if (left) return;
      const runs = new Map(ids.map((id, place) => [id, answers[place]?.data?.evaluationRuns.nodes ?? []]));
      setState({ key, runs, failures: answers.flatMap(({ error }) => (error ? failuresOf(error) : [])) });
    };
    void read();
    return () => {
      left = true;
    };
  }, [client, key, round]);

  return useMemo(() => {
    const common = { refreshing: false, refresh: () => setRound((count) => count + 1) };
    if (state?.key !== key) return { ...common, status: 'loading' };
    const [failure] = state.failures;
    const nothing = [...state.runs.values()].every((runs) => runs.length === 0);
    if (failure && nothing) return { ...common, status: 'failed', failure };
    return { ...common, status: 'ready', data: state.runs, missing: state.failures };
  }, [state, key]);
}
