import type { ComponentProps } from 'react';
import { useRequest } from '../../api';
import { useProject } from '../../app';
import { Failures, Select } from '../../ui';
import { DeployableCheckpoints } from './documents';

interface Deployable {
  id: string;
  name: string;
  allowedActions: readonly string[];
}

/** The checkpoints that may be deployed; one that was asked for by name is among them even if it is older than the newest 100. */
export function CheckpointSelect({ chosen, ...select }: ComponentProps<'select'> & { chosen?: string }) {
  const project = useProject();
  const request = useRequest(DeployableCheckpoints, { projectId: project?.id }, { alsoChangesWith: ['Checkpoint'] });
  if (request.status === 'failed') return <Failures failures={[request.failure]} />;
  if (request.status === 'loading') {
    return (
      <Select {...select} disabled>
        <option>Loading…</option>
      </Select>
    );
  }
  const variants = request.data.variants.nodes.filter(mayBeDeployed);
  const bases = request.data.bases.nodes.filter(mayBeDeployed);
  const isListed = !chosen || [...variants, ...bases].some(({ name, id }) => name === chosen || id === chosen);
  return (
    <Select {...select}>
      <option value="">Choose a checkpoint</option>
      {!isListed && <option value={chosen}>{chosen}</option>}
      <Group label="Your variants, newest first" checkpoints={variants} />
      <Group label="Checkpoints of the lab" checkpoints={bases} />
    </Select>
  );
}

function Group({ label, checkpoints }: { label: string; checkpoints: readonly Deployable[] }) {
  if (checkpoints.length === 0) return null;
  return (
    <optgroup label={label}>
      {checkpoints.map(({ id, name }) => (
        <option key={id} value={name}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}

function mayBeDeployed({ allowedActions }: Deployable): boolean {
  return allowedActions.includes('DEPLOY');
}
