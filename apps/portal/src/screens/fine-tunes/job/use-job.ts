import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, type RequestState, usePolling, useRequest, useSubscriptionFeed } from '../../../api';
import { now } from '../../../format';
import { ENDED } from '../job-status';
import { CurveStore } from './curve-store';
import {
  EVENTS_PAGE_ROWS,
  type Job,
  JobCurvesPart,
  type JobEvent,
  JobEventsPage,
  JobHistory,
  JobPage,
  type JobState,
  type JobUpdate,
  JobUpdates,
} from './documents';

/** The feed brings what training tells; this is for what comes before and after it, such as validation. */
const POLL_MILLISECONDS = 2_500;

export interface JobFeed {
  request: RequestState<{ node: object | null }>;
  /** Why the curves so far are missing. */
  missing: readonly Failure[];
  /** As it is now; null while it is not known. */
  job: Job | null;
  events: readonly JobEvent[];
  curves: CurveStore;
  /** Grows with every point, for what draws them. */
  version: number;
  /** Tokens a second, over what came last. */
  tokensPerSecond: number | null;
  /** Asks for all points of a part of the curves. */
  lookCloser: (range: [number, number]) => void;
}

/** A job, followed: what there is, then what comes, until it is over. */
export function useJob(id: string): JobFeed {
  const client = useClient();
  const request = useRequest(JobPage, { id }, { requestPolicy: 'cache-and-network' });
  const history = useRequest(JobHistory, { id }, { requestPolicy: 'network-only' });
  const [live, setLive] = useState<JobState | null>(null);
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const [version, setVersion] = useState(0);
  const [tokensPerSecond, setTokensPerSecond] = useState<number | null>(null);
  const curves = useRef(new CurveStore());
  const rate = useRef<{ tokens: number; atMilliseconds: number } | null>(null);
  const [after, setAfter] = useState<number | null>(null);

  const known = request.status === 'ready' ? jobOf(request.data.node) : null;
  const job = known && live ? { ...known, ...newer(known, live) } : known;
  const ended = job !== null && ENDED.has(job.status);

  const past = history.status === 'ready' ? history.data.node : null;
  useEffect(() => {
    if (!past || !('curves' in past)) return;
    curves.current.put(past.curves.curves);
    setVersion((count) => count + 1);
    setAfter((sequence) => sequence ?? past.curves.sequence);
  }, [past]);

  const tell = useCallback((page: readonly JobEvent[]) => setEvents((shown) => merge(page, shown)), []);
  usePastEvents(id, tell);

  const { refresh } = request;
  const receive = useCallback(
    ({ fineTuneJobUpdates: update }: { fineTuneJobUpdates: JobUpdate }) => {
      if (update.fineTuneJob) {
        setLive({ ...update.fineTuneJob, progress: update.progress ?? update.fineTuneJob.progress });
        if (ENDED.has(update.fineTuneJob.status)) refresh();
      }
      if (update.events.length > 0) tell(update.events);
      if (update.metrics.length > 0) {
        curves.current.add(update.metrics);
        setVersion((count) => count + 1);
      }
      if (update.progress) setTokensPerSecond((last) => rateOf(rate, Number(update.progress?.tokens), last));
    },
    [refresh, tell],
  );
  const followed = job !== null && !ended;
  useSubscriptionFeed(JobUpdates, followed && after !== null ? { id, after } : null, receive);

  // What is on its way is not asked for again: that would only make a slow answer slower.
  usePolling(refresh, followed || request.status === 'failed', POLL_MILLISECONDS);

  const lookCloser = useCallback(
    ([from, to]: [number, number]) => {
      void client
        .query(JobCurvesPart, { id, from: Math.max(1, Math.floor(from)), to: Math.ceil(to) })
        .toPromise()
        .then(({ data }) => {
          if (!data?.node || !('curves' in data.node)) return;
          curves.current.put(data.node.curves.curves);
          setVersion((count) => count + 1);
        });
    },
    [client, id],
  );
  const missing = history.status === 'failed' ? [history.failure] : NONE;
  return { request, missing, job, events, curves: curves.current, version, tokensPerSecond, lookCloser };
}

/** What happened before the page was opened. */
function usePastEvents(id: string, tell: (page: readonly JobEvent[]) => void): void {
  const client = useClient();
  useEffect(() => {
    let left = false;
    const read = async () => {
      for (let after = 0; !left; ) {
        const { data } = await client
          .query(JobEventsPage, { id, after }, { requestPolicy: 'network-only' })
          .toPromise();
        const page = data?.node && 'events' in data.node ? data.node.events : [];
        if (left || page.length === 0) return;
        tell(page);
        if (page.length < EVENTS_PAGE_ROWS) return;
        after = page.at(-1)?.sequence ?? after;
      }
    };
    void read();
    return () => {
      left = true;
    };
  }, [client, id, tell]);
}

function jobOf(node: object | null): Job | null {
  return node && 'status' in node ? (node as Job) : null;
}

/** What was polled may be newer than what was told last: a state that is over stays over. */
function newer(known: Job, live: JobState): Partial<JobState> {
  return ENDED.has(known.status) && !ENDED.has(live.status) ? {} : live;
}

function merge(first: readonly JobEvent[], second: readonly JobEvent[]): readonly JobEvent[] {
  const bySequence = new Map([...first, ...second].map((event) => [event.sequence, event]));
  return [...bySequence.values()].sort((left, right) => left.sequence - right.sequence);
}

const NONE: readonly Failure[] = [];
const RATE_OVER_MILLISECONDS = 3_000;

function rateOf(
  from: { current: { tokens: number; atMilliseconds: number } | null },
  tokens: number,
  last: number | null,
): number | null {
  const atMilliseconds = now();
  const before = from.current;
  if (!before || tokens < before.tokens) {
    from.current = { tokens, atMilliseconds };
    return last;
  }
  const passed = atMilliseconds - before.atMilliseconds;
  if (passed < RATE_OVER_MILLISECONDS) return last;
  from.current = { tokens, atMilliseconds };
  return ((tokens - before.tokens) * 1000) / passed;
}
