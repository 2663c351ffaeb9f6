import { GitFork, Scale } from 'lucide-react';
import { useId } from 'react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { formatCount, formatMeasure, formatMoney, formatShort, formatTokens, words } from '../../format';
import { Badge, Card, CopyButton, EmptyState, Facts, LinkButton, Loaded, Select, Status, TextLink } from '../../ui';
import { LineagePicked, type LineagePoint, type PickedCheckpoint } from './documents';

interface PickedPanelProps {
  name: string | null;
  others: readonly LineagePoint[];
  compared: string | null;
  onCompare: (name: string | null) => void;
}

/** What the picked checkpoint is, and what can be done with it. */
export function PickedPanel({ name, ...rest }: PickedPanelProps) {
  if (!name) {
    return (
      <EmptyState icon={GitFork} title="Pick a fork point">
        Click a checkpoint on the river, or move along it with the arrow keys. Early ones learn new formats more freely,
        late ones know more.
      </EmptyState>
    );
  }
  return <Picked key={name} name={name} {...rest} />;
}

function Picked({ name, ...rest }: PickedPanelProps & { name: string }) {
  const request = useRequest(LineagePicked, { model: name });
  return (
    <Loaded request={request}>
      {({ checkpoint }) =>
        checkpoint ? (
          <PickedCard checkpoint={checkpoint} {...rest} />
        ) : (
          <EmptyState title="There is no such checkpoint">
            Nothing that you may see is called {name}. Pick another on the river.
          </EmptyState>
        )
      }
    </Loaded>
  );
}

interface PickedCardProps extends Omit<PickedPanelProps, 'name'> {
  checkpoint: PickedCheckpoint;
}

function PickedCard({ checkpoint, others, compared, onCompare }: PickedCardProps) {
  const { may } = useSession();
  const select = useId();
  const { name, kind, status, modelCard, allowedActions } = checkpoint;
  const whyNot = whyNoFineTune(checkpoint, may('JOBS_WRITE'));
  return (
    <Card
      title={<span className="font-mono text-base break-all">{name}</span>}
      actions={<CopyButton text={name} what="the name" />}
    >
      <div className="flex flex-wrap gap-1.5">
        <Badge>{kind === 'BASE' ? 'Base' : words(kind)}</Badge>
        {status === 'RETIRED' && <Status tone="warn">Retired</Status>}
        {allowedActions.includes('DEPLOY') && <Badge tone="ok">may be deployed</Badge>}
      </div>
      {modelCard.summary && <p className="text-ink-soft">{modelCard.summary}</p>}
      <Facts facts={factsOf(checkpoint)} />
      <Evaluations checkpoint={checkpoint} />
      <div className="flex flex-col gap-2 border-t border-line pt-3">
        {whyNot ? (
          <p className="text-ink-soft">{whyNot}</p>
        ) : (
          <LinkButton kind="primary" icon={GitFork} to={paths.newFineTune()} search={{ base: name } as never}>
            Fine-tune from here
          </LinkButton>
        )}
        <div className="flex items-center gap-2">
          <Scale aria-hidden className="size-4 shrink-0 text-ink-faint" />
          <label htmlFor={select} className="sr-only">
            Compare with
          </label>
          <Select
            id={select}
            className="grow"
            value={compared ?? ''}
            onChange={({ target }) => onCompare(target.value || null)}
          >
            <option value="">Compare with …</option>
            {others
              .filter((other) => other.name !== name)
              .map((other) => (
                <option key={other.id} value={other.name}>
                  {other.name}
                </option>
              ))}
          </Select>
        </div>
        <p className="text-sm">
          <TextLink to={paths.model(name)} className="underline">
            Model card
          </TextLink>
          <span className="text-ink-faint"> with licence, files, hashes and every price</span>
        </p>
      </div>
    </Card>
  );
}

function whyNoFineTune({ status, allowedActions }: PickedCheckpoint, mayWriteJobs: boolean): string | null {
  if (!mayWriteJobs) return 'Your role looks at models but does not fine-tune them: an administrator can change it.';
  if (status === 'RETIRED') return 'It is retired: no new fine-tunes begin from it.';
  if (!allowedActions.includes('FINE_TUNE'))
    return 'Your contract lets you look at it, not fine-tune it. Ask the lab for an entitlement.';
  return null;
}

function factsOf(checkpoint: PickedCheckpoint) {
  const { step, tokensSeen, loss, contextLength, parameterCount, license, parent, prices } = checkpoint;
  const training = prices.find(({ meter }) => meter === 'TRAINING_TOKENS');
  return [
    { label: 'Step', value: formatCount(step) },
    { label: 'Seen', value: formatTokens(tokensSeen) },
    ...(loss === null ? [] : [{ label: 'Loss', value: formatMeasure(loss) }]),
    ...(parameterCount ? [{ label: 'Parameters', value: formatShort(parameterCount) }] : []),
    ...(contextLength ? [{ label: 'Context', value: `${formatCount(contextLength)} tokens` }] : []),
    ...(parent ? [{ label: 'Made from', value: <span className="break-all">{parent.name}</span> }] : []),
    { label: 'Licence', value: license },
    ...(training
      ? [{ label: 'Training', value: `${formatMoney(training.price)} per ${formatTokens(training.perUnits)}` }]
      : []),
  ];
}

function Evaluations({ checkpoint: { evaluations } }: { checkpoint: PickedCheckpoint }) {
  if (evaluations.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1 font-medium">Evaluations</h3>
      <Facts
        facts={evaluations.map(({ name, metric, value, standardError }) => ({
          label: name,
          value: (
            <>
              {formatMeasure(value)}
              {standardError !== null && <span className="text-ink-faint"> ± {formatMeasure(standardError, 2)}</span>}
              <span className="text-ink-faint"> {words(metric).toLowerCase()}</span>
            </>
          ),
        }))}
      />
    </div>
  );
}
