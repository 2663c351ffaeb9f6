import { describe, expect, test } from '@jest/globals';
import { grantableScopes, scopesOf } from './scopes';

const engineer = new Set(['INFERENCE_CALL', 'CATALOG_READ', 'JOBS_READ', 'JOBS_WRITE', 'KEYS_WRITE', 'SELF_WRITE']);
const may = (permission: string) => engineer.has(permission);

describe('scopes of a new key', () => {
  test('are of what its maker may, without what only people may', () => {
    expect(grantableScopes(may).map(({ scope }) => scope)).toEqual([
      'INFERENCE_CALL',
      'CATALOG_READ',
      'JOBS_READ',
      'JOBS_WRITE',
    ]);
  });

  test('of a preset leave out what its maker may not', () => {
    expect(scopesOf('inference', may)).toEqual(['INFERENCE_CALL']);
    expect(scopesOf('pipeline', may)).toEqual(['CATALOG_READ', 'JOBS_READ', 'JOBS_WRITE']);
    expect(scopesOf('read', may)).toEqual(['CATALOG_READ', 'JOBS_READ']);
    expect(scopesOf('inference', () => false)).toEqual([]);
  });
});
