import { useNavigate } from '@tanstack/react-router';
import { ListPlus, Play } from 'lucide-react';
import { useState } from 'react';
import { paths, useProject, useSession, useWhyNot } from '../../app';
import { Button, PageHeader, Tabs } from '../../ui';
import { NewSuite } from './new-suite';
import { NoEvaluations } from './no-evaluations';
import { type EvaluationsSearch, evaluationsRoute } from './route';
import { RunSuite } from './run-suite';
import { RunsPanel } from './runs-panel';
import { SuiteList } from './suite-list';

type Open = { dialog: 'suite' } | { dialog: 'run'; suiteId?: string } | null;

/** What was measured on which checkpoint, and by what. */
export function EvaluationsScreen() {
  const { tab, checkpoint } = evaluationsRoute.useSearch();
  const navigate = useNavigate();
  const project = useProject();
  const { may } = useSession();
  const needs = useWhyNot()('EVALUATIONS_WRITE');
  const [open, setOpen] = useState<Open>(checkpoint && may('EVALUATIONS_WRITE') ? { dialog: 'run' } : null);
  if (!may('EVALUATIONS_READ')) return <NoEvaluations title="Evaluations" />;

  const whyNot = needs ?? (project ? null : 'You are in no project. An administrator adds you to one.');
  const show = (next: Partial<EvaluationsSearch>) =>
    void navigate({
      to: paths.evaluations(),
      search: ((old: object) => ({ ...old, checkpoint: undefined, ...next })) as never,
      replace: true,
    });
  const close = () => {
    setOpen(null);
    if (checkpoint) show({});
  };
  const run = (
    <Button kind="primary" icon={Play} whyNot={whyNot} onClick={() => setOpen({ dialog: 'run' })}>
      Run a suite
    </Button>
  );
  const make = (
    <Button icon={ListPlus} whyNot={whyNot} onClick={() => setOpen({ dialog: 'suite' })}>
      New suite
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Evaluations"
        actions={
          <>
            {make}
            {run}
          </>
        }
      >
        Suites of prompts with expected answers, run on checkpoints. The same suite before and after a fine-tune shows
        what it changed.
      </PageHeader>
      <Tabs
        label="Runs and suites"
        value={tab ?? 'runs'}
        onChange={(next) => show({ tab: next === 'suites' ? 'suites' : undefined })}
        tabs={[
          { value: 'runs', label: 'Runs', content: <RunsPanel project={project} begin={run} /> },
          {
            value: 'suites',
            label: 'Suites',
            content: (
              <SuiteList
                project={project}
                begin={make}
                whyNot={whyNot}
                onRun={(suiteId) => setOpen({ dialog: 'run', suiteId })}
                onShowRuns={(suite) => show({ suite, tab: undefined })}
              />
            ),
          },
        ]}
      />
      {project && open?.dialog === 'suite' && (
        <NewSuite projectId={project.id} onClose={close} onMade={() => show({ tab: 'suites' })} />
      )}
      {project && open?.dialog === 'run' && (
        <RunSuite
          projectId={project.id}
          suiteId={open.suiteId}
          checkpoint={checkpoint}
          onClose={close}
          onNewSuite={() => setOpen({ dialog: 'suite' })}
          onStarted={(suite) => show({ suite, tab: undefined })}
        />
      )}
    </>
  );
}
