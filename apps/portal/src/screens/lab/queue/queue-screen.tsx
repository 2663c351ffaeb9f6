import { useSession } from '../../../app';
import { NoPermission, PageHeader } from '../../../ui';
import { LiveAttempts } from './attempts';
import { Engines } from './engines';
import { QueueOfJobs } from './jobs';
import { ClusterNow } from './summary';

export function QueueScreen() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="Queue and engines">What waits, what runs and what serves, of all organizations.</PageHeader>
      {may('CLUSTER_READ') ? (
        <div className="flex flex-col gap-6">
          <ClusterNow />
          <QueueOfJobs />
          <LiveAttempts />
          <Engines />
        </div>
      ) : (
        <NoPermission>
          <p>The cluster is for operators and administrators of the lab.</p>
        </NoPermission>
      )}
    </>
  );
}
