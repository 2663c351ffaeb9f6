import { Database, GitFork, type LucideIcon, Plus, Rocket } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { type RequestState, type ResultOf, useRequest } from '../../api';
import { type Permission, paths, useProject, useSession } from '../../app';
import { formatMeasure, formatTokens } from '../../format';
import { Card, EmptyState, LinkButton, Loaded, LoadingState, PageHeader, TextLink, Time } from '../../ui';
import { type HomeCheckpoint, HomeFamilies, type HomeFamily, HomeJobs } from './documents';
import { RecentJobs } from './recent-jobs';

/** What to do next. */
export function HomeScreen() {
  const { organization, may } = useSession();
  const project = useProject();
  const [seesJobs, seesModels] = [may('JOBS_READ'), may('CATALOG_READ')];
  const options = { pause: !seesJobs, alsoChangesWith: ['FineTuneJob'] };
  const jobs = useRequest(HomeJobs, { projectId: project?.id }, options);
  const families = useRequest(HomeFamilies, {}, { pause: !seesModels });
  const isLoading = (seesJobs && jobs.status === 'loading') || (seesModels && families.status === 'loading');
  return (
    <>
      <PageHeader
        title={project?.name ?? organization.name}
        actions={
          may('JOBS_WRITE') && (
            <LinkButton kind="primary" icon={Plus} to={paths.newFineTune()}>
              New fine-tune
            </LinkButton>
          )
        }
      >
        {project ? `A project of ${organization.name}` : undefined}
      </PageHeader>
      {isLoading ? (
        // Until all is there: what comes first would be moved by what comes next.
        <LoadingState lines={9} />
      ) : (
        <div className="flex flex-col gap-5">
          {seesJobs && <Work request={jobs} />}
          {seesModels && <Models request={families} />}
          {!seesJobs && !seesModels && <Elsewhere />}
        </div>
      )}
    </>
  );
}

function Work({ request }: { request: RequestState<ResultOf<typeof HomeJobs>> }) {
  const { may } = useSession();
  return (
    <Loaded request={request}>
      {({ fineTuneJobs: { nodes } }) => {
        if (nodes.length > 0) return <RecentJobs jobs={nodes} request={request} />;
        return may('JOBS_WRITE') ? (
          <FirstSteps />
        ) : (
          <EmptyState title="No fine-tunes yet">They are listed here.</EmptyState>
        );
      }}
    </Loaded>
  );
}

/** For who has not fine-tuned anything here: the whole way, in three steps. */
function FirstSteps() {
  return (
    <Card
      title="From a checkpoint to a variant of your own"
      description="It takes a file and about two minutes; the quote says what it costs before anything begins."
      actions={
        <LinkButton kind="primary" icon={GitFork} to={paths.lineage()}>
          Pick a fork point
        </LinkButton>
      }
    >
      <ol className="grid gap-5 pt-1 md:grid-cols-3">
        <Step number={1} icon={GitFork} title="Pick a fork point">
          Any checkpoint of the training run: early ones bend more easily, late ones know more.
        </Step>
        <Step number={2} icon={Database} title="Bring your data">
          Conversations as JSON lines. Every row is checked at once; errors name their line and how to mend them.
        </Step>
        <Step number={3} icon={Rocket} title="Launch and watch">
          The loss is drawn as it falls. When it is done, chat with base and variant side by side.
        </Step>
      </ol>
    </Card>
  );
}

interface StepProps {
  number: number;
  icon: LucideIcon;
  title: string;
  children: ReactNode;
}

function Step({ number, icon: Icon, title, children }: StepProps) {
  return (
    <li className="flex gap-3">
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
      <div>
        <h3 className="font-medium">
          {number}. {title}
        </h3>
        <p className="text-ink-soft">{children}</p>
      </div>
    </li>
  );
}

function Models({ request }: { request: RequestState<ResultOf<typeof HomeFamilies>> }) {
  return (
    <Loaded request={request}>
      {({ modelFamilies, newest }) =>
        modelFamilies.nodes.length === 0 ? (
          <EmptyState icon={GitFork} title="No models yet">
            The lab has not published a model that your contract lets you see.
          </EmptyState>
        ) : (
          <div className="grid grid-cols-[repeat(auto-fit,minmax(min(24rem,100%),1fr))] gap-5">
            {modelFamilies.nodes.map((family) => (
              <Family key={family.id} family={family} checkpoints={newest.nodes} />
            ))}
          </div>
        )
      }
    </Loaded>
  );
}

interface FamilyProps {
  family: HomeFamily;
  checkpoints: readonly HomeCheckpoint[];
}

function Family({ family, checkpoints }: FamilyProps) {
  const own = useMemo(() => checkpoints.filter((one) => one.family?.id === family.id), [checkpoints, family.id]);
  return (
    <Card
      title={family.displayName}
      description={family.description}
      actions={
        <LinkButton small icon={GitFork} to={paths.lineage(family.name)}>
          Lineage
        </LinkButton>
      }
    >
      {own.length > 0 && (
        <>
          <h3 className="text-sm text-ink-faint">Newest checkpoints</h3>
          <ul className="-mt-1.5 divide-y divide-line">
            {own.map(({ id, name, tokensSeen, loss, publishedAt }) => (
              <li key={id} className="flex flex-wrap items-baseline justify-between gap-x-4 py-1.5">
                <TextLink to={paths.lineage(family.name)} search={{ at: name } as never}>
                  {name}
                </TextLink>
                <span className="text-sm text-ink-faint">
                  {formatTokens(tokensSeen)}
                  {loss !== null && `, loss ${formatMeasure(loss)}`}
                  {publishedAt && (
                    <>
                      , <Time at={publishedAt} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

const ELSEWHERE: ReadonlyArray<{ permission: Permission; to: string; label: string }> = [
  { permission: 'AUDIT_READ', to: paths.audit(), label: 'Search the audit log' },
  { permission: 'MEMBERS_READ', to: paths.members(), label: 'See members and their roles' },
  { permission: 'KEYS_READ', to: paths.keys(), label: 'See keys' },
  { permission: 'USAGE_READ', to: paths.usage(), label: 'See usage and its cost' },
];

/** For roles that look after something else than models. */
function Elsewhere() {
  const { may } = useSession();
  return (
    <Card title="What your role is for">
      <ul className="flex flex-col gap-1">
        {ELSEWHERE.filter(({ permission }) => may(permission)).map(({ to, label }) => (
          <li key={to}>
            <TextLink to={to}>{label}</TextLink>
          </li>
        ))}
      </ul>
    </Card>
  );
}
