import { ClipboardCheck, MessagesSquare, Sparkles, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { formatCount, formatMeasure, formatNumber, formatShort, formatTokens, words } from '../../format';
import { UnmetLicense, whyNotEntitled } from '../../licensing';
import {
  Amount,
  Badge,
  Button,
  Card,
  EmptyState,
  type Fact,
  Facts,
  Hash,
  LinkButton,
  Loaded,
  NoPermission,
  Notice,
  PageHeader,
  Pagination,
  Section,
  Status,
  TextLink,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { USES } from './actions';
import { DeleteVariantDialog } from './delete-variant';
import { type Model, ModelPage, ModelVariants } from './documents';
import { EvaluationRuns } from './evaluation-runs';
import { Files } from './files';
import { CheckpointState, ModelTable } from './model-table';

/** What a checkpoint is, what it costs, and what one may do with it. */
export function ModelScreen({ name }: { name: string }) {
  const { may } = useSession();
  const request = useRequest(ModelPage, { model: name }, { pause: !may('CATALOG_READ') });
  if (!may('CATALOG_READ')) {
    return (
      <>
        <PageHeader title={name} />
        <NoPermission>Models are for roles with the permission catalog:read. Ask an administrator.</NoPermission>
      </>
    );
  }
  const model = request.status === 'ready' ? request.data.checkpoint : null;
  return (
    <>
      <PageHeader
        title={name}
        crumbs={crumbsOf(model)}
        status={model && <CheckpointState status={model.status} removed={model.removal !== null} />}
        actions={model && <Actions model={model} />}
      >
        {model?.modelCard.summary}
      </PageHeader>
      <Loaded request={request}>
        {({ checkpoint }) =>
          checkpoint ? (
            <Content model={checkpoint} />
          ) : (
            <EmptyState
              title="There is no such model"
              actions={<LinkButton to={paths.lineage()}>Look at the lineage</LinkButton>}
            >
              Nothing of this name is yours to see. The lab grants checkpoints; models of other organizations stay
              theirs.
            </EmptyState>
          )
        }
      </Loaded>
    </>
  );
}

function crumbsOf(model: Model | null) {
  if (model?.kind !== 'BASE') return [{ label: 'Your models', to: '/models' }];
  const { family } = model;
  return [{ label: family ? `Lineage of ${family.displayName}` : 'Lineage', to: paths.lineage(family?.name) }];
}

function Actions({ model }: { model: Model }) {
  const whyNot = useWhyNot();
  const cases = [
    {
      label: 'Try it',
      icon: MessagesSquare,
      to: paths.playground(),
      search: { left: model.name },
      reason: whyNotEntitled(model, 'DEPLOY') ?? whyNot('INFERENCE_CALL'),
    },
    {
      label: 'Evaluate',
      icon: ClipboardCheck,
      to: paths.evaluations(),
      search: { checkpoint: model.name },
      reason: whyNotEntitled(model, 'FINE_TUNE') ?? whyNot('EVALUATIONS_WRITE'),
    },
    {
      label: 'Fork it',
      icon: Sparkles,
      to: paths.newFineTune(),
      search: { base: model.name },
      reason: whyNotEntitled(model, 'FINE_TUNE') ?? whyNot('JOBS_WRITE'),
      kind: 'primary' as const,
    },
  ];
  return (
    <>
      <DeleteAction model={model} />
      {cases.map(({ label, icon, to, search, reason, kind }) =>
        reason ? (
          <Button key={label} icon={icon} kind={kind} whyNot={reason}>
            {label}
          </Button>
        ) : (
          <LinkButton key={label} icon={icon} kind={kind} to={to} search={search as never}>
            {label}
          </LinkButton>
        ),
      )}
    </>
  );
}

/** For whoever may, of a variant of their own that is still there. */
function DeleteAction({ model }: { model: Model }) {
  const { may, organization } = useSession();
  const [asking, setAsking] = useState(false);
  const isOwn = organization.kind === 'PARTNER' && model.organization?.id === organization.id;
  if (!isOwn || model.kind !== 'ADAPTER' || model.removal || !may('JOBS_WRITE')) return null;
  return (
    <>
      <Button kind="danger" icon={Trash2} onClick={() => setAsking(true)}>
        Delete
      </Button>
      {asking && <DeleteVariantDialog model={model} onClose={() => setAsking(false)} />}
    </>
  );
}

function Content({ model }: { model: Model }) {
  return (
    <div className="flex flex-col gap-8">
      {model.removal && (
        <Notice
          tone="warn"
          title={
            <>
              Its files were removed <Time at={model.removal.at} />
            </>
          }
        >
          By {model.removal.reason}. What is known of it stays.
        </Notice>
      )}
      {model.status === 'RETIRED' && !model.removal && (
        <Notice tone="warn" title={<>Retired {model.retiredAt && <Time at={model.retiredAt} />}</>}>
          {model.retirementReason} Nothing new begins from it; what exists of it goes on.
        </Notice>
      )}
      <UnmetLicense unmet={model.unmetConditions} license={model.licenseInForce} />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Card title="What it is">
          <Facts facts={factsOf(model)} />
        </Card>
        <div className="flex flex-col gap-5">
          <Uses model={model} />
          <Prices model={model} />
        </div>
      </div>
      <About model={model} />
      <Evaluations model={model} />
      <Samples model={model} />
      <EvaluationRuns model={model} />
      <Variants model={model} />
      <Files model={model} />
    </div>
  );
}

function factsOf(model: Model): Fact[] {
  const { architecture: shape, adapter, trainingRun, ancestors, base, datasetVersion, fineTuneJob } = model;
  // A variant stands under the tags of what it is served on.
  const tags = base ?? model;
  const parent = ancestors.find(({ generation }) => generation === 1)?.parent;
  const facts: Array<Fact | false | null | undefined | '' | 0> = [
    { label: 'Kind', value: <Badge>{words(model.kind)}</Badge> },
    trainingRun && { label: 'Stage', value: `${words(trainingRun.stage)} (run ${trainingRun.name})` },
    !trainingRun && { label: 'Method', value: words(model.recipe.method) },
    { label: 'Step', value: formatCount(model.step) },
    {
      label: 'Tokens read',
      value: <span title={formatCount(model.tokensSeen)}>{formatTokens(model.tokensSeen)}</span>,
    },
    model.loss !== null && { label: 'Training loss', value: `${formatMeasure(model.loss)} nats per token` },
    parent && { label: 'Made from', value: <TextLink to={paths.model(parent.name)}>{parent.name}</TextLink> },
    base && base.id !== model.id && base.id !== parent?.id
      ? { label: 'Served on', value: <TextLink to={paths.model(base.name)}>{base.name}</TextLink> }
      : null,
    fineTuneJob && {
      label: 'Fine-tune',
      value: <TextLink to={paths.fineTune(fineTuneJob.id)}>{fineTuneJob.id}</TextLink>,
    },
    datasetVersion && 'filename' in datasetVersion
      ? { label: 'Trained on', value: <TrainedOn version={datasetVersion} /> }
      : null,
    model.parameterCount && {
      label: 'Parameters',
      value: <span title={formatCount(model.parameterCount)}>{formatShort(model.parameterCount)}</span>,
    },
    model.contextLength && { label: 'Context', value: formatNumber(model.contextLength, 'tokens') },
    shape && {
      label: 'Shape',
      value: `${shape.modelType}: ${formatCount(shape.layers)} layers, ${formatCount(shape.hiddenSize)} wide, ${formatCount(shape.attentionHeads)} heads (${formatCount(shape.keyValueHeads)} for keys and values), vocabulary of ${formatCount(shape.vocabularySize)}`,
    },
    adapter && {
      label: 'Adapter',
      value: `LoRA of rank ${adapter.rank}, alpha ${formatMeasure(adapter.alpha)}, on ${adapter.targetModules.join(', ')}`,
    },
    { label: 'Licence', value: <Licence model={model} /> },
    tags.exportClassification && { label: 'Export control', value: <Badge>{tags.exportClassification}</Badge> },
    tags.computeRegions.length > 0 && { label: 'Used in', value: tags.computeRegions.join(', ') },
    model.organization && { label: 'Owner', value: model.organization.name },
    model.publishedAt
      ? { label: 'Published', value: <Time at={model.publishedAt} style="minute" /> }
      : { label: 'Made', value: <Time at={model.createdAt} style="minute" /> },
    model.manifestSha256 && { label: 'Weights', value: <Hash sha256={model.manifestSha256} of="the weights" /> },
    model.tokenizerSha256 && { label: 'Tokenizer', value: <Hash sha256={model.tokenizerSha256} of="the tokenizer" /> },
    model.templateSha256
      ? { label: 'Chat template', value: <Hash sha256={model.templateSha256} of="the chat template" /> }
      : { label: 'Chat template', value: 'None: for completions only' },
  ];
  return facts.filter((fact): fact is Fact => Boolean(fact));
}

function Licence({ model: { license, licenseInForce } }: { model: Model }) {
  if (!licenseInForce) return license;
  return (
    <TextLink to={paths.license(licenseInForce.id)}>
      {license}, version {licenseInForce.version}
    </TextLink>
  );
}

function TrainedOn({ version }: { version: Extract<Model['datasetVersion'], { filename: unknown }> }) {
  const { filename, number, dataset, id } = version;
  if (!dataset) return filename;
  return (
    <TextLink to={paths.dataset(dataset.id)} search={{ version: id } as never}>
      {dataset.name}, version {number}
    </TextLink>
  );
}

function Uses({ model }: { model: Model }) {
  const whyNot = useWhyNot();
  return (
    <Card title="What you may do">
      <ul className="flex flex-col divide-y divide-line">
        {USES.map(({ label, help, entitlement, permission }) => {
          const reason = whyNotEntitled(model, entitlement) ?? (permission && whyNot(permission));
          return (
            <li key={entitlement} className="flex items-start justify-between gap-4 py-2 first:pt-0 last:pb-0">
              <div className="min-w-0">
                <p>{label}</p>
                <p className="text-sm text-ink-faint">{reason ?? help}</p>
              </div>
              <Status tone={reason ? 'neutral' : 'ok'}>{reason ? 'No' : 'Yes'}</Status>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

type Price = Model['prices'][number];

const PRICE_COLUMNS: ReadonlyArray<Column<Price>> = [
  { id: 'meter', header: 'For', wide: true, cell: ({ meter }) => words(meter) },
  {
    id: 'price',
    header: 'Price',
    numeric: true,
    cell: ({ price, perUnits }) => (
      <>
        <Amount money={price} /> <span className="text-ink-faint">per {formatShort(perUnits)} tokens</span>
      </>
    ),
  },
];

function Prices({ model }: { model: Model }) {
  return (
    <Card title="Price for you">
      {model.prices.length === 0 ? (
        <p className="text-ink-soft">No price is set for it, so nothing that costs can begin. Ask the lab.</p>
      ) : (
        <Table compact caption="Prices now" columns={PRICE_COLUMNS} rows={model.prices} rowId={({ meter }) => meter} />
      )}
    </Card>
  );
}

function About({ model: { modelCard } }: { model: Model }) {
  const parts = [
    { title: 'For', text: modelCard.intendedUse },
    { title: 'Not for', text: modelCard.limitations },
    { title: 'Trained on', text: modelCard.trainingData },
  ].filter(({ text }) => text);
  if (parts.length === 0) return null;
  return (
    <Section title="What its publisher says">
      <dl className="grid gap-5 md:grid-cols-3">
        {parts.map(({ title, text }) => (
          <div key={title}>
            <dt className="font-medium">{title}</dt>
            <dd className="whitespace-pre-line text-ink-soft">{text}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

type Figure = Model['evaluations'][number];

const FIGURE_COLUMNS: ReadonlyArray<Column<Figure>> = [
  { id: 'name', header: 'What', wide: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
  {
    id: 'metric',
    header: 'Metric',
    cell: ({ metric, higherIsBetter }) => (
      <span className="whitespace-nowrap">
        {words(metric)}{' '}
        <span className="text-sm text-ink-faint">{higherIsBetter ? 'more is better' : 'less is better'}</span>
      </span>
    ),
  },
  {
    id: 'value',
    header: 'Figure',
    numeric: true,
    sortBy: ({ value }) => value,
    cell: ({ value, standardError }) => (
      <>
        {formatMeasure(value)}
        {standardError !== null && <span className="text-ink-faint"> ± {formatMeasure(standardError, 2)}</span>}
      </>
    ),
  },
  {
    id: 'examples',
    header: 'Examples',
    numeric: true,
    cell: ({ examples }) => (examples === null ? '–' : formatCount(examples)),
  },
  { id: 'source', header: 'Measured by', cell: ({ source }) => <span className="block min-w-32">{source}</span> },
  { id: 'when', header: 'When', numeric: true, cell: ({ measuredAt }) => <Time at={measuredAt} /> },
];

function Evaluations({ model }: { model: Model }) {
  return (
    <Section title="Evaluations">
      {model.evaluations.length === 0 ? (
        <EmptyState title="No figures yet">
          Its owner attached none. A suite of your own says what it is worth to you.
        </EmptyState>
      ) : (
        <Table
          caption="Evaluations of this model"
          columns={FIGURE_COLUMNS}
          rows={model.evaluations}
          rowId={({ id }) => id}
        />
      )}
    </Section>
  );
}

function Samples({ model: { samples } }: { model: Model }) {
  if (samples.length === 0) return null;
  return (
    <Section title="Sample outputs">
      <ul className="grid gap-4 lg:grid-cols-2">
        {samples.map(({ prompt, output, source }) => (
          <li key={prompt} className="min-w-0 rounded-md border border-line p-3">
            <p className="font-mono text-sm break-words text-ink-soft">{prompt}</p>
            <pre className="mt-2 font-mono text-sm break-words whitespace-pre-wrap">{output || 'Nothing'}</pre>
            <p className="mt-2 text-sm text-ink-faint">{source}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Variants({ model }: { model: Model }) {
  const { page, next, previous } = usePage(10, model.id);
  const baseCheckpointId = model.kind === 'ADAPTER' ? (model.base?.id ?? model.id) : model.id;
  const request = useRequest(
    ModelVariants,
    { baseCheckpointId, ...page },
    { alsoChangesWith: ['Checkpoint', 'FineTuneJob'] },
  );
  return (
    <Section title={model.kind === 'ADAPTER' ? 'Your variants on the same base' : 'Your variants of it'}>
      <Loaded request={request}>
        {({ checkpoints: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <p className="text-ink-soft">None yet. A fine-tune from here leaves one.</p>
          ) : (
            <>
              <ModelTable caption="Your variants" rows={nodes} />
              <Pagination of="variants" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}
