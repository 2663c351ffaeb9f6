import { GitFork } from 'lucide-react';
import { type RequestState, useRequest } from '../../../api';
import { paths, useProject } from '../../../app';
import { formatCount, formatMeasure, formatMoney, formatTokens } from '../../../format';
import { UnmetLicense } from '../../../licensing';
import { Card, Facts, Field, LinkButton, Loaded, LoadingState, Notice, Select } from '../../../ui';
import { type BaseCheckpoint, NewFineTuneBases } from '../documents';

interface BaseStepProps {
  name: string | undefined;
  /** Of the one that is chosen. */
  base: RequestState<{ checkpoint: BaseCheckpoint | null }>;
  onChoose: (name: string) => void;
}

/** Which checkpoint to start from. */
export function BaseStep({ name, base, onChoose }: BaseStepProps) {
  const project = useProject();
  const bases = useRequest(NewFineTuneBases, { projectId: project?.id });
  return (
    <Card
      title="1. Base"
      description="The checkpoint to start from."
      actions={
        <LinkButton small icon={GitFork} to={paths.lineage()} search={(name ? { at: name } : {}) as never}>
          {name ? 'Look on the lineage' : 'Pick on the lineage'}
        </LinkButton>
      }
    >
      <Loaded request={bases} skeleton={<LoadingState lines={2} />}>
        {({ published, variants }) => {
          const usable = [...published.nodes, ...variants.nodes].filter(mayFineTune);
          return (
            <Field label="Checkpoint" required>
              <Select value={name ?? ''} onChange={({ target }) => onChoose(target.value)}>
                <option value="">Choose a checkpoint</option>
                {name && !usable.some((one) => one.name === name) && <option value={name}>{name}</option>}
                <Options
                  label="Checkpoints of the lab, newest first"
                  checkpoints={published.nodes.filter(mayFineTune)}
                />
                <Options label="Your variants" checkpoints={variants.nodes.filter(mayFineTune)} />
              </Select>
            </Field>
          );
        }}
      </Loaded>
      {name && <ChosenBase name={name} base={base} />}
    </Card>
  );
}

function ChosenBase({ name, base }: Pick<BaseStepProps, 'base'> & { name: string }) {
  return (
    <Loaded request={base} skeleton={<LoadingState lines={2} />}>
      {({ checkpoint }) =>
        checkpoint ? (
          <BaseFacts checkpoint={checkpoint} />
        ) : (
          <Notice tone="warn" title={`Nothing that you may see is called ${name}.`} />
        )
      }
    </Loaded>
  );
}

function BaseFacts({ checkpoint }: { checkpoint: BaseCheckpoint }) {
  const price = checkpoint.prices.find(({ meter }) => meter === 'TRAINING_TOKENS');
  return (
    <>
      <UnmetLicense unmet={checkpoint.unmetConditions} license={checkpoint.licenseInForce} />
      {!mayFineTune(checkpoint) && !checkpoint.unmetConditions.some(({ code }) => code === 'LICENSE_NOT_ACCEPTED') && (
        <Notice tone="warn" title="Your contract does not let you fine-tune this one">
          You may look at it. Choose another, or ask the lab for an entitlement.
        </Notice>
      )}
      <Facts
        columns
        facts={[
          { label: 'Step', value: formatCount(checkpoint.step) },
          { label: 'Seen', value: formatTokens(checkpoint.tokensSeen) },
          ...(checkpoint.loss === null ? [] : [{ label: 'Loss', value: formatMeasure(checkpoint.loss) }]),
          ...checkpoint.evaluations
            .slice(0, 2)
            .map(({ name: label, value }) => ({ label, value: formatMeasure(value) })),
          ...(checkpoint.contextLength
            ? [{ label: 'Context', value: `${formatCount(checkpoint.contextLength)} tokens` }]
            : []),
          ...(price
            ? [{ label: 'Training', value: `${formatMoney(price.price)} per ${formatTokens(price.perUnits)}` }]
            : []),
        ]}
      />
    </>
  );
}

interface Option {
  id: string;
  name: string;
  tokensSeen: string;
  allowedActions: readonly string[];
}

function Options({ label, checkpoints }: { label: string; checkpoints: readonly Option[] }) {
  if (checkpoints.length === 0) return null;
  return (
    <optgroup label={label}>
      {checkpoints.map(({ id, name, tokensSeen }) => (
        <option key={id} value={name}>
          {name} ({formatTokens(tokensSeen)})
        </option>
      ))}
    </optgroup>
  );
}

export function mayFineTune({ allowedActions }: { allowedActions: readonly string[] }): boolean {
  return allowedActions.includes('FINE_TUNE');
}
