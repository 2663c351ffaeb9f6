import { expect, test } from '@jest/globals';
import { bindScope, inScope, type Scope } from './scope.js';

const scope: Scope = { organizationId: 'org_a', kind: 'partner', actor: { type: 'user', id: 'u' }, projectIds: ['p'] };

test('what a statement names comes from the scope, after what it is given', () => {
  expect(bindScope(`SELECT 1 FROM t WHERE t.id = $1 AND ${inScope('t')}`, ['x'], scope)).toEqual([
    'SELECT 1 FROM t WHERE t.id = $1 AND t.organization_id = $2 AND ($3::text[] IS NULL OR t.project_id = ANY($3))',
    ['x', 'org_a', ['p']],
  ]);
});

test('no project bounds who reaches all, and none is reached by who was given none', () => {
  expect(bindScope(':projects', [], { ...scope, projectIds: 'all' })).toEqual(['$1', [null]]);
  expect(bindScope(':projects', [], { ...scope, projectIds: undefined })).toEqual(['$1', [[]]]);
});

test.each(['x::text', 'x::organization', ':organizations', 'a:organization'])('%s names nothing', (sql) => {
  expect(bindScope(sql, [], scope)).toEqual([sql, []]);
});
