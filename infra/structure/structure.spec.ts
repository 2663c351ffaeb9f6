import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
  forbidden: Array<{ name: string; comment?: string; severity: string }>;
};

/** One breach of every rule: files as they would be written, by path. Targets that no entry names are empty modules. */
const BREACHES: Record<string, Record<string, string>> = {
  ...Object.fromEntries(
    forbidden
      .filter(({ name }) => name.startsWith('edges-of-'))
      .map(({ name }) => {
        const lib = name.slice('edges-of-'.length);
        // Nobody may import billing, and billing may not import deployments.
        const foreign = lib === 'billing' ? 'deployments' : 'billing';
        return [name, { [`libs/${lib}/src/planted.ts`]: `import '#libs/${foreign}';` }];
      }),
  ),
  'lib-without-edges': { 'libs/unheard-of/src/index.ts': `import '#libs/kernel';` },
  'front-door': { 'apps/api/src/planted-window.ts': `import '../../../libs/catalog/src/inner.js';` },
  'graphql-door-is-for-api': { 'apps/worker/src/planted-graphql.ts': `import '#libs/catalog/graphql';` },
  'graphql-of-another-domain': {
    'libs/datasets/src/graphql/planted.ts': `import '../../../catalog/src/graphql/inner.js';`,
  },
  'jobs-door-is-for-worker': { 'apps/api/src/planted-jobs.ts': `import '#libs/catalog/jobs';` },
  'kernel-is-plain': { 'libs/kernel/src/planted-framework.ts': `import '@nestjs/common';` },
  'stripe-only-in-billing': { 'libs/usage/src/planted-stripe.ts': `import 'stripe';` },
  'libs-do-not-look-up': { 'libs/catalog/src/planted-up.ts': `import '../../../apps/api/src/index.js';` },
  'apps-stand-alone': { 'apps/gateway/src/planted.ts': `import '../../api/src/index.js';` },
  'apps-do-not-look-sideways': { 'apps/api/src/planted-infra.ts': `import '../../../infra/embedded/index.js';` },
  'cli-is-a-client': { 'apps/cli/src/planted.ts': `import '#libs/kernel';` },
  'portal-is-a-client': { 'apps/portal/src/planted.ts': `import '../../../libs/kernel/src/index';` },
  'portal-screens-stand-alone': {
    'apps/portal/src/screens/planted-a/part.ts': `import '../planted-b/part';`,
    'apps/portal/src/screens/planted-b/part.ts': 'export const part = 1;',
  },
  'portal-parts-below-screens': {
    'apps/portal/src/ui/planted.ts': `import '../screens/planted-c/part';`,
    'apps/portal/src/screens/planted-c/part.ts': 'export const part = 1;',
  },
  'client-is-for-clients': { 'apps/api/src/planted-client.ts': `import '#libs/client';` },
  'migrations-stand-alone': { 'migrations/planted.ts': `import '#libs/kernel';` },
  'processes-below-servers': { 'infra/processes/planted.ts': `import '../embedded/index.js';` },
  'servers-below-platform': { 'infra/embedded/planted.ts': `import '../platform/index.js';` },
  'clients-import-no-platform-code': { 'infra/demo/planted.ts': `import '#libs/kernel';` },
  'journeys-are-clients': { 'test/journeys/planted.journey.ts': `import '#libs/kernel';` },
  'tests-are-for-tests': { 'infra/platform/planted.ts': `import '#test/harness';` },
  'no-cycles': {
    'libs/catalog/src/planted-a.ts': `import './planted-b.js';`,
    'libs/catalog/src/planted-b.ts': `import './planted-a.js';`,
  },
  'no-orphans': { 'libs/catalog/src/planted-orphan.ts': 'export const nobody = 1;' },
  'everything-resolves': { 'libs/catalog/src/planted-nowhere.ts': `import './not-there.js';` },
  'packages-are-declared': { 'libs/catalog/src/planted-package.ts': `import 'typescript';` },
};

const TARGETS = [
  ...['client', 'kernel', 'billing', 'deployments', 'catalog'].map((lib) => `libs/${lib}/src/index.ts`),
  ...['inner', 'graphql/index', 'graphql/inner', 'jobs/index'].map((file) => `libs/catalog/src/${file}.ts`),
  ...['apps/api/src/index.ts', 'infra/embedded/index.ts', 'infra/platform/index.ts', 'test/harness/index.ts'],
];

interface Violation {
  from: string;
  rule: { name: string };
}

describe('the import map', () => {
  let tree: string;
  let violations: Violation[];

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'forkpoint-structure-'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'infra/structure/resolve.cjs']) {
      cpSync(join(ROOT, file), join(tree, file));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    for (const path of TARGETS) plant(path, 'export const target = 1;');
    for (const files of Object.values(BREACHES)) {
      for (const [path, content] of Object.entries(files)) plant(path, content);
    }
    violations = cruise();
  });

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  function plant(path: string, content: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `${content}\n`);
  }

  function cruise(): Violation[] {
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
    const folders = ['apps', 'libs', 'migrations', 'infra', 'test'];
    const json = execFileSync(join(ROOT, 'node_modules/.bin/depcruise'), [...args, ...folders], {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return (JSON.parse(json) as { summary: { violations: Violation[] } }).summary.violations;
  }

  test('has a planted breach for every rule, and every rule is an error with its reason', () => {
    expect(Object.keys(BREACHES).sort()).toEqual(forbidden.map(({ name }) => name).sort());
    for (const rule of forbidden) {
      expect(rule).toMatchObject({ severity: 'error', comment: expect.stringMatching(/.{40,}/) });
    }
  });

  test.each(Object.entries(BREACHES))('catches a breach of %s', (name, files) => {
    const found = violations.filter(({ rule }) => rule.name === name).map(({ from }) => from);
    expect(found).toContain(Object.keys(files)[0]);
  });
});
