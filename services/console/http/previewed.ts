import { createHash } from 'node:crypto'
import type { Initiator } from '@countermand/contracts'
import type { ShownOrder } from '../decide/order.ts'
import { type ApprovalOf, previewOf } from '../decide/preview.ts'
import { linesOf, type Wish } from '../pages/customer/wish.ts'
import type { Case } from '../state.ts'
import { Problem } from './problems.ts'

/** A cancellation that is looked over before it is asked for. */
export interface Reviewing {
  readonly orderId: string
  readonly order: ShownOrder
  readonly known: Case
  readonly wish: Wish
  /** What shops decide, by an order. */
  readonly approvalOf: ApprovalOf
  /** Whose wish it is; absent: the customer's. */
  readonly initiator?: Initiator['kind'] | undefined
}

/** What it would come to, and a digest of the figures: nobody agrees to others than they saw. */
export const previewFor = (reviewing: Reviewing, at: string) => {
  const { orderId, order, known, wish, approvalOf, initiator } = reviewing
  const asked = { lines: linesOf(order, wish), refundTo: wish.refundTo, initiator }
  const preview = previewOf(orderId, known, { ...asked, approvalOf, at })
  if (preview === undefined) throw new Problem('order-not-found', `order ${orderId} was not heard of yet`)
  // Days go by; what was agreed to is items, sums, where they go, and who decides.
  const { decideBy: _, ...decision } = { decideBy: '', ...preview.decision }
  const content = [preview.amount, preview.lines, preview.tenders.map(({ expectedBy: _, ...each }) => each), decision]
  const seen = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)
  return { preview, seen }
}
