import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Failure, type ResultOf, useAction, useEveryPage } from '../../api';
import { paths } from '../../app';
import { METRICS } from '../../evaluation';
import { plural } from '../../format';
import { Button, Dialog, Failures, Field, FormActions, Loaded, LoadingState, Notice, Select, toast } from '../../ui';
import { CheckpointPicker } from './checkpoint-picker';
import { CreateEvaluationRun, EvaluationSuiteChoices, type SuiteChoice } from './documents';

interface RunSuiteProps {
  projectId: string;
  /** Chosen already, where the dialog came of one. */
  suiteId?: string;
  /** Name of the checkpoint that the page was opened for. */
  checkpoint?: string;
  onClose: () => void;
  onNewSuite: () => void;
  /** Several were started: their suite. */
  onStarted: (suiteId: string) => void;
}

const FORM = 'run-suite';
const suitesOf = (data: ResultOf<typeof EvaluationSuiteChoices>) => data.evaluationSuites;

/** One suite on one checkpoint or several, such as a base and what was made of it. */
export function RunSuite({ projectId, suiteId, checkpoint, onClose, onNewSuite, onStarted }: RunSuiteProps) {
  const suites = useEveryPage(EvaluationSuiteChoices, { projectId }, suitesOf);
  const [suite, setSuite] = useState(suiteId ?? '');
  const [chosen, setChosen] = useState<readonly string[]>(checkpoint ? [checkpoint] : []);
  const [missing, setMissing] = useState<{ suite?: string; checkpoints?: string }>({});
  const { start, busy, failures } = useStart();
  const navigate = useNavigate();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const lacks = {
      ...(suite ? {} : { suite: 'Choose a suite.' }),
      ...(chosen.length > 0 ? {} : { checkpoints: 'Choose at least one checkpoint.' }),
    };
    setMissing(lacks);
    if (lacks.suite || lacks.checkpoints) return;
    const { started, refused } = await start(suite, chosen);
    setChosen(refused);
    if (refused.length > 0) return;
    toast(`${plural(started.length, 'run')} started`, 'Scores are shown as they come.');
    onClose();
    const [only] = started;
    if (started.length === 1 && only) await navigate({ to: paths.evaluation(only), search: {} });
    else onStarted(suite);
  };

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Run a suite"
      description="Every prompt is answered by each checkpoint. Only runs that succeed are billed."
      actions={
        <FormActions
          form={FORM}
          busy={busy}
          confirm={chosen.length > 1 ? `Start ${chosen.length} runs` : 'Start the run'}
          onCancel={onClose}
        />
      }
    >
      <Loaded request={suites} skeleton={<LoadingState lines={3} />}>
        {(choices) => (
          <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
            {choices.length === 0 ? (
              <Notice
                title="There is no suite yet"
                actions={
                  <Button small onClick={onNewSuite}>
                    New suite
                  </Button>
                }
              >
                A suite says what is asked and what is expected.
              </Notice>
            ) : (
              <SuiteSelect choices={choices} value={suite} error={missing.suite} onChange={setSuite} />
            )}
            <CheckpointPicker chosen={chosen} error={missing.checkpoints} onChange={setChosen} />
            <Failures failures={failures} />
          </form>
        )}
      </Loaded>
    </Dialog>
  );
}

interface SuiteSelectProps {
  choices: readonly SuiteChoice[];
  value: string;
  error: string | undefined;
  onChange: (suiteId: string) => void;
}

function SuiteSelect({ choices, value, error, onChange }: SuiteSelectProps) {
  return (
    <Field label="Suite" required error={error}>
      <Select value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">Choose a suite</option>
        {choices.map(({ id, name, metric, status, rowCount }) => (
          <option key={id} value={id} disabled={status !== 'READY'}>
            {name} ({METRICS[metric].name}, {rowCount === null ? 'not ready' : plural(rowCount, 'row')})
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface Started {
  started: string[];
  /** Names of the checkpoints on which it was refused. */
  refused: string[];
}

/** A mutation for each checkpoint, one after the other: one that is refused does not keep the others from running. */
function useStart() {
  const { run } = useAction(CreateEvaluationRun, (data) => data.createEvaluationRun);
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const start = async (suiteId: string, checkpoints: readonly string[]): Promise<Started> => {
    setBusy(true);
    setFailures([]);
    const outcome: Started = { started: [], refused: [] };
    const collected: Failure[] = [];
    for (const checkpoint of checkpoints) {
      const result = await run({ suiteId, checkpoint });
      if (result.ok && result.payload.run) outcome.started.push(result.payload.run.id);
      else outcome.refused.push(checkpoint);
      if (!result.ok) collected.push(...result.failures.map((failure) => about(checkpoint, failure)));
    }
    setFailures(collected);
    setBusy(false);
    return outcome;
  };
  return { start, busy, failures };
}

function about(checkpoint: string, failure: Failure): Failure {
  return { ...failure, message: `${checkpoint}: ${failure.message}`, path: [checkpoint, ...failure.path] };
}
