import {
  changeEndpoint,
  listDeliveries,
  listEndpoints,
  queueTest,
  redeliver,
} from '@countermand/console/store/webhooks.ts'
import { type Database, openDatabase } from '@countermand/database'
import { print, printJson } from '../../terminal/print.ts'
import { readConsole } from '../addresses.ts'
import { type ExitCode, wrongUse } from '../exit.ts'

interface Json {
  readonly json?: true
}

const onConsole = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
  const { databaseUrl } = await readConsole(process.env)
  const database = openDatabase(databaseUrl, { maxConnections: 1, onError: () => {} })
  return await work(database).finally(() => database.destroy())
}

type Endpoint = Awaited<ReturnType<typeof listEndpoints>>[number]

/** The one whose id begins so. */
const endpointIn = async (database: Database, beginning: string): Promise<Endpoint> => {
  const found = (await listEndpoints(database, null)).filter(({ id }) => id.startsWith(beginning))
  const [one] = found
  if (one === undefined || found.length > 1)
    throw new Error(`expected the beginning of one webhook's id, got ${beginning}: it is of ${found.length}`)
  return one
}

const faresOf = ({ disabled, failingSince }: Endpoint): string => {
  if (disabled !== undefined) return `disabled since ${disabled.at}: ${disabled.because}`
  return failingSince === undefined ? '' : `nothing has arrived since ${failingSince}`
}

/** Lists endpoints, and how each fares. */
export const runList = async ({ json }: Json): Promise<ExitCode> => {
  const endpoints = await onConsole((database) => listEndpoints(database, null))
  if (json) printJson(endpoints)
  else if (endpoints.length === 0) print('no webhooks: POST /v1/webhook-endpoints makes one')
  for (const each of json ? [] : endpoints) {
    const { id, url, merchants, waiting } = each
    const of = merchants?.join(',') ?? 'all merchants'
    print([id, url, of, `${waiting} waiting`, faresOf(each)].join('  ').trimEnd())
  }
  return 0
}

const shown = 20

/** Shows what an endpoint was told last, and what came of it. */
export const runDeliveries = async (endpoint: string, { json }: Json): Promise<ExitCode> => {
  const deliveries = await onConsole(async (database) => {
    const { id } = await endpointIn(database, endpoint)
    return await listDeliveries(database, id, { limit: shown })
  })
  if (json) printJson(deliveries)
  for (const { id, createdAt, type, orderId, state, attempts, status, error } of json ? [] : deliveries) {
    const came = error ?? (status === null ? '' : String(status))
    print([id, createdAt, type, orderId ?? '-', state, `tries ${attempts}`, came].join('  ').trimEnd())
  }
  return 0
}

/** Has an endpoint told something that says nothing. */
export const runTest = async (endpoint: string): Promise<ExitCode> => {
  const [id, delivery] = await onConsole(async (database) => {
    const found = await endpointIn(database, endpoint)
    return [found.id, await queueTest(database, found.id)]
  })
  print(`delivery ${delivery} waits: saga webhook deliveries ${id} tells what comes of it`)
  return 0
}

/** Has a delivery made again now. */
export const runRedeliver = async (endpoint: string, delivery: string): Promise<ExitCode> => {
  if (!/^\d{1,18}$/.test(delivery)) throw new Error(`expected the number of a delivery, got ${delivery}`)
  const done = await onConsole(async (database) => {
    const { id } = await endpointIn(database, endpoint)
    return await redeliver(database, id, delivery)
  })
  print(done ? `delivery ${delivery} is made again` : `expected a delivery of this webhook, got ${delivery}`)
  return done ? 0 : wrongUse
}

/** Has an endpoint that was disabled told again, with all that waits for it. */
export const runEnable = async (endpoint: string): Promise<ExitCode> => {
  const { id, waiting } = await onConsole(async (database) => {
    const found = await endpointIn(database, endpoint)
    await changeEndpoint(database, found.id, { enabled: true })
    return found
  })
  print(`${id} is told again, and of the ${waiting} that wait first`)
  return 0
}
