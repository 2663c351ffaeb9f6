import { useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failureOf } from '../../../api';
import { Card, EmptyState, Failures, Field, Select, Switch } from '../../../ui';
import { ENDED } from '../job-status';
import { JobLog as JOB_LOG, type Job } from './documents';

const POLL_MILLISECONDS = 1_500;
/** What is kept on the page; all of it is on the platform. */
const LARGEST_CHARACTERS = 400_000;

/** The trainer's own output, an attempt at a time; it follows while the attempt runs. */
export function JobLog({ job }: { job: Job }) {
  const newest = job.attempts.at(-1)?.number ?? null;
  const [chosen, setChosen] = useState<number | null>(null);
  const attempt = chosen ?? newest;
  const [follow, setFollow] = useState(true);
  if (attempt === null) {
    return <EmptyState title="No output yet">The trainer writes here as soon as it starts.</EmptyState>;
  }
  return (
    <Card
      title="Trainer output"
      actions={
        <>
          {job.attempts.length > 1 && (
            <Field label={<span className="sr-only">Attempt</span>}>
              <Select value={attempt} onChange={({ target }) => setChosen(Number(target.value))}>
                {job.attempts.map(({ number, outcome }) => (
                  <option key={number} value={number}>
                    Attempt {number}
                    {outcome ? `, ${outcome.toLowerCase()}` : ''}
                  </option>
                ))}
              </Select>
            </Field>
          )}
          <Switch label="Follow" checked={follow} onChange={setFollow} />
        </>
      }
    >
      <Output key={attempt} job={job} attempt={attempt} follow={follow} />
    </Card>
  );
}

function Output({ job, attempt, follow }: { job: Job; attempt: number; follow: boolean }) {
  const { text, failure } = useLog(job, attempt);
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text scrolls it.
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, follow]);
  return (
    <>
      {failure && <Failures failures={[failure]} />}
      <pre
        ref={box}
        role="log"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
        tabIndex={0}
        aria-label={`Output of attempt ${attempt}`}
        className="h-120 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap"
      >
        {text || 'Nothing yet.'}
      </pre>
    </>
  );
}

function useLog(job: Job, attempt: number): { text: string; failure: Failure | null } {
  const client = useClient();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const ended = useRef(false);
  ended.current = ENDED.has(job.status);
  const { id } = job;
  useEffect(() => {
    let left = false;
    const read = async () => {
      let offset = 0;
      while (!left) {
        const { data, error } = await client
          .query(JOB_LOG, { id, attempt, offset }, { requestPolicy: 'network-only' })
          .toPromise();
        if (left) return;
        setFailure(error ? failureOf(error) : null);
        const chunk = data?.node && 'log' in data.node ? data.node.log : null;
        if (chunk?.text) setText((shown) => (shown + chunk.text).slice(-LARGEST_CHARACTERS));
        if (chunk && chunk.nextOffset > offset) {
          offset = chunk.nextOffset;
          continue;
        }
        if (chunk?.complete || (ended.current && chunk)) return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      }
    };
    void read();
    return () => {
      left = true;
    };
  }, [client, id, attempt]);
  return { text, failure };
}
