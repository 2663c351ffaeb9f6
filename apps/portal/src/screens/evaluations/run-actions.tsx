import { Ban, Download } from 'lucide-react';
import { useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failuresOf, useAction } from '../../api';
import { useWhyNot } from '../../app';
import { isUnderWay } from '../../evaluation';
import { Button, Confirm } from '../../ui';
import { CancelEvaluationRun, EvaluationResultsFile, type Run } from './documents';

interface RunActionsProps {
  run: Run;
  onRefused: (failures: readonly Failure[]) => void;
}

export function RunActions({ run, onRefused }: RunActionsProps) {
  if (isUnderWay(run.status)) return <Cancel run={run} />;
  return run.status === 'SUCCEEDED' && !run.removal && <DownloadResults run={run} onRefused={onRefused} />;
}

function Cancel({ run }: { run: Run }) {
  const whyNot = useWhyNot()('EVALUATIONS_WRITE');
  const [asking, setAsking] = useState(false);
  const cancel = useAction(CancelEvaluationRun, (data) => data.cancelEvaluationRun);
  const confirm = async () => {
    const result = await cancel.run({ runId: run.id });
    return result.ok ? [] : result.failures;
  };
  return (
    <>
      <Button kind="danger" icon={Ban} whyNot={whyNot} onClick={() => setAsking(true)}>
        Cancel
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Give this run up?"
        confirm="Cancel the run"
        onConfirm={confirm}
      >
        <p>What it has answered so far is thrown away, and nothing is billed. It can be started anew at any time.</p>
      </Confirm>
    </>
  );
}

function DownloadResults({ run, onRefused }: RunActionsProps) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    // Asked for when it is wanted: such an address is good for a short time.
    const { data, error } = await client
      .query(EvaluationResultsFile, { id: run.id }, { requestPolicy: 'network-only' })
      .toPromise();
    setBusy(false);
    onRefused(error ? failuresOf(error) : []);
    const file = data?.node && 'resultsFile' in data.node ? data.node.resultsFile : null;
    if (file) window.location.assign(file.url);
  };
  return (
    <Button icon={Download} busy={busy} onClick={() => void download()}>
      All results as JSONL
    </Button>
  );
}
