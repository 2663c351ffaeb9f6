// The import map of the monorepo, which is its architecture: who may import whom, and why not. Every rule is an error.
// An edge is added here together with a record in docs/decisions/. `npm run structure` holds the tree to it;
// infra/structure/structure.spec.ts plants a breach of every rule and sees it caught.

/** What every domain stands on. */
const BASE = ['kernel', 'messages', 'platform'];

/** A lib may import those on its line and nothing else of libs/. */
const EDGES = {
  // What a client of the public interfaces needs; the platform itself never does.
  client: [],
  kernel: [],
  messages: ['kernel'],
  platform: ['kernel', 'messages'],
  audit: BASE,
  ledger: BASE,
  identity: [...BASE, 'audit'],
  webhooks: [...BASE, 'audit', 'identity'],
  contracts: [...BASE, 'audit', 'identity', 'webhooks'],
  usage: [...BASE, 'identity', 'contracts'],
  catalog: [...BASE, 'audit', 'identity', 'contracts', 'usage'],
  compute: [...BASE, 'audit', 'identity', 'contracts', 'usage'],
  datasets: [...BASE, 'audit', 'identity', 'contracts', 'catalog', 'compute', 'usage'],
  'fine-tuning': [...BASE, 'audit', 'identity', 'contracts', 'catalog', 'datasets', 'compute', 'usage'],
  evaluations: [...BASE, 'audit', 'identity', 'contracts', 'catalog', 'datasets', 'compute', 'usage'],
  deployments: [...BASE, 'audit', 'identity', 'contracts', 'catalog', 'usage'],
  billing: [...BASE, 'audit', 'identity', 'contracts', 'usage', 'ledger', 'webhooks'],
  programme: [...BASE, 'identity', 'contracts', 'catalog', 'compute', 'usage'],
};

/** Specs, journeys, browser tests, measurements of serving, and what specs share beside the code: test-*.ts, *.fixture.ts, spec-support/. */
const SPEC = '(\\.(spec|journey|serving|browser|fixture)|/test-[^/]+|/spec-support/[^/]+)\\.ts$';
const OURS = '^(apps|libs|migrations|infra|test|bench)/';
const lib = (name) => `^libs/${name}/`;

const edges = Object.entries(EDGES).map(([name, allowed]) => ({
  name: `edges-of-${name}`,
  comment: `libs/${name} may import ${allowed.join(', ') || 'no other lib'}: one direction keeps a domain understandable by itself. A new edge is a design decision.`,
  severity: 'error',
  from: { path: lib(name) },
  to: { path: '^libs/', pathNot: [name, ...allowed].map(lib) },
}));

const libs = [
  ...edges,
  {
    name: 'lib-without-edges',
    comment: 'Every lib has a line in EDGES: otherwise nothing would be forbidden to it.',
    severity: 'error',
    from: { path: '^libs/', pathNot: Object.keys(EDGES).map(lib) },
    to: {},
  },
  {
    name: 'front-door',
    comment:
      'Whoever is outside enters a lib by index.ts, graphql/index.ts or jobs/index.ts: the rest is free to change. platform has one door per part.',
    severity: 'error',
    from: { path: '^(libs/[^/]+|apps/[^/]+|migrations|infra|bench)/', pathNot: SPEC },
    to: {
      path: '^libs/[^/]+/src/',
      pathNot: [
        '^$1/',
        '^libs/[^/]+/src/((graphql|jobs)/)?index\\.ts$',
        '^libs/platform/src/[^/]+/index\\.ts$',
        '^libs/messages/src/[^/]+/index\\.ts$',
      ],
    },
  },
  {
    name: 'graphql-door-is-for-api',
    comment:
      'Only the api speaks GraphQL; a domain that imported its own resolvers would drag them into every process.',
    severity: 'error',
    from: { pathNot: ['^apps/api/', '^libs/[^/]+/src/graphql/', SPEC] },
    to: { path: '^libs/(?!platform/)[^/]+/src/graphql/' },
  },
  {
    name: 'jobs-door-is-for-worker',
    comment: 'Handlers and reconcilers run in the worker alone: in a second process they would run twice.',
    severity: 'error',
    from: { pathNot: ['^apps/worker/', '^libs/[^/]+/src/jobs/', SPEC] },
    to: { path: '^libs/[^/]+/src/jobs/' },
  },
  {
    name: 'graphql-of-another-domain',
    comment: 'GraphQL types refer to those of another domain through its graphql door, along the edges above.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/src/graphql/' },
    to: { path: '^libs/[^/]+/src/graphql/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/graphql/index\\.ts$'] },
  },
  {
    name: 'kernel-is-plain',
    comment: 'Money, ids, states and messages are pure: no framework, database or queue below platform.',
    severity: 'error',
    from: { path: '^libs/(kernel|messages)/', pathNot: SPEC },
    to: { path: 'node_modules/(@nestjs|typeorm|bullmq|pg|ioredis|fastify|@aws-sdk)(/|$)' },
  },
  {
    name: 'stripe-only-in-billing',
    comment:
      'One folder knows the payment provider, so that it can be replaced; its fake knows the types that it is held to.',
    severity: 'error',
    from: { path: OURS, pathNot: '^(libs/billing/src|test/fakes)/stripe/' },
    to: { path: '(^|/)stripe(/|$)', dependencyTypesNot: ['local'] },
  },
  {
    name: 'client-is-for-clients',
    comment:
      'A process that talked to itself by its own public interface would go round authorization scopes and transactions.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: ['^apps/cli/', lib('client')] },
    to: { path: lib('client') },
  },
  {
    name: 'libs-do-not-look-up',
    comment: 'A lib knows nothing of the processes that use it, nor of how they are started or tested.',
    severity: 'error',
    from: { path: '^libs/', pathNot: SPEC },
    to: { path: '^(apps|migrations|infra|test|bench)/' },
  },
];

const apps = [
  {
    name: 'apps-stand-alone',
    comment: 'Processes talk by HTTP, PostgreSQL and the queue, never by import: each can be deployed by itself.',
    severity: 'error',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'apps-do-not-look-sideways',
    comment: 'A process is configured from outside: how a machine is set up is no concern of its code.',
    severity: 'error',
    from: { path: '^apps/', pathNot: SPEC },
    to: { path: '^(migrations|infra|test|bench)/' },
  },
  {
    name: 'cli-is-a-client',
    comment: 'The command line does what any client can do: through the public interfaces.',
    severity: 'error',
    from: { path: '^apps/cli/' },
    to: { path: '^libs/', pathNot: lib('client') },
  },
  {
    name: 'portal-is-a-client',
    comment:
      'The portal runs in browsers and knows the platform by its public API alone: what it can do, a script can do.',
    severity: 'error',
    from: { path: '^apps/portal/' },
    to: { path: OURS, pathNot: '^apps/portal/' },
  },
  {
    name: 'portal-screens-stand-alone',
    comment:
      'A screen is built, loaded and taken away by itself; what two of them need is of src/ui, charts, format or api.',
    severity: 'error',
    from: { path: '^apps/portal/src/screens/([^/]+)/' },
    to: { path: '^apps/portal/src/screens/', pathNot: '^apps/portal/src/screens/$1/' },
  },
  {
    name: 'portal-parts-below-screens',
    comment: 'What every screen stands on knows none of them; app finds them by their folder.',
    severity: 'error',
    from: { path: '^apps/portal/src/(?!screens/)' },
    to: { path: '^apps/portal/src/screens/' },
  },
];

const surroundings = [
  {
    name: 'migrations-stand-alone',
    comment: 'A migration has to do tomorrow what it did when it was written: it can not follow code that changes.',
    severity: 'error',
    from: { path: '^migrations/', pathNot: SPEC },
    to: { path: '^(apps|libs|infra|test|bench)/' },
  },
  {
    name: 'processes-below-servers',
    comment: 'infra/processes knows how to keep any process; what the processes are is known above it.',
    severity: 'error',
    from: { path: '^infra/processes/', pathNot: SPEC },
    to: { path: OURS, pathNot: '^infra/processes/' },
  },
  {
    name: 'servers-below-platform',
    comment: 'The embedded servers serve tests as well as the platform, so they know neither.',
    severity: 'error',
    from: { path: '^infra/embedded/', pathNot: SPEC },
    to: { path: OURS, pathNot: '^infra/(embedded|processes)/' },
  },
  {
    name: 'clients-import-no-platform-code',
    comment:
      'Publishing the lineage and the demonstration use public interfaces alone: what they can do, everybody can.',
    severity: 'error',
    from: { path: '^infra/(seed|demo)/' },
    to: { path: OURS, pathNot: ['^infra/(seed|demo)/', lib('client')] },
  },
  {
    name: 'journeys-are-clients',
    comment: 'A journey sees the platform from outside, as its users do.',
    severity: 'error',
    from: { path: '^test/journeys/' },
    to: { path: OURS, pathNot: ['^test/', lib('client')] },
  },
  {
    name: 'tests-are-for-tests',
    comment: 'No process runs on test code: what only tests need stays out of production.',
    severity: 'error',
    from: { path: OURS, pathNot: ['^test/', '^bench/', '^infra/commands/test\\.ts$', SPEC] },
    to: { path: '^test/' },
  },
];

const everywhere = [
  {
    name: 'no-cycles',
    comment: 'Files on a cycle can only be understood, loaded and tested together.',
    severity: 'error',
    from: {},
    // A page that is fetched later may know the route that fetches it.
    to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
  },
  {
    name: 'no-orphans',
    comment: 'Nobody imports it and nobody starts it: dead code.',
    severity: 'error',
    from: {
      orphan: true,
      pathNot: [
        SPEC,
        '(^|/)main\\.tsx?$',
        // The portal finds its screens by their folder.
        '^apps/portal/src/screens/[^/]+/route\\.ts$',
        '^apps/portal/(vite\\.config\\.ts|build/build\\.mjs|public/theme\\.js)$',
        '^apps/api/src/(bootstrap|print-schema)\\.ts$',
        '^infra/(commands|generate)/',
        '^test/harness/[^/]+-(setup|teardown)\\.ts$',
        '^bench/',
        '\\.d\\.m?ts$',
      ],
    },
    to: {},
  },
  {
    name: 'everything-resolves',
    comment: 'An import that leads nowhere fails at the start of a process rather than here.',
    severity: 'error',
    from: { path: OURS },
    to: { couldNotResolve: true },
  },
  {
    name: 'packages-are-declared',
    comment: 'A package that only comes along with another may vanish with the next update of that one.',
    severity: 'error',
    from: {
      path: OURS,
      pathNot: [
        SPEC,
        '^(test|bench|infra/(structure|generate)|apps/portal/build)/',
        '^apps/portal/vite\\.config\\.ts$',
      ],
    },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
  },
];

module.exports = {
  forbidden: [...libs, ...apps, ...surroundings, ...everywhere],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    webpackConfig: { fileName: 'infra/structure/resolve.cjs' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.venv|\\.forkpoint|apps/trainer)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    reporterOptions: {
      // The graph shows libs and apps, not their files.
      archi: { collapsePattern: '^(apps|libs|infra)/[^/]+|^(migrations|test|bench)' },
      mermaid: { minify: false },
    },
  },
};
