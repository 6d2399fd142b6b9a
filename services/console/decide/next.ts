import type { Cancellation } from '../state.ts'

/** What can be done next, as data for pages, mails and programs. */
export interface Next {
  readonly action: 'follow' | 'withdraw' | 'decide' | 'read-order' | 'ask' | 'ask-again' | 'contact'
  readonly label: string
  /** Absent: it is nothing that is done here. */
  readonly href?: string
}

export const hrefOf = (requestId: string): string => `/v1/cancellations/${encodeURIComponent(requestId)}`
export const orderHref = (orderId: string): string => `/v1/orders/${encodeURIComponent(orderId)}`

const askAgain = (orderId: string): Next => ({
  ...{ action: 'ask-again', label: 'Ask again', href: `${orderHref(orderId)}/cancellations` },
})
/** Of an order of which something is left. */
export const mayAsk = (orderId: string): Next[] => [
  { action: 'ask', label: 'Cancel it', href: `${orderHref(orderId)}/cancellations` },
]
const readOrder = (orderId: string): Next => ({
  action: 'read-order',
  label: 'See the order',
  href: orderHref(orderId),
})
const contact: Next = { action: 'contact', label: 'Contact the shop' }

/** As long as no money was asked for, it can be taken back. */
export const canWithdraw = ({ outcome, refunds }: Cancellation): boolean =>
  outcome === undefined && refunds.length === 0

const afterNo = ({ code, orderId }: Cancellation): Next[] => {
  switch (code) {
    case 'already-cancelled':
    case 'cancellation-in-progress':
    case 'quantity-exceeded':
      return [readOrder(orderId)]
    case 'order-not-found':
    case 'refund-refused':
      return [askAgain(orderId), contact]
    default:
      return [contact]
  }
}

/** Of a request as it is. */
export const nextOf = (now: Cancellation): Next[] => {
  const href = hrefOf(now.requestId)
  if (now.outcome === 'refused' || now.outcome === 'compensated') return afterNo(now)
  if (now.outcome === 'withdrawn') return [askAgain(now.orderId)]
  if (now.outcome !== undefined) return []
  return [
    { action: 'follow', label: 'Follow what happens', href: `${href}/events` },
    ...(canWithdraw(now) ? [{ action: 'withdraw', label: 'Keep my order', href: `${href}/withdrawal` } as const] : []),
    ...(now.awaiting === undefined
      ? []
      : [{ action: 'decide', label: 'Approve or reject', href: `${href}/decision` } as const]),
    ...(now.attention === undefined ? [] : [contact]),
  ]
}

/** Of what was turned down. */
export const nextAfter = (
  { code, requestId }: { readonly code: string; readonly requestId?: string | undefined },
  orderId: string | undefined,
): Next[] => {
  if (requestId !== undefined) return [{ action: 'follow', label: 'See that request', href: hrefOf(requestId) }]
  if (orderId === undefined) return []
  if (code === 'order-not-found') return [askAgain(orderId)]
  return code === 'quantity-exceeded' || code === 'order-exists' ? [readOrder(orderId)] : []
}
