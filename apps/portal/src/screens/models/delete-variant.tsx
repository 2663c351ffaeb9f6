import type { ReactNode } from 'react';
import { type Failure, useAction, useRequest } from '../../api';
import { paths } from '../../app';
import { formatBytes, formatNumber } from '../../format';
import { Button, Dialog, Failures, Loaded, Notice, TextLink, toast } from '../../ui';
import { DeleteVariant, type Model, type VariantHold, VariantHolds } from './documents';

/** What goes, what stays, and what has to end before. */
export function DeleteVariantDialog({ model, onClose }: { model: Model; onClose: () => void }) {
  const request = useRequest(
    VariantHolds,
    { checkpointId: model.id, model: model.id },
    { requestPolicy: 'network-only' },
  );
  const { run, busy, failures } = useAction(DeleteVariant, (data) => data.deleteVariant);
  const holds = request.status === 'ready' ? request.data.variantHolds : null;

  const remove = async () => {
    const result = await run({ checkpointId: model.id });
    if (result.ok) {
      toast(`${model.name} is deleted`);
      onClose();
    } else {
      // Somebody began to use it meanwhile.
      request.refresh();
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Delete this variant?"
      description={<span className="break-all">{model.name}</span>}
      actions={
        <>
          <Button kind="danger" busy={busy} whyNot={whyNotYet(holds)} onClick={() => void remove()}>
            Delete the variant
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Keep as it is
          </Button>
        </>
      }
    >
      <Loaded request={request}>
        {({ checkpoint, variantHolds }) => (
          <>
            {variantHolds.length > 0 && <Holds holds={variantHolds} />}
            <p>
              Its files go{checkpoint && `: ${sizeOf(checkpoint.files)}`}. They are not stored or charged for from then
              on, and can not be brought back. Calls by its name are refused at once, and no deployment can go back to
              it.
            </p>
            <p>
              Its name, lineage, hashes and figures stay, and so do its fine-tune, evaluations and invoices. Variants
              that were trained on from it are whole and stay as they are.
            </p>
          </>
        )}
      </Loaded>
      <Failures failures={shown(failures, holds)} />
    </Dialog>
  );
}

function whyNotYet(holds: readonly VariantHold[] | null): string | null {
  if (!holds) return 'What uses it is not known yet.';
  return holds.length > 0 ? 'It is in use: see above what has to end first.' : null;
}

/** What uses it is shown in full already. */
function shown(failures: readonly Failure[], holds: readonly VariantHold[] | null): readonly Failure[] {
  return holds?.length ? failures.filter(({ code }) => code !== 'VARIANT_IN_USE') : failures;
}

function sizeOf(files: ReadonlyArray<{ bytes: string }>): string {
  const bytes = files.reduce((sum, file) => sum + Number(file.bytes), 0);
  return `${formatNumber(files.length, files.length === 1 ? 'file' : 'files')}, ${formatBytes(bytes)}`;
}

function Holds({ holds }: { holds: readonly VariantHold[] }) {
  return (
    <Notice tone="warn" title="It is in use">
      <ul className="flex list-disc flex-col gap-1 pl-4">
        {holds.map((hold) => (
          <li key={`${hold.what} ${hold.holderId}`}>{describe(hold)}</li>
        ))}
      </ul>
    </Notice>
  );
}

type Holder = VariantHold['what'];

const NOUNS: Record<Exclude<Holder, 'JOBS_OF_OTHERS'>, [one: string, more: string]> = {
  LISTING: ['listing', 'listings'],
  DEPLOYMENT: ['deployment', 'deployments'],
  FINE_TUNE_JOB: ['fine-tune', 'fine-tunes'],
  EVALUATION_RUN: ['evaluation', 'evaluations'],
};

function describe({ what, holderId, name, count }: VariantHold): ReactNode {
  if (what === 'JOBS_OF_OTHERS') {
    return `${formatNumber(count, count === 1 ? 'job' : 'jobs')} of organizations that it was listed for: wait until they have ended.`;
  }
  const [one, more] = NOUNS[what];
  if (!holderId)
    return `${formatNumber(count, count === 1 ? one : more)} of projects that you don’t reach: ask an administrator.`;
  const { to, advice } = HOLDERS[what](holderId);
  return (
    <>
      The {one}{' '}
      <TextLink to={to} className="underline">
        {name ?? holderId}
      </TextLink>
      : {advice}
    </>
  );
}

const WAIT = 'wait until it has ended, or cancel it.';

const HOLDERS: Record<Exclude<Holder, 'JOBS_OF_OTHERS'>, (id: string) => { to: string; advice: string }> = {
  LISTING: (id) => ({ to: paths.listing(id), advice: 'withdraw it.' }),
  DEPLOYMENT: (id) => ({ to: paths.deployment(id), advice: 'deploy something else there, or delete it.' }),
  FINE_TUNE_JOB: (id) => ({ to: paths.fineTune(id), advice: WAIT }),
  EVALUATION_RUN: (id) => ({ to: paths.evaluation(id), advice: WAIT }),
};
