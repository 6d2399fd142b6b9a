import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Whole systems, the longest first, each with a share of the tests of parts behind it: two systems beside each other would take the processor
 * from one another, and tests of parts mostly wait. What is left goes as Vitest would have it.
 */
const systems = ['one-system', 'drill', 'processes', 'chaos', 'pages', 'on-call', 'ends', 'random'].map(
  (name) => `/${name}.test.ts`,
)
const isSystem = ({ moduleId }: TestSpecification) =>
  /\/tests\/(e2e|browser)\//.test(moduleId) && systems.some((end) => moduleId.endsWith(end))
const placeOf = ({ moduleId }: TestSpecification) => systems.findIndex((end) => moduleId.endsWith(end))
class SystemsApart extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const whole = sorted.filter(isSystem).toSorted((one, other) => placeOf(one) - placeOf(other))
    const parts = sorted.filter(({ project }) => project.name === 'parts')
    const rest = sorted.filter((file) => !whole.includes(file) && !parts.includes(file))
    const share = Math.ceil(parts.length / Math.max(1, whole.length))
    const woven = whole.flatMap((file, place) => [file, ...parts.slice(place * share, (place + 1) * share)])
    return whole.length === 0 ? [...parts, ...rest] : [...woven, ...rest]
  }
}

const common = {
  // The Temporal SDK's native part does not work in threads.
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 180_000,
  env: { NODE_ENV: 'test', LOG_LEVEL: 'warn', KAFKAJS_NO_PARTITIONER_WARNING: '1', TZ: 'UTC' },
  setupFiles: './tests/plain-output.ts',
} as const

const notOurs = ['**/node_modules/**']
const globalSetup = ['tests/global-setup.ts']

/**
 * `unit` runs in seconds and without the stack (`npx vitest --project unit`); `parts` (of our processes) and `integration` (whole processes,
 * and all of them together) get real Kafka, Temporal and PostgreSQL, started once by the global setup.
 */
export default defineConfig({
  test: {
    // One more than the least machine has processors: tests of whole systems mostly wait, for each other’s answers and for time to pass.
    maxWorkers: 3,
    sequence: { sequencer: SystemsApart },
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          // Pure functions keep nothing: a module that is loaded once for all files saves half of the time.
          isolate: false,
          setupFiles: [common.setupFiles, './tests/fixed-seed.ts'],
          include: ['{services,shared,tools,workflows}/**/*.test.ts', 'tests/architecture/*.test.ts'],
          exclude: [...notOurs, '**/*.it.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'parts',
          // As with pure functions; each test has its own topics, databases and task queues.
          isolate: false,
          include: ['{services,shared,workflows}/**/*.it.test.ts'],
          exclude: notOurs,
          globalSetup,
        },
      },
      {
        test: {
          ...common,
          name: 'integration',
          include: ['tools/**/*.it.test.ts', 'tests/**/*.test.ts'],
          exclude: [...notOurs, 'tests/architecture/**'],
          globalSetup,
        },
      },
    ],
  },
})
