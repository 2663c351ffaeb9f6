import { join, resolve } from 'node:path';
import type { GraphqlClient } from '#libs/client';
import { filesOf, readLineage } from '../../../infra/seed/lineage-folder.js';
import { upload } from '../../../infra/seed/publish-lineage.js';

/** A draft with all of its bytes, in a family of its own that nobody is entitled to; gives its name. */
export async function draftCheckpoint(operator: GraphqlClient, familyName: string): Promise<string> {
  const folder = resolve(process.env['FORKPOINT_LINEAGE'] ?? '.forkpoint/lineage');
  const first = (await readLineage(folder)).checkpoints[0]!;
  const files = await filesOf(join(folder, first.folder));
  const { license, step, loss } = first;

  const ofFamily = { name: familyName, displayName: familyName, description: 'Made by a browser test.', license };
  const { family } = await operator.mutate<{ family: { id: string } }>('createModelFamily', ofFamily, 'family { id }');
  const ofRun = {
    familyId: family.id,
    name: 'pretrain',
    stage: 'PRETRAINING',
    description: 'One.',
    hyperparameters: {},
  };
  const { trainingRun } = await operator.mutate<{ trainingRun: { id: string } }>(
    'createTrainingRun',
    ofRun,
    'trainingRun { id }',
  );
  const ofCheckpoint = {
    trainingRunId: trainingRun.id,
    ...{ step, loss, license, tokensSeen: String(first.tokens_seen) },
    recipe: { method: 'pretraining', parameters: {} },
    modelCard: {
      summary: 'An early checkpoint.',
      trainingData: first.data,
      intendedUse: 'Tests.',
      limitations: 'All.',
    },
    files: files.map(({ path, part, bytes, sha256 }) => ({ path, part, bytes: String(bytes), sha256 })),
  };
  const { checkpoint } = await operator.mutate<{ checkpoint: { id: string; name: string } }>(
    'createCheckpoint',
    ofCheckpoint,
    'checkpoint { id name }',
  );
  await upload(operator, checkpoint.id, files);
  return checkpoint.name;
}
