import { useEffect } from 'react';
import { useRequest } from '../../../api';
import { paths, useSession } from '../../../app';
import { formatCount } from '../../../format';
import { Badge, Card, CopyButton, Loaded, LoadingState, TextLink } from '../../../ui';
import { JobCheckpoints as JOB_CHECKPOINTS, type Job, type JobCheckpoint } from './documents';

/** What was saved on the way and at the end: each can be called, deployed and forked. */
export function JobCheckpoints({ job, saved }: { job: Job; saved: number }) {
  const { outputName, parent } = job;
  const request = useRequest(JOB_CHECKPOINTS, { prefix: outputName ?? '' }, { pause: !outputName });
  const { refresh } = request;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one was saved.
  useEffect(() => {
    if (outputName) refresh();
  }, [saved, job.status, outputName, refresh]);
  return (
    <Card title="Checkpoints">
      {outputName ? (
        <Loaded request={request} skeleton={<LoadingState lines={2} />}>
          {({ checkpoints: { nodes } }) =>
            nodes.length === 0 ? (
              <p className="text-ink-soft">The first one is saved half an epoch in, unless you chose otherwise.</p>
            ) : (
              <ul className="flex flex-col gap-2.5">
                {nodes.map((checkpoint) => (
                  <Saved
                    key={checkpoint.id}
                    checkpoint={checkpoint}
                    final={checkpoint.name === outputName}
                    base={parent?.name}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      ) : (
        <p className="text-ink-soft">They are listed here as they are saved.</p>
      )}
    </Card>
  );
}

function Saved({ checkpoint, final, base }: { checkpoint: JobCheckpoint; final: boolean; base: string | undefined }) {
  const { may } = useSession();
  const { name, step } = checkpoint;
  return (
    <li className="flex items-start justify-between gap-2">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">Step {formatCount(step)}</span>
          {final && <Badge tone="ok">the variant</Badge>}
        </p>
        <p className="font-mono text-xs break-all text-ink-faint">{name}</p>
        <p className="flex flex-wrap gap-x-3 text-sm">
          {may('INFERENCE_CALL') && (
            <TextLink to={paths.playground()} search={{ ...(base ? { left: base } : {}), right: name } as never}>
              Chat
            </TextLink>
          )}
          {may('JOBS_WRITE') && (
            <TextLink to={paths.newFineTune()} search={{ base: name } as never}>
              Fork from it
            </TextLink>
          )}
          {may('EVALUATIONS_WRITE') && (
            <TextLink to={paths.evaluations()} search={{ checkpoint: name } as never}>
              Evaluate
            </TextLink>
          )}
          <TextLink to={paths.model(name)}>Model card</TextLink>
        </p>
      </div>
      <CopyButton text={name} what="the name" />
    </li>
  );
}
