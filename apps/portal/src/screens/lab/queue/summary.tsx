import { usePolling, useRequest } from '../../../api';
import { formatBytes, formatCount, plural } from '../../../format';
import { Card, Facts, Loaded, Notice, Progress, Time } from '../../../ui';
import { ClusterSummary, type Summary } from './documents';
import { POLL_MILLISECONDS } from './polling';

/** What waits, what runs, and what is left for engines. */
export function ClusterNow() {
  const request = useRequest(ClusterSummary, {}, { requestPolicy: 'cache-and-network' });
  usePolling(request.refresh, request.status === 'ready', POLL_MILLISECONDS);
  return (
    <Card title="Now">
      <Loaded request={request}>{(summary) => <Figures {...summary} />}</Loaded>
    </Card>
  );
}

function Figures({ clusterLoad, enginePool }: Summary) {
  const { waiting, running, paused, waitingSince } = clusterLoad;
  const { engines, ready, memoryBytes, hosts } = enginePool;
  const most = hosts.reduce((sum, { maxEngines }) => sum + maxEngines, 0);
  const budget = hosts.reduce((sum, { memoryBudgetBytes }) => sum + Number(memoryBudgetBytes), 0);
  return (
    <>
      {hosts.length === 0 && (
        <Notice tone="warn" title="No worker tells of its engines">
          None was heard of in the last minute: nothing is started, ended or moved until one is back.
        </Notice>
      )}
      <Facts
        columns
        facts={[
          {
            label: 'Waiting',
            value: (
              <>
                {formatCount(waiting)}
                {waitingSince && (
                  <span className="block text-sm text-ink-faint">
                    the longest since <Time at={waitingSince} />
                  </span>
                )}
              </>
            ),
          },
          { label: 'Running', value: formatCount(running) },
          { label: 'Paused', value: formatCount(paused) },
          {
            label: 'Engines ready',
            value: hosts.length === 0 ? `${ready} of ${engines}` : `${ready} of ${engines}, at most ${most}`,
          },
          { label: 'Machines', value: plural(hosts.length, 'machine') },
          { label: 'Memory of engines', value: <MemoryUse used={Number(memoryBytes)} budget={budget} /> },
        ]}
      />
    </>
  );
}

function MemoryUse({ used, budget }: { used: number; budget: number }) {
  if (budget === 0) return formatBytes(used);
  const text = `${formatBytes(used)} of ${formatBytes(budget)}`;
  return (
    <span className="flex flex-col gap-1">
      {text}
      <Progress label="Memory planned for engines" value={used / budget} text={text} />
    </span>
  );
}
