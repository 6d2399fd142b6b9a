/**
 * Who may import whom. `npm test` holds to it (tests/architecture), and shows that each rule catches what it forbids.
 * `npx depcruise shared services workflows tools tests` says it too.
 */

const ours = '^(shared|services|workflows|tools|tests)/'
const tests = '[.]test[.]ts$|^shared/testing/|^workflows/testing/|^tests/'
const npm = (/** @type {string} */ names) => `(^|/)node_modules/(${names})/`

/** What is started: processes, tools, tests, and the workflow that is bundled. */
const entries = [
  '(^|/)main[.]ts$',
  '[.]test[.]ts$',
  '^workflows/src/saga/(workflows|call-stacks)[.]ts$',
  '^tools/bench/engines/empty/workflows[.]ts$',
  '^tools/(start|test|stack/(prepare|download-temporal))[.]ts$',
  '^tools/setup[.]mjs$',
  '^services/console/pages/kit/(live|widget)[.]js$',
  '^tests/(global-setup|plain-output|fixed-seed|browser/(pictures|page-pictures))[.]ts$',
  '^workflows/testing/(record-histories|dies-after-start|(failing|stuck)-workflows|versions/.+)[.]ts$',
].join('|')

/** The rooms of a service that may do I/O or use libraries; every other file of it is domain. */
const rooms = [
  '^services/[^/]+/((main|handlers|settings)[.]ts$|store/|reconcile/(?!compare[.]ts)|channels/(?!channel[.]ts)|carriers/(?!carrier[.]ts))',
  '^services/console/(http|mail|webhooks)/',
  '^services/gateway/(gateway[.]ts$|receive/|senders/(?!sender[.]ts)|resolve/(?!match[.]ts))',
].join('|')
/** What services' tests are made of: worlds, examples and suites that several of them use. */
const fixtures = '^services/[^/]+/(test/|(channels|carriers)/conformance[.]ts$)'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'services-import-no-other-service',
      comment: 'Services share contracts and messages, nothing else: each can be replaced, moved and deployed alone.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-know-no-temporal',
      comment:
        'A service answers commands from whoever sends them; a shop may keep its own services and never hear of Temporal.',
      severity: 'error',
      from: { path: '^(services|shared)/', pathNot: '^shared/testing/' },
      to: { path: npm('@temporalio') },
    },
    {
      name: 'services-import-no-workflow',
      comment:
        'The saga knows the services’ contracts, and no service knows the saga: the direction is contracts ← kafka ← service ← services.',
      severity: 'error',
      from: { path: '^(services|shared)/', pathNot: [tests, fixtures] },
      to: { path: '^(workflows|tools|tests)/' },
    },
    {
      name: 'the-saga-imports-its-protocol',
      comment:
        'What runs in Temporal’s sandbox is replayed for weeks: of ours it sees its own room, the protocol and contracts, and of libraries the SDK’s part for workflows.',
      severity: 'error',
      from: { path: '^workflows/src/(saga|protocol)/', pathNot: tests },
      to: { pathNot: ['^workflows/src/(saga|protocol)/', '^shared/contracts/', npm('@temporalio/(workflow|common)')] },
    },
    {
      name: 'the-protocol-knows-no-saga',
      comment:
        'It is what the saga and everybody else agree on: it stays below both, so that either can be read alone.',
      severity: 'error',
      from: { path: '^workflows/src/protocol/', pathNot: tests },
      to: { path: '^workflows/src/(?!protocol/)' },
    },
    {
      name: 'the-process-runs-no-saga',
      comment:
        'The sandbox runs the saga from its bundle; the process around it speaks the protocol, and loads no workflow code by mistake.',
      severity: 'error',
      from: { path: '^workflows/src/', pathNot: ['^workflows/src/saga/', tests] },
      to: { path: '^workflows/src/saga/' },
    },
    {
      name: 'others-speak-the-protocol',
      comment:
        'Tools and tests may know the protocol, the settings, how Temporal is spoken to, and the operations room, not how the orchestrator is built. Two do more: the engines of the bench are its intake and commands without a saga; the failure tests put it together around services in memory, and go through the steps of the saga’s page.',
      severity: 'error',
      from: {
        path: '^(shared|services|tools|tests)/',
        pathNot: ['^tools/bench/engines/', '^tests/failures/(stage|steps|post|random/orchestrator)[.]ts$'],
      },
      to: { path: '^workflows/src/(?!protocol/|settings[.]ts$|temporal/security[.]ts$)' },
    },
    {
      name: 'operations-serve-any-caller',
      comment:
        'What people do to sagas is called by the command line, tests and whatever comes: it knows none of them, and prints nothing.',
      severity: 'error',
      from: { path: '^workflows/operations/', pathNot: tests },
      to: { path: `^(tools|tests)/|${npm('commander|cli-table3|picocolors')}` },
    },
    {
      name: 'others-read-facts-and-checks',
      comment:
        'What a service’s tables say is said by that service: whoever is none of it reads its facts and runs its checks, so that a schema changes in one room. Of the console, its document may be read, its keys and links made, and its webhooks kept.',
      severity: 'error',
      from: { path: '^(shared|workflows|tools)/', pathNot: tests },
      to: {
        path: '^services/',
        pathNot: '^services/([^/]+/store/(facts|checks)|console/(http/openapi|store/(keys|links|webhooks)))[.]ts$',
      },
    },
    {
      name: 'the-process-runs-no-operations',
      comment:
        'The orchestrator reads no service’s tables and waits for no person: operations stand on it, it on none.',
      severity: 'error',
      from: { path: '^workflows/src/', pathNot: tests },
      to: { path: '^workflows/operations/' },
    },
    {
      name: 'tests-speak-the-protocol',
      comment:
        'A test that starts sagas or reads messages by the orchestrator’s own code tests nothing of it; those that stand for it say so by name: the stage, the post and the random orchestrator. The failure table goes through the steps of the saga’s page.',
      severity: 'error',
      from: { path: '^tests/', pathNot: '^tests/failures/(stage|steps|post|random/orchestrator)[.]ts$' },
      to: { path: '^workflows/src/(?!protocol/)' },
    },
    {
      name: 'contracts-import-nothing-of-ours',
      comment:
        'Contracts are what everybody agrees on; they stay at the bottom, so that upstream teams can read and copy them alone.',
      severity: 'error',
      from: { path: '^shared/contracts/' },
      to: { path: ours, pathNot: '^shared/contracts/' },
    },
    {
      name: 'the-kit-stays-below-services',
      comment: 'The kit is the same for all services, which it can only be while it knows none of them.',
      severity: 'error',
      from: { path: '^shared/service/', pathNot: tests },
      to: { path: ours, pathNot: '^shared/(service|kafka|process|contracts|database|telemetry|settings)/' },
    },
    {
      name: 'kafka-knows-no-database',
      comment:
        'Connecting, reading and publishing are for everybody who speaks Kafka: the orchestrator, the tools, a team of its own; what a service does with a message is the kit’s.',
      severity: 'error',
      from: { path: '^shared/kafka/', pathNot: tests },
      to: { path: `${ours}|${npm('pg|kysely')}`, pathNot: '^shared/(kafka|process|contracts|settings|telemetry)/' },
    },
    {
      name: 'the-process-knows-no-trade',
      comment: 'How a process starts, waits and ends is the same whatever it does.',
      severity: 'error',
      from: { path: '^shared/process/', pathNot: tests },
      to: { path: ours, pathNot: '^shared/(process|telemetry)/' },
    },
    {
      name: 'providers-know-no-service',
      comment:
        'Accounts, secrets and the way to providers are the same for refunds, parcels and notifications: they know none of them.',
      severity: 'error',
      from: { path: '^shared/providers/', pathNot: tests },
      to: { path: ours, pathNot: '^shared/(providers|contracts|settings|telemetry)/' },
    },
    {
      name: 'policies-are-pure',
      comment:
        'What the law says is decided from facts alone, and again years later: the evaluator reads no clock, file or service. One file reads packs from a folder.',
      severity: 'error',
      from: { path: '^shared/policy/', pathNot: [tests, '^shared/policy/(files[.]ts$|test/)'] },
      to: { pathNot: ['^shared/(policy|contracts)/', npm('zod|yaml|temporal-polyfill|intl-messageformat')] },
    },
    {
      name: 'learning-is-pure',
      comment:
        'What is learnt and said follows from rows, settings and a seed alone, and is the same again years later: no clock, file or service, and nothing of ours. A hash is pure.',
      severity: 'error',
      from: { path: '^shared/learning/', pathNot: [tests, '^shared/learning/test/'] },
      to: { pathNot: ['^shared/learning/', npm('zod'), '^(node:)?crypto$'] },
    },
    {
      name: 'the-gateway-calls-nobody-outside',
      comment:
        'Anybody on the internet may talk to it: it checks what it is told, and has neither keys nor ways to providers. Certificates to check by are fetched by one file, which sends nothing.',
      severity: 'error',
      from: { path: '^services/gateway/', pathNot: [tests, '^services/gateway/receive/certificates[.]ts$'] },
      to: {
        path: '^shared/(providers/(?!(account|accounts|secret|rsa|[a-z-]+-(links|money|signature))[.]ts$)|service/)|^(node:)?https$|/node_modules/undici/',
      },
    },
    {
      name: 'providers-are-called-by-one-file',
      comment:
        'Time-outs, limits, allowed hosts and what may be said of a call are kept once: whoever opens a connection of its own keeps none of them.',
      severity: 'error',
      from: {
        path: '^(shared|services)/',
        pathNot: [
          tests,
          fixtures,
          '^shared/providers/http[.]ts$',
          '^shared/kafka/security[.]ts$',
          '^shared/telemetry/',
          '^services/gateway/receive/',
          '^services/console/webhooks/',
        ],
      },
      to: { path: `^(node:)?(https?|http2|net|tls|dgram)$|${npm('undici')}` },
    },
    {
      name: 'domain-is-pure',
      comment:
        'Decisions are pure functions that run a thousand times in a property test: at run time they import contracts and the kit’s vocabulary, no library, no I/O, no store.',
      severity: 'error',
      from: { path: '^services/', pathNot: [rooms, fixtures, tests] },
      to: {
        // A hash is pure; that nothing random is used of it is a test of its own.
        pathNot: ['^shared/contracts/', '^shared/service/(decision|versions)[.]ts$', '^services/', '^(node:)?crypto$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'domain-imports-no-room',
      comment:
        'The store and the handlers call the decisions, never the other way: what a decision needs comes in as an argument.',
      severity: 'error',
      from: { path: '^services/', pathNot: [rooms, fixtures, tests] },
      to: { path: rooms, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'colours-in-one-file',
      comment:
        'The library of colours gives them to a pipe too where a build server sets CI; ours to terminals, and to whoever asks.',
      severity: 'error',
      from: { path: ours, pathNot: '^tools/terminal/colours[.]ts$' },
      to: { path: npm('picocolors') },
    },
    {
      name: 'kafkajs-in-one-file',
      comment: 'kafkajs has had no maintainer since 2023: when it must go, one file changes.',
      severity: 'error',
      from: { pathNot: '^shared/kafka/kafka[.]ts$' },
      to: { path: npm('kafkajs') },
    },
    {
      name: 'fastify-in-one-file',
      comment:
        'The server takes connections and bytes; what they mean is checked by our routes, which another server could call.',
      severity: 'error',
      from: { path: ours, pathNot: '^services/console/http/server[.]ts$' },
      to: { path: npm('fastify') },
    },
    {
      name: 'sql-in-stores',
      comment:
        'Tables are read and written where they are owned: the kit, a service’s store and migrations, a sandbox’s own book.',
      severity: 'error',
      from: {
        path: ours,
        pathNot: [
          tests,
          '^shared/(database|service)/',
          '^services/[^/]+/(store/(?!rows[.]ts$)|(channels|carriers)/sandbox-book[.]ts$)',
          '^tools/',
        ],
      },
      to: { path: npm('pg|kysely'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circular',
      comment:
        'Two files that import each other are one file that nobody can read alone, and load in an order that nobody chose.',
      severity: 'error',
      from: { path: ours },
      to: { circular: true },
    },
    {
      name: 'tools-need-no-tests',
      comment: 'Tests use tools; a tool that imports tests needs what it tests itself with, and both go in a circle.',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^tests/' },
    },
    {
      name: 'no-orphans',
      comment: 'A file that no process, tool or test reaches is dead: delete it.',
      severity: 'error',
      from: { path: entries },
      to: { path: ours, pathNot: entries, reachable: false },
    },
    {
      name: 'imports-exist',
      comment: 'An import that cannot be found is checked by none of the other rules.',
      severity: 'error',
      from: { path: ours },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Only swc reads TypeScript 7 here: without it 0 modules are cruised, and every rule holds.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)node_modules/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
