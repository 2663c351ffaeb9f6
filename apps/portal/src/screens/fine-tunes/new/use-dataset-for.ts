import { useCallback } from 'react';
import { useClient } from 'urql';
import { type Failure, failuresOf, useAction } from '../../../api';
import { CreateDatasetForUpload, DatasetForUpload } from '../documents';

/** The dataset that a file goes to: the one of its name, which then has a version more, or a new one. */
export function useDatasetFor(projectId: string): (file: File) => Promise<string | readonly Failure[]> {
  const client = useClient();
  const { run } = useAction(CreateDatasetForUpload, ({ createDataset }) => createDataset);
  return useCallback(
    async (file) => {
      const name = datasetName(file.name);
      const { data, error } = await client
        .query(DatasetForUpload, { projectId }, { requestPolicy: 'network-only' })
        .toPromise();
      if (!data) return error ? failuresOf(error) : [];
      const known = data.datasets.nodes.find((dataset) => dataset.name === name);
      if (known) return known.id;
      const made = await run({ projectId, name });
      if (!made.ok) return made.failures;
      return made.payload.dataset?.id ?? [];
    },
    [client, projectId, run],
  );
}

const LONGEST_NAME = 200;

export function datasetName(filename: string): string {
  const name = filename.replace(/\.gz$/i, '').replace(/\.[^.]+$/, '');
  return (name.trim() || filename).slice(0, LONGEST_NAME);
}
