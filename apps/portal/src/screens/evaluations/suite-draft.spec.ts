import { describe, expect, test } from '@jest/globals';
import { EMPTY_DRAFT, SuiteDraft, toSuiteInput } from './suite-draft';

const LINES = '{"prompt": "a", "expected": "b"}';
const typed: SuiteDraft = { ...EMPTY_DRAFT, name: ' Held out ', lines: LINES };
const fromFile: SuiteDraft = { ...typed, from: 'file', lines: 'not looked at', versionId: 'file_1' };

const inputOf = (draft: SuiteDraft) => toSuiteInput('proj_1', SuiteDraft.parse(draft));
const refusedFields = (draft: SuiteDraft) =>
  SuiteDraft.safeParse(draft).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a new suite', () => {
  test('of lines has their rows and no dataset', () => {
    expect(inputOf(typed)).toEqual({
      projectId: 'proj_1',
      name: 'Held out',
      description: '',
      metric: 'EXACT_MATCH',
      maxNewTokens: 64,
      rows: [{ prompt: 'a', expected: 'b' }],
    });
  });

  test('of a file has no rows, and a split only where a side was chosen', () => {
    expect(inputOf(fromFile)).toMatchObject({ dataset: { versionId: 'file_1' } });
    expect(inputOf(fromFile)).not.toHaveProperty('rows');
    expect(inputOf({ ...fromFile, part: 'VALIDATION', percent: '12.5', seed: '7', rowLimit: '100' })).toMatchObject({
      dataset: { versionId: 'file_1', rowLimit: 100, split: { part: 'VALIDATION', fraction: 0.125, seed: 7 } },
    });
  });

  test('says which field is not right yet', () => {
    expect(refusedFields(EMPTY_DRAFT)).toEqual(['name', 'lines']);
    expect(refusedFields({ ...typed, lines: '' })).toEqual(['lines']);
    expect(refusedFields({ ...fromFile, versionId: '', rowLimit: '0' })).toEqual(['versionId', 'rowLimit']);
    expect(refusedFields({ ...fromFile, part: 'TRAIN', percent: '60', seed: '-1' })).toEqual(['percent', 'seed']);
    expect(refusedFields({ ...typed, maxNewTokens: '5000' })).toEqual(['maxNewTokens']);
  });

  test('does not ask for a split that is not wanted', () => {
    expect(refusedFields({ ...fromFile, part: 'ALL', percent: '', seed: '' })).toEqual([]);
  });
});
