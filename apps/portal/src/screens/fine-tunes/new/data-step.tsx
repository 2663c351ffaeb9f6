import { useState } from 'react';
import { type Failure, type RequestState, useRequest } from '../../../api';
import { type Project, useWhyNot } from '../../../app';
import { formatBytes } from '../../../format';
import { Card, Failures, Field, Loaded, LoadingState, Notice, Select } from '../../../ui';
import { FileDrop, UploadProgress, useUploads } from '../../../upload';
import { NewFineTuneFiles } from '../documents';
import { Report } from './report';
import { useDatasetFor } from './use-dataset-for';
import type { PreparationState } from './use-preparation';

interface DataStepProps {
  project: Project;
  file: string | undefined;
  preparation: PreparationState;
  /** Why nothing is validated yet. */
  waitsFor: string | null;
  onChoose: (fileId: string) => void;
  onRetry: () => void;
}

/** What to train on: a file that is there, or one that is sent now. It is validated at once. */
export function DataStep({ project, file, preparation, waitsFor, onChoose, onRetry }: DataStepProps) {
  const files = useRequest(
    NewFineTuneFiles,
    { projectId: project.id },
    { alsoChangesWith: ['DatasetVersion', 'Upload'] },
  );
  const whyNot = useWhyNot();
  const { tasks, start, remove } = useUploads();
  const datasetFor = useDatasetFor(project.id);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const send = async (chosen: File) => {
    setFailures([]);
    const dataset = await datasetFor(chosen);
    if (typeof dataset === 'string') start(chosen, dataset);
    else setFailures(dataset);
  };
  const arrived = (versionId: string) => {
    files.refresh();
    onChoose(versionId);
  };
  return (
    <Card
      title="2. Data"
      description="Conversations or prompts with completions, one JSON object a line. It is read by the tokenizer and template of the base at once."
    >
      <FileDrop
        title="Drop a JSONL file, or choose one"
        hint="messages, or prompt and completion; plain or gzip, up to 5 GiB"
        accept=".jsonl,.json,.ndjson,.gz"
        whyNot={whyNot('DATASETS_WRITE')}
        onFile={(chosen) => void send(chosen)}
      />
      <Failures failures={failures} />
      {tasks.map((task) => (
        <UploadProgress key={task.id} task={task} onDone={arrived} onDismiss={() => remove(task)} />
      ))}
      <KnownFiles request={files} file={file} onChoose={onChoose} />
      {file &&
        (waitsFor ? <p className="text-ink-soft">{waitsFor}</p> : <Validation {...{ preparation, onRetry, file }} />)}
    </Card>
  );
}

interface KnownFile {
  id: string;
  filename: string;
  bytes: string;
  number: number | null;
  status: string;
  dataset: { name: string } | null;
}

interface KnownFilesProps {
  request: RequestState<{ datasetVersions: { nodes: readonly KnownFile[] } }>;
  file: string | undefined;
  onChoose: (fileId: string) => void;
}

function KnownFiles({ request, file, onChoose }: KnownFilesProps) {
  return (
    <Loaded request={request} skeleton={<LoadingState lines={1} />}>
      {({ datasetVersions: { nodes } }) => {
        const ready = nodes.filter(({ status }) => status === 'READY');
        if (ready.length === 0 && !file) return null;
        return (
          <Field label="Or a file of this project">
            <Select value={file ?? ''} onChange={({ target }) => onChoose(target.value)}>
              <option value="">Choose a file</option>
              {file && !ready.some(({ id }) => id === file) && <option value={file}>{file}</option>}
              {ready.map(({ id, filename, bytes, number, dataset }) => (
                <option key={id} value={id}>
                  {dataset ? `${dataset.name}, version ${number}: ${filename}` : filename} ({formatBytes(bytes)})
                </option>
              ))}
            </Select>
          </Field>
        );
      }}
    </Loaded>
  );
}

function Validation({ preparation, file, onRetry }: Pick<DataStepProps, 'preparation' | 'onRetry'> & { file: string }) {
  switch (preparation.status) {
    case 'waiting':
      return null;
    case 'validating':
      return <LoadingState lines={2} label="Validating the file" />;
    case 'refused':
      return (
        <>
          <Failures failures={preparation.failures} />
          <Notice title="The file was not validated">
            <button type="button" className="text-accent underline" onClick={onRetry}>
              Try again
            </button>
          </Notice>
        </>
      );
    case 'ended':
      return <Report preparation={preparation.preparation} file={file} onRetry={onRetry} />;
  }
}
