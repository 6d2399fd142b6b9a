import { defineConfig } from 'vitest/config'

const common = {
  // The Temporal SDK's native part does not work in threads.
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 180_000,
  env: { NODE_ENV: 'test', LOG_LEVEL: 'warn', KAFKAJS_NO_PARTITIONER_WARNING: '1', TZ: 'UTC' },
  setupFiles: './tests/plain-output.ts',
} as const

const notOurs = ['**/node_modules/**']

/**
 * Two kinds of tests: `unit` runs in seconds and without the stack (`npx vitest --project unit`); `integration` gets real Kafka, Temporal
 * and PostgreSQL, started once by the global setup. Two files at a time: more of them starve the servers of a machine with 2 cores.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['{services,shared,tools,workflows}/**/*.test.ts', 'tests/architecture/*.test.ts'],
          exclude: [...notOurs, '**/*.it.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'integration',
          include: ['**/*.it.test.ts', 'tests/**/*.test.ts'],
          exclude: [...notOurs, 'tests/architecture/**'],
          globalSetup: ['tests/global-setup.ts'],
        },
      },
    ],
  },
})
