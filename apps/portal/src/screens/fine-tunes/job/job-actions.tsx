import { CircleStop, GitFork, MessagesSquare, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { type Failure, useAction } from '../../../api';
import { paths, useSession, useWhyNot } from '../../../app';
import { Button, Confirm, Failures, LinkButton } from '../../../ui';
import { CancelJob, type Job, PauseJob, ResumeJob } from './documents';

interface JobActionsProps {
  job: Job;
  onRefused: (failures: readonly Failure[]) => void;
}

/** What can be done about a job in its state. */
export function JobActions({ job, onRefused }: JobActionsProps) {
  const { may } = useSession();
  const whyNot = useWhyNot()('JOBS_WRITE');
  const [asking, setAsking] = useState(false);
  const pause = useAction(PauseJob, ({ pauseFineTuneJob }) => pauseFineTuneJob);
  const resume = useAction(ResumeJob, ({ resumeFineTuneJob }) => resumeFineTuneJob);
  const cancel = useAction(CancelJob, ({ cancelFineTuneJob }) => cancelFineTuneJob);
  const act = async (action: typeof pause | typeof resume) => {
    const result = await action.run({ fineTuneJobId: job.id });
    onRefused(result.ok ? [] : result.failures);
  };
  const { status, parent, outputName, trainingFile } = job;
  const ended = status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
  return (
    <>
      {status === 'RUNNING' && (
        <Button icon={Pause} whyNot={whyNot} busy={pause.busy} onClick={() => void act(pause)}>
          Pause
        </Button>
      )}
      {status === 'PAUSED' && (
        <Button kind="primary" icon={Play} whyNot={whyNot} busy={resume.busy} onClick={() => void act(resume)}>
          Resume
        </Button>
      )}
      {!ended && (
        <Button kind="danger" icon={CircleStop} whyNot={whyNot} onClick={() => setAsking(true)}>
          Cancel
        </Button>
      )}
      {ended && parent && may('JOBS_WRITE') && (
        <LinkButton
          icon={GitFork}
          to={paths.newFineTune()}
          search={{ base: parent.name, ...(trainingFile ? { file: trainingFile.id } : {}) } as never}
        >
          Fork again
        </LinkButton>
      )}
      {status === 'SUCCEEDED' && outputName && may('INFERENCE_CALL') && (
        <LinkButton
          kind="primary"
          icon={MessagesSquare}
          to={paths.playground()}
          search={{ ...(parent ? { left: parent.name } : {}), right: outputName } as never}
        >
          Chat
        </LinkButton>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this fine-tune?"
        confirm="Cancel the fine-tune"
        onConfirm={async () => {
          const result = await cancel.run({ fineTuneJobId: job.id });
          return result.ok ? [] : result.failures;
        }}
      >
        <p>What was trained so far is billed. Checkpoints that were saved on the way stay, and can be called.</p>
        <p>It can not be taken up again: to go on later, pause it instead.</p>
      </Confirm>
    </>
  );
}

export function Refused({ failures }: { failures: readonly Failure[] }) {
  if (failures.length === 0) return null;
  return (
    <div className="mb-5">
      <Failures failures={failures} />
    </div>
  );
}
