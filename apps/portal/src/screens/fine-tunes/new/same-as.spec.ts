import { describe, expect, test } from '@jest/globals';
import { sameAs } from './same-as';
import type { JobRequest } from './settings';

const simple: JobRequest = {
  projectId: 'proj_1',
  model: 'forge-1-pretrain-001953',
  trainingFileId: 'file_1',
  suffix: 'rust',
  hyperparameters: { epochs: 2 },
};
const codeOf = (request: JobRequest, name: string) =>
  sameAs(request, 'https://forkpoint.example').find((one) => one.name === name)?.code ?? '';
/** What a shell would hand to curl. */
const bodyOf = (code: string) => JSON.parse(/-d '([\s\S]*)'$/.exec(code)?.[1]?.replaceAll("'\\''", "'") ?? 'null');

describe('the same job', () => {
  test('goes by OpenAI’s interface where that can say it', () => {
    const code = codeOf(simple, 'curl');
    expect(code).toContain('https://forkpoint.example/v1/fine_tuning/jobs');
    expect(bodyOf(code)).toEqual({
      model: 'forge-1-pretrain-001953',
      training_file: 'file_1',
      suffix: 'rust',
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2 } } },
    });
    expect(codeOf(simple, 'Python')).toContain('client.fine_tuning.jobs.create(');
  });

  test('goes by GraphQL where it can not', () => {
    const request: JobRequest = { ...simple, hyperparameters: { rank: 8 }, dataPolicy: { overLong: 'DROP' } };
    const code = codeOf(request, 'curl');
    expect(code).toContain('https://forkpoint.example/graphql');
    expect(bodyOf(code).variables.input).toMatchObject({ ...request, idempotencyKey: expect.any(String) });
    expect(codeOf(request, 'Python')).toContain('"rank": 8,');
  });

  test('goes by the command line with the options of `forkpoint tune`', () => {
    const request: JobRequest = {
      ...simple,
      hyperparameters: { learningRateMultiplier: 0.5, scheduler: 'COSINE' },
      dataPolicy: { overLong: 'TRUNCATE', validationFraction: 0.1 },
    };
    expect(codeOf(request, 'CLI').split(' \\\n')).toEqual([
      'npx forkpoint tune',
      '  --project proj_1',
      '  --model forge-1-pretrain-001953',
      '  --file file_1',
      '  --suffix rust',
      '  --learning-rate-multiplier 0.5',
      '  --scheduler cosine',
      '  --over-long truncate',
      '  --validation-fraction 0.1',
      '  --follow',
    ]);
  });
});
