import { useNavigate } from '@tanstack/react-router';
import { Ellipsis, Pause, Play, Rocket, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useAction } from '../../api';
import { paths, useWhyNot } from '../../app';
import { Button, Confirm, IconButton, Menu, MenuItem, MenuSeparator, toast } from '../../ui';
import { DeployRevisionDialog } from './deploy-revision';
import { DeleteDeployment, type LiveState, PauseDeployment, ResumeDeployment, RollBackDeployment } from './documents';

interface DeploymentActionsProps {
  id: string;
  name: string;
  status: LiveState['status'];
  /** Of the revision that answers. */
  activeNumber: number;
}
type Asked = 'deploy' | 'roll back' | 'pause' | 'delete' | null;

export function DeploymentActions({ id, name, status, activeNumber }: DeploymentActionsProps) {
  const [asked, setAsked] = useState<Asked>(null);
  const whyNot = useWhyNot()('DEPLOYMENTS_WRITE');
  const resume = useAction(ResumeDeployment, (data) => data.resumeDeployment);
  const close = (open: boolean) => !open && setAsked(null);
  return (
    <>
      {status === 'PAUSED' && (
        <Button
          kind="primary"
          icon={Play}
          busy={resume.busy}
          whyNot={whyNot}
          onClick={() => void resume.run({ deploymentId: id }).then(({ ok }) => ok && toast(`${name} answers again`))}
        >
          Resume
        </Button>
      )}
      <Button
        icon={Rocket}
        kind={status === 'PAUSED' ? 'secondary' : 'primary'}
        whyNot={whyNot}
        onClick={() => setAsked('deploy')}
      >
        Deploy a revision
      </Button>
      {whyNot ? (
        <IconButton icon={Ellipsis} kind="secondary" label="More actions" whyNot={whyNot} />
      ) : (
        <Menu trigger={<IconButton icon={Ellipsis} kind="secondary" label="More actions" />}>
          <MenuItem icon={Undo2} disabled={activeNumber <= 1} onSelect={() => setAsked('roll back')}>
            Roll back
          </MenuItem>
          {status === 'ACTIVE' && (
            <MenuItem icon={Pause} onSelect={() => setAsked('pause')}>
              Pause
            </MenuItem>
          )}
          <MenuSeparator />
          <MenuItem icon={Trash2} danger onSelect={() => setAsked('delete')}>
            Delete
          </MenuItem>
        </Menu>
      )}
      {asked === 'deploy' && <DeployRevisionDialog deploymentId={id} name={name} onOpenChange={close} />}
      <RollBackQuestion id={id} open={asked === 'roll back'} onOpenChange={close} />
      <PauseQuestion id={id} name={name} open={asked === 'pause'} onOpenChange={close} />
      <DeleteQuestion id={id} name={name} open={asked === 'delete'} onOpenChange={close} />
    </>
  );
}

interface QuestionProps {
  id: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function RollBackQuestion({ id, open, onOpenChange }: QuestionProps) {
  const { run } = useAction(RollBackDeployment, (data) => data.rollBackDeployment);
  const rollBack = async () => {
    const result = await run({ deploymentId: id });
    if (!result.ok) return result.failures;
    const { revision } = result.payload;
    if (revision) toast(`Revision ${revision.number} answers again`, revision.checkpointName);
    return [];
  };
  return (
    <Confirm
      open={open}
      onOpenChange={onOpenChange}
      title="Roll back the last switch?"
      confirm="Roll back"
      kind="primary"
      onConfirm={rollBack}
    >
      <p>The revision that answered before answers again within a second. No request fails.</p>
    </Confirm>
  );
}

function PauseQuestion({ id, name, open, onOpenChange }: QuestionProps & { name: string }) {
  const { run } = useAction(PauseDeployment, (data) => data.pauseDeployment);
  const pause = async () => {
    const result = await run({ deploymentId: id });
    return result.ok ? [] : result.failures;
  };
  return (
    <Confirm open={open} onOpenChange={onOpenChange} title={`Pause ${name}?`} confirm="Pause" onConfirm={pause}>
      <p>Every call to it is refused from then on, until somebody resumes it. Requests that run are finished.</p>
    </Confirm>
  );
}

function DeleteQuestion({ id, name, open, onOpenChange }: QuestionProps & { name: string }) {
  const navigate = useNavigate();
  const { run } = useAction(DeleteDeployment, (data) => data.deleteDeployment);
  const remove = async () => {
    const result = await run({ deploymentId: id });
    if (!result.ok) return result.failures;
    toast(`${name} is deleted`);
    await navigate({ to: paths.deployments() });
    return [];
  };
  return (
    <Confirm open={open} onOpenChange={onOpenChange} title={`Delete ${name}?`} confirm="Delete" onConfirm={remove}>
      <p>The name stops answering at once and is free for another deployment. This can not be undone.</p>
      <p>Its checkpoints stay and can be deployed again.</p>
    </Confirm>
  );
}
