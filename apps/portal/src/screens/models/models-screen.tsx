import { Sparkles } from 'lucide-react';
import { useRequest } from '../../api';
import { paths, useProject, useSession } from '../../app';
import { EmptyState, LinkButton, Loaded, NoPermission, PageHeader, Pagination, usePage } from '../../ui';
import { ModelsPage } from './documents';
import { ModelTable } from './model-table';

/** What the project's fine-tunes made. */
export function ModelsScreen() {
  const project = useProject();
  const { may } = useSession();
  const { page, next, previous } = usePage(25, project?.id);
  const request = useRequest(
    ModelsPage,
    { projectId: project?.id, ...page },
    { pause: !may('CATALOG_READ'), alsoChangesWith: ['Checkpoint', 'FineTuneJob'] },
  );
  const fork = (
    <LinkButton kind="primary" icon={Sparkles} to={paths.newFineTune()}>
      New fine-tune
    </LinkButton>
  );
  return (
    <>
      <PageHeader title="Your models" actions={fork}>
        What fine-tunes of {project?.name ?? 'your project'} made. The lab’s checkpoints are on the lineage.
      </PageHeader>
      {may('CATALOG_READ') ? (
        <Loaded request={request}>
          {({ checkpoints: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <EmptyState
                title="No models yet"
                actions={<LinkButton to={paths.lineage()}>Choose where to fork</LinkButton>}
              >
                A fine-tune that ends well leaves a model here: to call, to compare, to deploy, to fork again.
              </EmptyState>
            ) : (
              <div className="flex flex-col gap-3">
                <ModelTable caption="Models of the project" rows={nodes} withParent />
                <Pagination of="models" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
              </div>
            )
          }
        </Loaded>
      ) : (
        <NoPermission>Models are for roles with the permission catalog:read. Ask an administrator.</NoPermission>
      )}
    </>
  );
}
