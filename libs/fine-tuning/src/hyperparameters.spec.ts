import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SupervisedRecipe } from '#libs/catalog';
import { DomainError } from '#libs/kernel';
import {
  assertHyperparameters,
  type RequestedHyperparameters,
  resolveDataPolicy,
  resolveHyperparameters,
  seedOf,
} from './hyperparameters.js';
import { planTraining } from './plan.js';

const recipe: SupervisedRecipe = {
  rank: 16,
  alpha: 32,
  target_modules: 'all-linear',
  dropout: 0,
  rslora: false,
  learning_rate: 5e-3,
  scheduler: 'cosine',
  warmup_steps: 10,
  batch_size: 16,
  gradient_accumulation: 1,
  n_epochs: 2,
  weight_decay: 0,
  max_grad_norm: 1,
};
const resolve = (requested: RequestedHyperparameters, trainRows = 1500) =>
  resolveHyperparameters(requested, recipe, { seed: 1, trainRows });

describe('hyperparameters', () => {
  it('takes what was not asked for from the recipe, and `auto` means not asked for', () => {
    expect(resolve({})).toEqual(resolve({ batchSize: 'auto', epochs: 'auto', learningRateMultiplier: 'auto' }));
    expect(resolve({})).toMatchObject({
      rank: 16,
      alpha: 32,
      learning_rate: 5e-3,
      batch_size: 16,
      n_epochs: 2,
      checkpoint_every_steps: 47,
    });
  });

  it('multiplies the recipe by a multiplier and keeps the ratio of alpha to rank', () => {
    expect(resolve({ learningRateMultiplier: 2, rank: 8 })).toMatchObject({ learning_rate: 1e-2, rank: 8, alpha: 16 });
  });

  it('keeps the shape of an adapter that is trained on, and refuses another', () => {
    const continues = { name: 'ft:x', rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'], rslora: false };
    const options = { seed: 1, trainRows: 100, continues };
    expect(resolveHyperparameters({}, recipe, options)).toMatchObject({
      rank: 4,
      alpha: 8,
      target_modules: ['q_proj', 'v_proj'],
    });
    expect(resolveHyperparameters({ targetModules: ['v_proj', 'q_proj'] }, recipe, options).rank).toBe(4);
    expect(() => resolveHyperparameters({ rank: 8 }, recipe, options)).toThrow(
      expect.objectContaining({ code: 'BASE_CONTINUES_OTHER_SHAPE' }),
    );
  });

  it('says which value is out of range', () => {
    for (const [name, value] of Object.entries({
      batchSize: 0,
      epochs: 51,
      rank: 0,
      dropout: 1,
      learningRateMultiplier: Number.NaN,
    })) {
      const error = caught(() => assertHyperparameters({ [name]: value }));
      expect(error).toMatchObject({ code: 'HYPERPARAMETER_OUT_OF_RANGE', path: ['hyperparameters', name] });
    }
  });

  it('never asks for rows longer than the context, nor splits off rows beside a validation file', () => {
    const options = { contextLength: 512, hasValidationFile: true, seed: 3 };
    const requested = { maxTokens: 9999, validationFraction: 0.1 };
    const whole = { over_long: 'reject', max_tokens: 512, validation_fraction: 0, seed: 0 };
    expect(resolveDataPolicy(requested, options)).toEqual(whole);
    const split = resolveDataPolicy(requested, { ...options, hasValidationFile: false });
    expect(split).toEqual({ ...whole, validation_fraction: 0.1, seed: 3 });
  });

  it('gives a job the same seed each time', () => {
    expect(seedOf('ftjob_1')).toBe(seedOf('ftjob_1'));
    expect(seedOf('ftjob_1')).not.toBe(seedOf('ftjob_2'));
  });
});

describe('a plan', () => {
  const counts = (train: number, longest: number) => ({
    rows: { read: train, blank_lines: 0, invalid: 0, dropped: 0, truncated: 0, train, validation: 0 },
    tokens: {
      train: train * longest,
      train_trained: 0,
      validation: 0,
      validation_trained: 0,
      longest_row: longest,
      removed: 0,
    },
  });

  it('counts the notes’ example', () => {
    expect(planTraining(counts(1500, 80), resolve({}), 4000)).toEqual({
      steps: 188,
      tokens: 240_000,
      estimatedSeconds: 70,
    });
  });

  it('bounds the tokens that any order of the rows could read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        (lengths, batchSize, epochs, maxSteps) => {
          const plan = planTraining(
            {
              ...counts(lengths.length, Math.max(...lengths)),
              tokens: { ...counts(0, 0).tokens, train: sum(lengths), longest_row: Math.max(...lengths) },
            },
            resolve({ batchSize, epochs, maxSteps }, lengths.length),
            1,
          );
          // The worst order: the longest rows first in every epoch.
          const sorted = [...lengths].sort((a, b) => b - a);
          const perEpoch = Math.ceil(lengths.length / batchSize);
          let read = 0;
          for (let step = 0; step < plan.steps; step++)
            read += sum(sorted.slice((step % perEpoch) * batchSize, ((step % perEpoch) + 1) * batchSize));
          expect(plan.tokens).toBeGreaterThanOrEqual(read);
        },
      ),
    );
  });
});

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  return null;
}
