import { type RunningService, type RunOptions, runService } from '@countermand/service'
import type { ServiceDefinition } from '@countermand/service/service.ts'
import { createLogger, createMetrics } from '@countermand/telemetry'
import type { Bus } from './bus.ts'
import type { TestDatabase } from './databases.ts'

/** Runs a service in this process, on a bus and a database of its own. It logs nothing; one that is stuck throws, which fails the run of the tests. */
export const startService = <State>(
  definition: RunOptions<State>['definition'],
  { bus, db }: { readonly bus: Pick<Bus, 'kafka'>; readonly db: Pick<TestDatabase, 'database'> },
  options: Pick<RunOptions<State>, 'orderPatience'> & Partial<RunOptions<State>>,
): Promise<RunningService<State>> =>
  runService({
    ...{ definition, database: db.database, kafka: bus.kafka },
    log: createLogger({ name: `${definition.name}-test`, level: 'silent' }),
    metrics: createMetrics(),
    onStuck: (reason) => {
      throw new Error(reason)
    },
    ...options,
  })

/** A small service on inventory's contracts that answers at once, and keeps nothing. */
export const answersAtOnce = <State = object>(): ServiceDefinition<'inventory', State> => ({
  name: 'inventory',
  store: { migrations: {}, load: async () => new Map(), save: async () => {}, heard: () => true },
  commands: {
    SetStockAside: { decide: () => ({ answer: { type: 'StockSetAside', lines: [] } }) },
    ReserveAgain: { decide: () => ({ answer: { type: 'NothingToUndo' } }) },
    ReturnStockToSale: { decide: () => ({ answer: { type: 'StockOnSale', lines: [] } }) },
  },
  queries: {},
  events: {},
  tasks: {},
})
