import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ChartSpline, GitFork, Rows3 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useEveryPage, useRequest } from '../../api';
import { paths, useProject } from '../../app';
import { plural } from '../../format';
import { Button, Card, EmptyState, Field, Loaded, LoadingState, PageHeader, PartialNotice, Select } from '../../ui';
import { CheckpointList } from './checkpoint-list';
import { Comparison } from './comparison';
import { LineageFamilies, type LineagePoint, LineagePublished, LineageVariants } from './documents';
import type { AxisKind } from './layout';
import { PickedPanel } from './picked-panel';
import { River } from './river';
import type { LineageSearch } from './route';

export function LineageScreen() {
  const families = useRequest(LineageFamilies, {});
  const { family: wanted } = useParams({ strict: false }) as { family?: string };
  if (families.status !== 'ready') {
    return (
      <>
        <PageHeader title="Lineage" />
        <Loaded request={families} skeleton={<LoadingState lines={8} />}>
          {() => null}
        </Loaded>
      </>
    );
  }
  return (
    <Loaded request={families}>
      {({ modelFamilies: { nodes } }) => {
        const family = wanted ? nodes.find(({ name }) => name === wanted) : nodes[0];
        if (family) return <Lineage key={family.id} family={family} families={nodes} />;
        return (
          <>
            <PageHeader title="Lineage" />
            <EmptyState icon={GitFork} title={wanted ? `There is no family ${wanted}` : 'No models yet'}>
              {wanted
                ? 'It may be called otherwise, or your contract does not let you see it.'
                : 'The lab has not published a model that your contract lets you see.'}
            </EmptyState>
          </>
        );
      }}
    </Loaded>
  );
}

interface Family {
  id: string;
  name: string;
  displayName: string;
  description: string;
}

function Lineage({ family, families }: { family: Family; families: readonly Family[] }) {
  const search = useSearch({ strict: false }) as LineageSearch;
  const navigate = useNavigate();
  const project = useProject();
  const [axis, setAxis] = useState<AxisKind>('linear');
  const published = useEveryPage(LineagePublished, { familyId: family.id }, publishedOf);
  const variants = useEveryPage(LineageVariants, { familyId: family.id, projectId: project?.id }, publishedOf);
  const own = variants.status === 'ready' ? variants.data : NONE;
  const change = useCallback(
    (next: LineageSearch) =>
      void navigate({
        to: '.',
        search: ((old: object) => ({ ...old, ...next })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const pick = useCallback((point: LineagePoint) => change({ at: point.name }), [change]);

  return (
    <>
      <PageHeader
        title={`${family.displayName} lineage`}
        actions={
          <>
            {families.length > 1 && (
              <Field label={<span className="sr-only">Family</span>}>
                <Select
                  value={family.name}
                  onChange={({ target }) => void navigate({ to: paths.lineage(target.value) })}
                >
                  {families.map(({ id, name, displayName }) => (
                    <option key={id} value={name}>
                      {displayName}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
            <Button
              icon={search.view === 'list' ? ChartSpline : Rows3}
              onClick={() => change({ view: search.view === 'list' ? undefined : 'list' })}
            >
              {search.view === 'list' ? 'Show as river' : 'Show as list'}
            </Button>
          </>
        }
      >
        {family.description}
      </PageHeader>
      <Loaded request={published} skeleton={<LoadingState lines={8} label="Loading the lineage" />}>
        {(points) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div className="flex min-w-0 flex-col gap-5">
              {variants.status === 'failed' && (
                <PartialNotice missing={[variants.failure]} onRetry={variants.refresh} />
              )}
              {points.length === 0 ? (
                <EmptyState icon={GitFork} title="No checkpoints yet">
                  The lab has not published a checkpoint of {family.displayName} that your contract lets you see.
                </EmptyState>
              ) : search.view === 'list' ? (
                <CheckpointList
                  {...{ published: points, variants: own }}
                  family={family.displayName}
                  picked={search.at ?? null}
                  onPick={pick}
                />
              ) : (
                <Card
                  title="Training, token by token"
                  description={`${plural(points.length, 'checkpoint')} to fork from${own.length > 0 ? `, ${plural(own.length, 'variant')} of your own` : ''}.`}
                  actions={<AxisChoice axis={axis} onChange={setAxis} />}
                >
                  <River
                    {...{ published: points, variants: own, axis }}
                    family={family.displayName}
                    picked={search.at ?? null}
                    compared={search.with ?? null}
                    onPick={pick}
                  />
                </Card>
              )}
              {search.at && search.with && <Comparison left={search.at} right={search.with} />}
            </div>
            <aside aria-label="Picked checkpoint" className="xl:sticky xl:top-7 xl:self-start">
              <PickedPanel
                name={search.at ?? null}
                others={[...points, ...own]}
                compared={search.with ?? null}
                onCompare={(name) => change({ with: name ?? undefined })}
              />
            </aside>
          </div>
        )}
      </Loaded>
    </>
  );
}

const NONE: readonly LineagePoint[] = [];

interface Checkpoints {
  checkpoints: { nodes: readonly LineagePoint[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}
const publishedOf = ({ checkpoints }: Checkpoints) => checkpoints;

function AxisChoice({ axis, onChange }: { axis: AxisKind; onChange: (axis: AxisKind) => void }) {
  return (
    <Button
      small
      kind="quiet"
      aria-pressed={axis === 'log'}
      onClick={() => onChange(axis === 'log' ? 'linear' : 'log')}
      title="Gives early checkpoints more room"
    >
      {axis === 'log' ? 'Logarithmic tokens' : 'Linear tokens'}
    </Button>
  );
}
