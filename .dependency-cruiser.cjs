// The import rules of the architecture, one rule per row. Tests may import anything; composition roots know everything.
const tests = '(\\.test\\.ts$|^frontend/e2e/|^deploy/local/(testing|faults)/|/testing/)';
const compositionRoots = '^activities/(worker|worker-options|deps|index|build-workflow-bundle)\\.ts$';
const typeOnly = ['type-only'];

/** `what` may import from our own folders only what `allowed` matches. */
const only = (name, comment, what, allowed, exempt = '^$') => ({
  name,
  comment,
  severity: 'error',
  from: { path: what, pathNot: [tests, compositionRoots, exempt] },
  to: { path: '^(workflows|activities|api|prisma|frontend|cli|bridge|deploy|bench)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    only('contracts-are-a-leaf', 'The shared vocabulary knows nobody.', '^workflows/contracts/', '^workflows/contracts/'),
    {
      name: 'contracts-have-no-packages',
      comment: 'The shared vocabulary runs everywhere: workflow sandbox, browser, daemon.',
      severity: 'error',
      from: { path: '^workflows/contracts/', pathNot: tests },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'core'], dependencyTypesNot: typeOnly },
    },
    only(
      'workflows-own-domain',
      'A workflow domain knows its own files, lib and the contracts; of activities only their types.',
      '^workflows/(?!contracts/)([^/]+)/',
      ['^workflows/$1/', '^workflows/(contracts|lib)/', '^activities/'],
    ),
    only('workflow-registry', 'workflows/index.ts lists the workflows and nothing else.', '^workflows/[^/]+\\.ts$', '^workflows/'),
    {
      name: 'workflows-see-activities-as-types',
      comment: 'Workflow code is deterministic: an activity is called by its type through a proxy, never imported.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: tests },
      to: { path: '^activities/', dependencyTypesNot: typeOnly },
    },
    {
      name: 'workflows-touch-nothing',
      comment: 'No Node module and no client library in workflow code.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: tests },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], dependencyTypesNot: typeOnly, pathNot: '@temporalio/(workflow|common)|@sinclair|uuid' },
    },
    only(
      'activity-domains',
      'A domain of activities uses its own files, the ports of runtime and adapters, clients, platform and the database.',
      '^activities/(?!adapters/|clients/|platform/|runtime/)([^/]+)/',
      ['^activities/$1/', '^activities/(adapters|clients|platform)/', '^activities/runtime/driver\\.ts$', '^workflows/contracts/', '^prisma/(?!generated)'],
    ),
    only('runtime-drivers', 'A driver knows the runtime port, adapters, clients, platform and the database.', '^activities/runtime/', [
      '^activities/(runtime|adapters|clients|platform)/',
      '^workflows/contracts/',
      '^prisma/(?!generated)',
    ]),
    only('adapters-are-pure', 'Adapters know contracts and themselves.', '^activities/adapters/', ['^activities/adapters/', '^workflows/contracts/']),
    {
      name: 'adapters-have-no-effects',
      comment: 'An adapter turns settings into files and commands; it reads and writes nothing.',
      severity: 'error',
      from: { path: '^activities/adapters/', pathNot: tests },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|net|http|https|child_process|dgram|tls|dns|worker_threads)' },
    },
    only('clients-know-no-business', 'One folder per outside system; no client uses another.', '^activities/clients/([^/]+)/', [
      '^activities/clients/$1/',
      '^activities/platform/',
      '^workflows/contracts/',
    ]),
    only('activity-platform', 'The ground everything stands on.', '^activities/platform/', ['^activities/platform/', '^workflows/contracts/']),
    only(
      'api-resources',
      'A resource uses its own files and http; it reads through runtime, clients and the database. The gateway shares the wire with the daemon.',
      '^api/([^/]+)/',
      ['^api/($1|http)/', '^bridge/wire/', '^activities/(runtime|adapters|clients|platform)/', '^workflows/', '^prisma/(?!generated)'],
    ),
    {
      name: 'api-sees-workflows-as-types',
      comment: 'The API starts workflows by type and name; their code runs in the worker only.',
      severity: 'error',
      from: { path: '^api/', pathNot: tests },
      to: { path: '^workflows/(?!contracts/)', dependencyTypesNot: typeOnly },
    },
    only('frontend-knows-the-api', 'The portal knows the contracts (types and plain constants) and the generated API types.', '^frontend/', [
      '^frontend/',
      '^workflows/contracts/',
    ]),
    only('cli-knows-the-api', 'The command knows the contracts (types and plain constants) and the generated API types.', '^cli/', [
      '^cli/',
      '^workflows/contracts/',
      '^frontend/src/api/schema\\.d\\.ts$',
    ]),
    only('bridge-stands-alone', 'The daemon is installed elsewhere: it knows only the protocol.', '^bridge/', ['^bridge/', '^workflows/contracts/']),
    only('database', 'The database layer needs configuration and ids only.', '^prisma/', ['^prisma/', '^activities/platform/', '^workflows/contracts/']),
    {
      name: 'generated-client',
      comment: 'Only prisma/client.ts imports the generated client.',
      severity: 'error',
      from: { pathNot: '^prisma/(client\\.ts$|generated/)' },
      to: { path: '^prisma/generated/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one.',
      severity: 'error',
      from: { pathNot: '^prisma/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: typeOnly } },
    },
    {
      name: 'no-barrels',
      comment: 'Files are named by role; only the two registries are called index.',
      severity: 'error',
      from: { path: '^(workflows|activities|api|prisma|cli|bridge|deploy|bench)/' },
      to: { path: '/index\\.ts$', pathNot: ['^(workflows|activities)/index\\.ts$', '^frontend/', 'node_modules'] },
    },
    {
      name: 'nothing-needs-deploy',
      comment: 'How it is run is nobody else’s business.',
      severity: 'error',
      from: { path: '^(workflows|activities|api|prisma|frontend|cli|bridge)/', pathNot: tests },
      to: { path: '^(deploy|bench)/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(virtual:|#|~)|\\.(css|svg)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^prisma/generated/' },
    exclude: { path: '^(dist|frontend/dist)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.vue', '.json', '.d.ts'],
    },
  },
};
