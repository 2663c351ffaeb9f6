// Three projects: `unit` (specs beside the code, on real servers started once), `serving` (a real engine on checkpoints of
// the base lineage) and `journeys` (whole flows on one platform).
// Sources are compiled on the fly; the global set-ups come from dist/, since Jest does not transform an ES module
// it loads as global set-up. The npm scripts build before they test.
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'nodenext' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^#libs/([^/]+)/(graphql|jobs)$': '<rootDir>/libs/$1/src/$2/index.ts',
    '^#libs/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^#test/harness$': '<rootDir>/test/harness/index.ts',
    '^#platform/([^/]+)$': '<rootDir>/libs/platform/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.forkpoint/', '<rootDir>/.venv/'],
};

export default {
  // A process keeps some 50 MB of every file that it ran, whatever that is: with a worker that is begun anew in time, collecting garbage
  // does not become most of the work.
  workerIdleMemoryLimit: '1GB',
  projects: [
    {
      ...common,
      displayName: 'unit',
      globalSetup: '<rootDir>/dist/test/harness/unit-setup.js',
      globalTeardown: '<rootDir>/dist/test/harness/unit-teardown.js',
      testMatch: ['<rootDir>/{apps,libs,migrations,infra,test,bench}/**/*.spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/harness/unit-patience.ts'],
    },
    {
      ...common,
      displayName: 'serving',
      globalSetup: '<rootDir>/dist/test/harness/unit-setup.js',
      globalTeardown: '<rootDir>/dist/test/harness/unit-teardown.js',
      testMatch: ['<rootDir>/test/serving/**/*.serving.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/harness/patience.ts'],
    },
    {
      ...common,
      displayName: 'journeys',
      globalSetup: '<rootDir>/dist/test/harness/journeys-setup.js',
      globalTeardown: '<rootDir>/dist/test/harness/journeys-teardown.js',
      testMatch: ['<rootDir>/test/journeys/**/*.journey.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/harness/patience.ts'],
    },
  ],
};
