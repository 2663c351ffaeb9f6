import { zodResolver } from '@hookform/resolvers/zod';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction, useRequest } from '../../../api';
import { showFailures } from '../../../api/form-failures';
import { type Project, paths, useProject, useWhyNot } from '../../../app';
import { EmptyState, NoPermission, PageHeader } from '../../../ui';
import { type BaseCheckpoint, FineTuneQuoted, LaunchFineTune, NewFineTuneBase, NewFineTuneFile } from '../documents';
import { type NewFineTuneSearch, newFineTuneRoute } from '../route';
import { BaseStep, mayFineTune } from './base-step';
import { DataStep } from './data-step';
import { Review } from './review';
import { FIELD_OF_PATH, type JobRequest, NO_SETTINGS, requestOf, Settings, type SettingsValues } from './settings';
import { SettingsStep } from './settings-step';
import { type PreparationState, usePreparation } from './use-preparation';
import { useSettled } from './use-settled';

export function NewFineTuneScreen() {
  const project = useProject();
  const refusal = useWhyNot()('JOBS_WRITE');
  return (
    <>
      <PageHeader title="New fine-tune" crumbs={[{ label: 'Fine-tunes', to: paths.fineTunes() }]}>
        Choose a base and a file; everything else may be left alone.
      </PageHeader>
      {refusal ? (
        <NoPermission message={refusal} />
      ) : project ? (
        <NewFineTune key={project.id} project={project} />
      ) : (
        <EmptyState title="No project yet">
          A fine-tune belongs to a project: it owns the data, the job and the variant. Ask an administrator to assign
          you to one.
        </EmptyState>
      )}
    </>
  );
}

function NewFineTune({ project }: { project: Project }) {
  const { base: model, file } = newFineTuneRoute.useSearch();
  const navigate = useNavigate();
  const change = useCallback(
    (next: NewFineTuneSearch) =>
      void navigate({
        to: '.',
        search: ((old: object) => ({ ...old, ...next })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const form = useForm<SettingsValues>({
    defaultValues: NO_SETTINGS,
    resolver: zodResolver(Settings),
    mode: 'onChange',
  });
  const baseRequest = useRequest(NewFineTuneBase, { model: model ?? '' }, { pause: !model });
  const base = baseRequest.status === 'ready' ? baseRequest.data.checkpoint : null;
  const usable = base !== null && mayFineTune(base);
  const fileRequest = useRequest(NewFineTuneFile, { id: file ?? '' }, { pause: !file });
  const filename = fileRequest.status === 'ready' ? filenameOf(fileRequest.data.node) : null;

  const request = useJobRequest(form.watch(), project, base, file);
  const { state: preparation, retry } = usePreparation(usable && request ? preparationOf(request) : null);
  const ready = preparation.status === 'ended' && preparation.preparation.status === 'READY';
  const quote = useRequest(
    FineTuneQuoted,
    { input: request as JobRequest },
    { pause: !ready || !request, requestPolicy: 'network-only' },
  );
  const cap = quote.status === 'ready' ? quote.data.fineTuneQuote.hardCap?.nanos : undefined;

  const launch = useAction(LaunchFineTune, ({ createFineTuneJob }) => createFineTuneJob);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const submit = form.handleSubmit(async () => {
    if (!request || !cap) return;
    // What was reviewed is what is paid at most, whatever changes in between.
    const result = await launch.run({ ...request, costCapNanos: cap });
    setFailures(result.ok ? [] : showFailures(form, result.failures, FIELD_OF_PATH));
    const id = result.ok ? result.payload.fineTuneJob?.id : undefined;
    if (id) await navigate({ to: paths.fineTune(id) });
  });

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <BaseStep name={model} base={baseRequest} onChoose={(name) => change({ base: name || undefined })} />
        <DataStep
          project={project}
          file={file}
          preparation={preparation}
          waitsFor={
            usable ? null : 'It is validated as soon as the base is chosen: the base’s tokenizer and template read it.'
          }
          onChoose={(id) => change({ file: id || undefined })}
          onRetry={retry}
        />
        <SettingsStep form={form} base={base} />
      </div>
      <aside aria-label="Review" className="xl:sticky xl:top-7 xl:self-start">
        <Review
          base={base}
          filename={filename}
          request={request}
          quote={ready ? quote : null}
          whyNot={nextStep({ usable, file, preparation, quoted: cap !== undefined })}
          busy={launch.busy}
          failures={failures}
          onLaunch={() => void submit()}
        />
      </aside>
    </div>
  );
}

const TYPING_MILLISECONDS = 450;

/** As the form stands, while it is without a mistake; asked for a moment after the last key. */
function useJobRequest(
  values: SettingsValues,
  project: Project,
  base: BaseCheckpoint | null,
  file: string | undefined,
): JobRequest | null {
  const text = useSettled(JSON.stringify(values), TYPING_MILLISECONDS);
  return useMemo(() => {
    const parsed = Settings.safeParse(JSON.parse(text));
    if (!base || !file || !parsed.success) return null;
    return requestOf(parsed.data, { projectId: project.id, model: base.name, trainingFileId: file });
  }, [text, project.id, base, file]);
}

/** What is prepared is what the job will read: the same policy and seed. */
function preparationOf({ trainingFileId, model, dataPolicy, seed }: JobRequest) {
  return { versionId: trainingFileId, checkpoint: model, policy: { ...dataPolicy, seed: seed ?? 0 } };
}

interface Readiness {
  usable: boolean;
  file: string | undefined;
  preparation: PreparationState;
  quoted: boolean;
}

function nextStep({ usable, file, preparation, quoted }: Readiness): string | null {
  if (!usable) return 'Choose a base that you may fine-tune.';
  if (!file) return 'Choose a file to train on.';
  if (preparation.status === 'validating') return 'The file is being validated.';
  if (preparation.status !== 'ended' || preparation.preparation.status !== 'READY')
    return 'The file has to be valid first.';
  return quoted ? null : 'The quote is on its way.';
}

function filenameOf(node: object | null): string | null {
  return node && 'filename' in node && typeof node.filename === 'string' ? node.filename : null;
}
