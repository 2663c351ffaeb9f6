import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idPrefix, newId } from '#libs/kernel';
import { assertLabName, assertSuffix, labCheckpointName, parseVariantName, shortOf, variantName } from './names.js';

const alphabet = (characters: string, limits: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(...characters), ...limits });
const labName = alphabet('abcz019.-', { minLength: 1, maxLength: 40 }).filter(
  (name) => !failure(() => assertLabName(name, 'name')),
);
const variant = fc.record({
  baseName: fc.tuple(labName, labName, fc.nat(10_000_000)).map((parts) => labCheckpointName(...parts)),
  organizationSlug: alphabet('abz09-', { minLength: 1, maxLength: 40 }),
  suffix: fc.option(alphabet('abzABZ09_-', { minLength: 1, maxLength: 64 })),
  short: fc.constant(null).map(() => shortOf(newId('ftjob'))),
  step: fc.option(fc.integer({ min: 1, max: 1e9 })),
});

describe('names', () => {
  it('of variants read back as what they were made of', () => {
    fc.assert(fc.property(variant, (parts) => expect(parseVariantName(variantName(parts))).toEqual(parts)));
  });

  it('are never mistaken for one another, for an id or for a deployment', () => {
    fc.assert(
      fc.property(labName, labName, fc.nat(10_000_000), variant, (family, run, step, parts) => {
        const [checkpoint, tuned] = [labCheckpointName(family, run, step), variantName(parts)];
        expect(parseVariantName(checkpoint)).toBeNull();
        for (const name of [checkpoint, tuned]) {
          expect(idPrefix(name)).toBeNull();
          expect(name).not.toContain('/');
        }
      }),
    );
  });

  it('sort by step within a run', () => {
    expect(labCheckpointName('forge-1', 'pretrain', 156)).toBe('forge-1-pretrain-000156');
    const names = [1953, 156, 30000].map((step) => labCheckpointName('forge-1', 'pretrain', step)).sort();
    expect(names.map((name) => Number(name.slice(-6)))).toEqual([156, 1953, 30000]);
  });

  it.each([
    ['', 'MODEL_NAME_INVALID'],
    ['Forge', 'MODEL_NAME_INVALID'],
    ['forge:1', 'MODEL_NAME_INVALID'],
    ['forge/1', 'MODEL_NAME_INVALID'],
    ['forge_1', 'MODEL_NAME_INVALID'],
    ['-forge', 'MODEL_NAME_INVALID'],
    ['forge-', 'MODEL_NAME_INVALID'],
    ['f'.repeat(41), 'MODEL_NAME_INVALID'],
    ['ft', 'MODEL_NAME_RESERVED'],
  ])('refuse %j for a family (%s)', (name, code) => {
    expect(failure(() => assertLabName(name, 'name'))).toMatchObject({ code, path: ['name'] });
  });

  it('take suffixes as OpenAI does, without what would split a name', () => {
    for (const suffix of [null, 'rust', 'My_Model-2', 'x'.repeat(64)])
      expect(failure(() => assertSuffix(suffix))).toBeNull();
    for (const suffix of ['', 'a:b', 'a/b', 'ä', 'x'.repeat(65)])
      expect(failure(() => assertSuffix(suffix))).toMatchObject({ code: 'SUFFIX_UNUSABLE' });
  });
});

function failure(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
