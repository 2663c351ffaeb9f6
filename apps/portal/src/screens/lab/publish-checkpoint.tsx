import { useAction, useRequest } from '../../api';
import { formatBytes, plural } from '../../format';
import { Confirm, Loaded, Notice, toast } from '../../ui';
import { DraftFiles, type LabCheckpoint, PublishCheckpoint } from './documents';

export function PublishQuestion({ checkpoint, onClose }: { checkpoint: LabCheckpoint; onClose: () => void }) {
  const { run } = useAction(PublishCheckpoint, (data) => data.publishCheckpoint);
  const files = useRequest(DraftFiles, { model: checkpoint.id }, { requestPolicy: 'network-only' });
  const publish = async () => {
    const result = await run({ checkpointId: checkpoint.id });
    if (!result.ok) return result.failures;
    toast(`${checkpoint.name} is being verified`, 'It is published when every file has the declared hash.');
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Publish ${checkpoint.name}?`}
      confirm="Verify and publish"
      kind="primary"
      onConfirm={publish}
    >
      <p>
        Every file is read and its hash compared. Then it is there for all who are entitled to it, and never changes.
      </p>
      <Loaded request={files}>
        {({ checkpoint: draft }) => {
          const pending = draft?.pendingUploads ?? [];
          if (pending.length === 0) return null;
          const bytes = pending.reduce((sum, file) => sum + BigInt(file.bytes), 0n);
          return (
            <Notice tone="warn" title={`${plural(pending.length, 'file')} not verified yet (${formatBytes(bytes)})`}>
              Those that are not uploaded keep it a draft, and are named there.
            </Notice>
          );
        }}
      </Loaded>
    </Confirm>
  );
}
