import { useNavigate } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { type ResultOf, usePolling, useRequest } from '../../api';
import { paths } from '../../app';
import { formatCount, formatMeasure, formatPercent, formatTokens, useNow } from '../../format';
import { Card, EmptyState, Facts, LinkButton, Loaded, Select } from '../../ui';
import { DeploymentTraffic, type Figures } from './documents';
import { deploymentRoute } from './route';
import { TrafficByRevision } from './traffic-by-revision';
import { TrafficCharts } from './traffic-charts';
import { cachedShareOf, errorsOf, formatSeconds } from './traffic-figures';
import { boundsOf, TRAFFIC_SPANS, type TrafficSpan } from './traffic-span';

type Statistics = NonNullable<NonNullable<ResultOf<typeof DeploymentTraffic>['deployment']>['statistics']>;

const TICK_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 15_000;

/** How it is called and answers: calls, errors, latency and tokens of the last while. */
export function Traffic({ deploymentId, name }: { deploymentId: string; name: string }) {
  const { traffic: span = 'hour' } = deploymentRoute.useSearch();
  const navigate = useNavigate();
  const bounds = boundsOf(span, useNow(TICK_MILLISECONDS));
  const request = useRequest(DeploymentTraffic, { name: deploymentId, ...bounds });
  usePolling(request.refresh, request.status === 'ready', POLL_MILLISECONDS);
  const choose = (traffic: TrafficSpan) =>
    void navigate({
      to: paths.deployment(deploymentId),
      search: ((before: object) => ({ ...before, traffic })) as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <Card
      title="Traffic"
      description="Calls that were let in. What is refused before, by a limit or for want of an engine, is not among them."
      actions={
        <Select
          aria-label="Time of the traffic"
          className="w-40"
          value={span}
          onChange={(event) => choose(event.target.value as TrafficSpan)}
        >
          {Object.entries(TRAFFIC_SPANS).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      }
    >
      <Loaded request={request}>
        {({ deployment }) =>
          deployment?.statistics && <Shown statistics={deployment.statistics} span={span} name={name} />
        }
      </Loaded>
    </Card>
  );
}

function Shown({ statistics, span, name }: { statistics: Statistics; span: TrafficSpan; name: string }) {
  const { total, buckets, revisions } = statistics;
  if (total.requests === 0) {
    return (
      <EmptyState
        title={`No calls in ${TRAFFIC_SPANS[span].text}`}
        actions={
          <LinkButton icon={MessagesSquare} to={paths.playground()} search={{ left: name } as never}>
            Call it in the playground
          </LinkButton>
        }
      >
        <p>
          Programs call it with <code className="font-mono text-sm break-all">{name}</code> as the model: “Call it”
          below has the code. A call is seen here a moment later.
        </p>
      </EmptyState>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <Headline figures={total} />
      <TrafficCharts buckets={buckets} span={span} name={name} />
      {revisions.length > 1 && <TrafficByRevision revisions={revisions} name={name} />}
    </div>
  );
}

function Headline({ figures }: { figures: Figures }) {
  const { requests, running, clientDisconnected, inputTokens, outputTokens } = figures;
  const { latencySeconds, firstTokenSeconds, outputTokensPerSecond } = figures;
  const [errors, cached] = [errorsOf(figures), cachedShareOf(figures)];
  return (
    <Facts
      columns
      facts={[
        {
          label: 'Calls',
          value: running > 0 ? `${formatCount(requests)}, ${running} under way` : formatCount(requests),
        },
        { label: 'Errors', value: `${formatCount(errors)} (${formatPercent(errors / requests, 1)})` },
        { label: 'Callers gone', value: formatCount(clientDisconnected) },
        { label: 'Latency, median · 95%', value: both(latencySeconds.p50, latencySeconds.p95) },
        { label: 'First token, median · 95%', value: both(firstTokenSeconds.p50, firstTokenSeconds.p95) },
        {
          label: 'Speed of answers',
          value: outputTokensPerSecond === null ? '–' : `${formatMeasure(outputTokensPerSecond, 3)} tokens/s`,
        },
        { label: 'Prompts', value: formatTokens(String(inputTokens)) },
        { label: 'Cached', value: cached === null ? '–' : `${formatPercent(cached, 1)} of prompts` },
        { label: 'Answers', value: formatTokens(String(outputTokens)) },
      ]}
    />
  );
}

function both(median: number | null, most: number | null): string {
  return median === null ? '–' : `${formatSeconds(median)} · ${formatSeconds(most)}`;
}
