import { createHash } from 'node:crypto'
import type { ShownOrder } from '../decide/order.ts'
import { previewOf } from '../decide/preview.ts'
import { linesOf, type Wish } from '../pages/customer/wish.ts'
import type { Case } from '../state.ts'
import { Problem } from './problems.ts'

/** A cancellation that is looked over before it is asked for. */
export interface Reviewing {
  readonly orderId: string
  readonly order: ShownOrder
  readonly known: Case
  readonly wish: Wish
}

/** What it would come to, and a digest of the figures: nobody agrees to others than they saw. */
export const previewFor = ({ orderId, order, known, wish }: Reviewing, at: string) => {
  const preview = previewOf(orderId, known, { lines: linesOf(order, wish), refundTo: wish.refundTo, at })
  if (preview === undefined) throw new Problem('order-not-found', `order ${orderId} was not heard of yet`)
  // Days go by; what was agreed to is items, sums and where they go.
  const content = [preview.amount, preview.lines, preview.tenders.map(({ expectedBy: _, ...each }) => each)]
  const seen = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)
  return { preview, seen }
}
