import * as order from '@countermand/order/store/facts.ts'
import { idsBeginning } from '@countermand/service/facts.ts'
import { type Databases, inEach } from '../reach/databases.ts'
import { type Identified, identify } from './identify.ts'

/** Fewer characters name too much to be meant. */
const leastCharacters = 4
const mostShown = 10

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
  const most = mostShown + 1
  const ids = await Promise.all([
    order.idsBeginning(databases.order, id, most),
    inEach(databases, (database) => idsBeginning(database, id, most)),
  ])
  const whole = onlyOne(id, [...new Set(ids.flat())].toSorted())
  return whole === undefined ? undefined : identify(databases, whole)
}
