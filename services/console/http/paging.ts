import { timestamp } from '@countermand/contracts'
import { z } from 'zod'
import type { Page } from '../store/queries.ts'
import { Problem } from './problems.ts'

const placeInList = z.tuple([timestamp, z.string().max(128)])

/** What a call wants of a list. */
export const pageOf = ({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }): Page => {
  if (cursor === undefined) return { after: undefined, limit: limit + 1 }
  try {
    const [at, id] = placeInList.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { after: { at, id }, limit: limit + 1 }
  } catch {
    throw new Problem('invalid', 'expected the cursor of a page', {
      errors: [{ pointer: '/cursor', detail: 'expected the `next` of the page before' }],
    })
  }
}

/** One more than was asked for tells that there is another page. */
export const paged = <Item>(
  all: readonly Item[],
  limit: number,
  at: (item: Item) => readonly [at: string, id: string],
) => {
  const last = all.length > limit ? all[limit - 1] : undefined
  return {
    items: all.slice(0, limit),
    ...(last !== undefined && { next: Buffer.from(JSON.stringify(at(last))).toString('base64url') }),
  }
}
