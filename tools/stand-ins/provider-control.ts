import { z } from 'zod'
import { type createFaults, plannedFault } from './faults.ts'

/** What every payment provider's stand-in is asked and told by its control port, whatever its provider's words are. */

const rewritten = z.object({
  id: z.string(),
  change: z.union([
    z.literal('gone'),
    z.object({ amount: z.int().exactOptional(), currency: z.string().exactOptional() }),
  ]),
})
export type Change = z.infer<typeof rewritten>['change']

/** Entries that nobody has asked for, or that are other than they were asked for, are what reconciliation is about. */
export const rewriteIn = <Refund extends { readonly id: string }>(
  refunds: Refund[],
  id: string,
  change: Change,
): void => {
  const at = refunds.findIndex((each) => each.id === id)
  const [found] = refunds.splice(at, at < 0 ? 0 : 1)
  if (found === undefined) throw new Error(`expected refund ${id}`)
  if (change !== 'gone') refunds.splice(at, 0, { ...found, ...change })
}

interface Provider {
  readonly book: { refunds(): readonly unknown[]; rewrite(id: string, change: Change): void }
  readonly requests: readonly unknown[]
  readonly posts: readonly unknown[]
  readonly faults: ReturnType<typeof createFaults>
  forgetKeys(): void
}

export const providerControl = ({ book, requests, posts, faults, forgetKeys }: Provider) => ({
  'GET /book': () => book.refunds(),
  'GET /requests': () => requests,
  'GET /posts': () => posts,
  'POST /faults': (body: unknown) => faults.plan(plannedFault.parse(body)),
  'DELETE /faults': () => faults.clear(),
  'POST /forget-keys': forgetKeys,
  'POST /rewritten': (body: unknown) => {
    const { id, change } = rewritten.parse(body)
    book.rewrite(id, change)
  },
})
