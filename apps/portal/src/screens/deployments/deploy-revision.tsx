import { type FormEvent, useState } from 'react';
import { useAction } from '../../api';
import { Button, Checkbox, Dialog, Failures, Field, toast } from '../../ui';
import { CheckpointSelect } from './checkpoint-select';
import { DeployRevision } from './documents';

interface DeployRevisionDialogProps {
  deploymentId: string;
  name: string;
  onOpenChange: (open: boolean) => void;
}

export function DeployRevisionDialog({ deploymentId, name, onOpenChange }: DeployRevisionDialogProps) {
  const { run, busy, failures } = useAction(DeployRevision, (data) => data.deployRevision);
  const [checkpoint, setCheckpoint] = useState('');
  const [activate, setActivate] = useState(true);
  const [asked, setAsked] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!checkpoint || busy) return;
    const result = await run({ deploymentId, checkpoint, activate });
    if (!result.ok) return;
    const number = result.payload.revision?.number;
    toast(activate ? `Revision ${number} answers` : `Revision ${number} is being made ready`);
    onOpenChange(false);
  };

  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title="Deploy a revision"
      description={`Another checkpoint under the name ${name}.`}
      actions={
        <>
          <Button kind="primary" busy={busy} type="submit" form={FORM}>
            {activate ? 'Deploy and switch' : 'Make ready'}
          </Button>
          <Button kind="quiet" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Checkpoint" required error={asked && !checkpoint ? 'Choose what will answer.' : null}>
          <CheckpointSelect value={checkpoint} onChange={(event) => setCheckpoint(event.target.value)} />
        </Field>
        <Checkbox
          label="Switch to it at once"
          help="Within a second; requests that run are finished by the revision they began with. Otherwise its engine is only made ready."
          checked={activate}
          onChange={(event) => setActivate(event.target.checked)}
        />
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'deploy-revision';
