import { describe, expect, test } from '@jest/globals';
import { NO_SETTINGS, requestOf, Settings } from './settings';

const target = { projectId: 'proj_1', model: 'forge-1', trainingFileId: 'file_1' };

describe('what is asked of the api', () => {
  test('is the target alone while nothing was touched, so that the recipe holds', () => {
    expect(requestOf(NO_SETTINGS, target)).toEqual(target);
  });

  test('has what was chosen, as numbers and shares', () => {
    const values = {
      ...NO_SETTINGS,
      suffix: 'rust',
      epochs: ' 1.5 ',
      rank: '32',
      scheduler: 'LINEAR' as const,
      seed: '0',
      overLong: 'DROP' as const,
      validationPercent: '12.5',
    };
    expect(requestOf(values, target)).toEqual({
      ...target,
      suffix: 'rust',
      seed: 0,
      hyperparameters: { epochs: 1.5, rank: 32, scheduler: 'LINEAR' },
      dataPolicy: { overLong: 'DROP', validationFraction: 0.125 },
    });
  });
});

describe('settings', () => {
  const problem = (change: object) => Settings.safeParse({ ...NO_SETTINGS, ...change }).error?.issues[0];

  test('may all be left alone', () => {
    expect(Settings.safeParse(NO_SETTINGS).success).toBe(true);
  });

  test.each([
    [{ epochs: '0' }, 'epochs', 'Between 0.01 and 50.'],
    [{ epochs: 'many' }, 'epochs', 'A number, with a point for decimals.'],
    [{ batchSize: '1.5' }, 'batchSize', 'A whole number.'],
    [{ validationPercent: '51' }, 'validationPercent', 'Between 0 and 50.'],
    [{ suffix: 'two words' }, 'suffix', 'Letters, digits, - and _; at most 64.'],
  ])('say what is wrong with %j', (change, field, message) => {
    expect(problem(change)).toMatchObject({ path: [field], message });
  });
});
