import type { OrderFacts } from '@countermand/order/store/facts.ts'
import { z } from 'zod'

/** What a change is about, as far as it can be read: what another release has written is told of all the same. */
const parts = z.object({
  lines: z
    .object({ added: z.array(z.unknown()), changed: z.array(z.unknown()), removed: z.array(z.unknown()) })
    .optional()
    .catch(undefined),
  tenders: z
    .object({ added: z.array(z.unknown()), changed: z.array(z.unknown()) })
    .optional()
    .catch(undefined),
})

const counted = (list: readonly unknown[] | undefined, one: string, what: string): string[] => {
  const count = list?.length ?? 0
  return count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'} ${what}`]
}

const inWords = (change: object | null): string => {
  const { lines, tenders } = parts.safeParse(change ?? {}).data ?? {}
  const told = [
    ...counted(lines?.added, 'line', 'added'),
    ...counted(lines?.changed, 'line', 'changed'),
    ...counted(lines?.removed, 'line', 'removed'),
    ...counted(tenders?.added, 'tender', 'added'),
    ...counted(tenders?.changed, 'tender', 'changed'),
  ]
  return told.length === 0 ? '' : `: ${told.join(', ')}`
}

/** The edits of an order that are not made: those that wait for a saga to let it go, and those that did not fit then. */
export const changeLines = (order: OrderFacts | null): string[] =>
  (order?.changes ?? []).flatMap(({ changeId, status, change }) => {
    if (status === 'waiting')
      return [`${changeId}  waits until request ${order?.heldBy ?? ''} has ended${inWords(change)}`]
    return status === 'refused' ? [`${changeId}  refused: it did not fit any more`] : []
  })
