import { z } from 'zod'
import { type Databases, inEach } from '../databases.ts'
import { type Identified, identify } from './identify.ts'
import { waitingCommands } from './waiting.ts'

/** Fewer characters name too much to be meant. */
const leastCharacters = 4
const mostShown = 10

const found = z.object({ id: z.string() })

const select = `
  select request_id as id from steps where starts_with(request_id, $1)
  union select request_id from ${waitingCommands} where starts_with(request_id, $1)`
const selectOfOrders = `
  select order_id as id from orders where starts_with(order_id, $1)
  union select request_id from requests where starts_with(request_id, $1)
  union ${select}`

/** Throws, naming them, when the beginning of an id is that of several. */
export const onlyOne = (prefix: string, ids: readonly string[]): string | undefined => {
  if (ids.length < 2) return ids[0]
  const shown = ids.slice(0, mostShown).join(', ')
  const more = ids.length > mostShown ? ', …' : ''
  throw new Error(`expected the id of one order or request, ${prefix} begins several: ${shown}${more}`)
}

/** Whose id this is, or begins with this. Throws when it begins several. */
export const identifyByPrefix = async (databases: Databases, id: string): Promise<Identified | undefined> => {
  const known = await identify(databases, id)
  if (known !== undefined || id.length < leastCharacters) return known
  const rows = await inEach(databases, (database) =>
    database.rows(
      found,
      `select id from (${database.owner === 'order' ? selectOfOrders : select}) ids limit ${mostShown + 1}`,
      [id],
    ),
  )
  const whole = onlyOne(id, [...new Set(rows.map((row) => row.id))].toSorted())
  return whole === undefined ? undefined : identify(databases, whole)
}
