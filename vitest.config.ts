import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest begins first, so that no worker is left with it at the end. A fresh clone knows only sizes, which tell little. */
const longest = ['one-system', 'drill', 'on-call', 'chaos', 'ends'].map((name) => `/tests/e2e/${name}.test.ts`)
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((end) => moduleId.endsWith(end))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
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
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
