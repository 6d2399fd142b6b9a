import { type RequestWithOrder, requestsWithOrders, requestsWithOrdersSince } from '@countermand/order/store/facts.ts'
import type { Facts } from '@countermand/policy/facts.ts'
import { factsOf, type OrderFacts, orderFacts, requestFacts } from '@countermand/policy/order-facts.ts'
import { identifyByPrefix } from '@countermand/workflows/operations/find/by-prefix.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { readAddresses } from '../addresses.ts'

/** A request that the order service keeps, as packs ask for it. */
export interface StoredFacts {
  readonly requestId: string
  readonly order: OrderFacts
  readonly known: Facts
}

const factsFrom = ({ requestId, request, placed, parcels }: RequestWithOrder, at?: string): StoredFacts => {
  const order = orderFacts.parse(placed)
  const news = parcels
    // When a parcel arrived that came with its order, nobody has told.
    .filter((parcel) => parcel.at !== undefined)
    .map((data) => ({ type: 'shipment.changed.v1', data }))
  return { requestId, order, known: factsOf(order, requestFacts.parse(request), news, at) }
}

const onDatabases = async <Result>(work: (databases: Databases) => Promise<Result>): Promise<Result> => {
  const databases = openDatabases((await readAddresses(process.env)).databaseUrls)
  try {
    return await work(databases)
  } finally {
    await databases.close()
  }
}

/** Of a request, or the latest request for an order. Throws where there is none. */
export const storedFacts = (id: string, at?: string): Promise<StoredFacts> =>
  onDatabases(async (databases) => {
    const found = await identifyByPrefix(databases, id)
    const requestId = found?.requestIds.at(-1)
    const [stored] = requestId === undefined ? [] : await requestsWithOrders(databases.order, [requestId])
    if (stored === undefined)
      throw new Error(`expected a request, or an order with one, that the order service has heard of, got ${id}`)
    return factsFrom(stored, at)
  })

/** Of all requests since then. */
export const storedSince = (since: Date): Promise<readonly StoredFacts[]> =>
  onDatabases(async ({ order }) =>
    (await requestsWithOrdersSince(order, since.toISOString())).map((each) => factsFrom(each)),
  )
